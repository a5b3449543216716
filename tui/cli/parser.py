"""The words of the command line (CONTRACT section 1)."""

from __future__ import annotations

import argparse
from typing import TypeAlias

import tui
from tui.emulators.switch_names import STORE, SWITCHES, VENDORS

_DESCRIPTION = "One terminal board for long jobs that run in other people's clouds."
_EPILOG = """\
examples:
  jobdeck --demo                              the board on five emulated vendors
  jobdeck track -c plant 0c5b9c1e-77aa-4f0e   put a job on the board
  jobdeck watch --json --timeout 600          follow all jobs until they are over
  jobdeck download plant:0c5b --to results    fetch a job's outputs
"""
_CONNECTIONS = """\
examples:
  jobdeck connections add plant --vendor octoplant base_url=https://plant.example:64023 username=ops
  jobdeck connections edit plant ca_file=~/plant.pem proxy=
  jobdeck connections test plant
Secrets never stand in these words: jobdeck secret set plant password
"""
_JOB = "the job's key CONNECTION:ID, or the beginning of its id or title"


def make_parser() -> argparse.ArgumentParser:
    """The parser of the whole command."""
    parser = argparse.ArgumentParser(
        prog="jobdeck",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"jobdeck {tui.__version__}")
    parser.add_argument("--config", metavar="FILE", help="use this config.toml (also JOBDECK_CONFIG)")
    parser.add_argument("--state", metavar="DIR", help="use this state folder (also JOBDECK_STATE)")
    parser.add_argument("--read-only", action="store_true", help="change nothing at a vendor")
    parser.add_argument("--demo", action="store_true", help="open the board on five emulated vendors")
    parser.add_argument("--to", metavar="DIR", dest="demo_to", help="with --demo: keep the downloads here")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands (none opens the board)")
    _add_track(commands)
    _add_list(commands)
    _add_show(commands)
    _add_watch(commands)
    _add_download(commands)
    _add_changes(commands)
    _add_submit(commands)
    _add_connections(commands)
    _add_secret(commands)
    _add_doctor(commands)
    _add_emulate(commands)
    return parser


_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  # it has no public name


def _add_track(commands: _Commands) -> None:
    track = commands.add_parser("track", help="put jobs on the board", allow_abbrev=False)
    track.add_argument(
        "refs", nargs="+", metavar="REF", help="an id, URL, JSON reply or curl command; - reads many from stdin"
    )
    track.add_argument("-c", "--connection", metavar="CONNECTION", help="the connection it belongs to")
    track.add_argument("--title", metavar="TEXT", help="a title of your own; with one REF")
    track.add_argument("--output", action="append", default=[], metavar="OUT", help="attach an output (BUCKET/KEY)")
    track.add_argument("--expires-in", type=float, metavar="SECONDS", help="how long the status link lives")
    track.add_argument("--no-check", action="store_true", help="only write it down, ask nobody")


def _add_list(commands: _Commands) -> None:
    listing = commands.add_parser("list", help="the jobs on the board", allow_abbrev=False)
    listing.add_argument("--json", action="store_true", help="one JSON array")
    listing.add_argument("filter", nargs="*", metavar="FILTER", help="e.g. state:failed vendor:aspera age:>1h")


def _add_show(commands: _Commands) -> None:
    show = commands.add_parser("show", help="one job, whole", allow_abbrev=False)
    show.add_argument("job", metavar="JOB", help=_JOB)
    show.add_argument("--json", action="store_true", help="one JSON object")
    show.add_argument("--report", action="store_true", help="the vendor's report instead")
    show.add_argument("--refresh", action="store_true", help="ask the vendor first")
    show.add_argument("--inside", metavar="OUTPUT", help="what is in this output: an archive's files")
    show.add_argument("--reveal", action="store_true", help="ask for links' tokens and show them")


def _add_watch(commands: _Commands) -> None:
    watch = commands.add_parser("watch", help="follow jobs until all are over", allow_abbrev=False)
    watch.add_argument("jobs", nargs="*", metavar="JOB", help=f"{_JOB}; all jobs when none is named")
    watch.add_argument("--json", action="store_true", help="one JSON object a line, one line a change of state")
    watch.add_argument("--timeout", type=float, metavar="SECONDS", help="give up after so long")
    watch.add_argument("--download", metavar="DIR", help="fetch the outputs of jobs as they succeed")


def _add_download(commands: _Commands) -> None:
    download = commands.add_parser("download", help="fetch a job's outputs", allow_abbrev=False)
    download.add_argument("job", metavar="JOB", help=_JOB)
    download.add_argument("--output", action="append", default=[], metavar="NAME", help="only this output")
    download.add_argument("--member", action="append", default=[], metavar="NAME", help="only this file of the archive")
    download.add_argument("--to", metavar="DIR", help="into this folder (default: downloads.folder)")
    download.add_argument("--extract", action="store_true", help="unpack archives into folders beside them")
    download.add_argument("--json", action="store_true", help="one JSON object per file")


def _add_changes(commands: _Commands) -> None:
    cancel = commands.add_parser("cancel", help="tell the vendor to stop jobs", allow_abbrev=False)
    cancel.add_argument("jobs", nargs="+", metavar="JOB", help=_JOB)
    cancel.add_argument("--yes", action="store_true", help="do not ask")
    cancel.add_argument("--wait", action="store_true", help="follow the jobs until they are over")
    reset = commands.add_parser("reset", help="put jobs that are over back to their start", allow_abbrev=False)
    reset.add_argument("jobs", nargs="+", metavar="JOB", help=_JOB)
    reset.add_argument("--yes", action="store_true", help="do not ask")
    reset.add_argument("--wait", action="store_true", help="follow the jobs until they are over")
    untrack = commands.add_parser("untrack", help="take jobs off the board", allow_abbrev=False)
    untrack.add_argument("jobs", nargs="+", metavar="JOB", help=_JOB)
    untrack.add_argument("--yes", action="store_true", help="do not ask")


def _add_submit(commands: _Commands) -> None:
    submit = commands.add_parser("submit", help="start a job at a vendor and track it", allow_abbrev=False)
    submit.add_argument("-c", "--connection", required=True, metavar="CONNECTION", help="where to start it")
    submit.add_argument("file", metavar="FILE|-", help="the request body (JSON); JAGGAER: the URL of an /async call")
    submit.add_argument(
        "--place",
        "--channel",
        dest="place",
        metavar="PLACE",
        help="where it goes to, if not in the body; EnOS: a channel",
    )
    submit.add_argument("--title", metavar="TEXT", help="a title of your own")


def _add_connections(commands: _Commands) -> None:
    connections = commands.add_parser(
        "connections",
        help="list, add, edit, rename, test or remove connections",
        epilog=_CONNECTIONS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    what = connections.add_subparsers(dest="change", metavar="WHAT", title="what (none lists them)")
    json_help = "one JSON array"
    connections.add_argument("--json", action="store_true", help=json_help)
    listing = what.add_parser("list", help="the connections, and where their secrets come from", allow_abbrev=False)
    add = what.add_parser("add", help="write a new one to config.toml", allow_abbrev=False)
    add.add_argument("words", nargs="*", metavar="NAME KEY=VALUE", help="its name, and settings as in config.toml")
    # More words behind the vendor: argparse gives those behind an option to no positional.
    add.add_argument(
        "--vendor", required=True, nargs="+", metavar=("VENDOR", "KEY=VALUE"), help=f"one of {', '.join(VENDORS)}"
    )
    edit = what.add_parser("edit", help="change settings; KEY= takes one out", allow_abbrev=False)
    edit.add_argument("name", metavar="NAME")
    edit.add_argument("settings", nargs="+", metavar="KEY=VALUE")
    rename = what.add_parser("rename", help="give it another name; jobs and secrets move along", allow_abbrev=False)
    rename.add_argument("name", metavar="OLD")
    rename.add_argument("new", metavar="NEW")
    remove = what.add_parser("remove", help="take it out, and its secrets out of the keyring", allow_abbrev=False)
    remove.add_argument("name", metavar="NAME")
    remove.add_argument("--with-jobs", action="store_true", help="take its jobs off the board too")
    remove.add_argument("--yes", action="store_true", help="do not ask")
    test = what.add_parser("test", help="try it step by step; one login at most", allow_abbrev=False)
    test.add_argument("names", nargs="*", metavar="NAME", help="all connections when none is named")
    for one in (listing, add, edit, rename, remove, test):
        one.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=json_help)


def _add_secret(commands: _Commands) -> None:
    secret = commands.add_parser("secret", help="store or remove a secret in the OS keyring", allow_abbrev=False)
    changes = secret.add_subparsers(dest="change", metavar="CHANGE", required=True)
    for change, says in (("set", "store it: it is read without echo, or from stdin"), ("delete", "remove it")):
        one = changes.add_parser(change, help=says, allow_abbrev=False)
        one.add_argument("connection", metavar="CONNECTION")
        one.add_argument("field", metavar="FIELD", help="e.g. password")
    changes.add_parser("unlock", help="unlock the keyring: its password is read without echo, or from stdin")


def _add_doctor(commands: _Commands) -> None:
    doctor = commands.add_parser("doctor", help="what works here, what does not, what to do", allow_abbrev=False)
    doctor.add_argument("--json", action="store_true", help="one JSON object")


def _add_emulate(commands: _Commands) -> None:
    emulate = commands.add_parser(
        "emulate",
        help="serve the five emulated vendors on loopback",
        epilog=_fault_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    emulate.add_argument("--port", type=int, metavar="N", help="take N and the following free ports")
    emulate.add_argument("--seed", default="jobdeck", metavar="TEXT", help="another text makes other jobs")
    emulate.add_argument("--strict", action="store_true", help="JAGGAER answers 406 to a wrong Accept header")
    emulate.add_argument("--rsa", action="store_true", help="EnOS takes the tokens of the vendor's Python SDK too")
    emulate.add_argument("--bandwidth", type=int, metavar="BYTES", help="bytes a second for each download")
    emulate.add_argument(
        "--fault", action="append", default=[], metavar="NAME[=VENDOR]", help="misbehave; may be said again (see below)"
    )
    emulate.add_argument("--json", action="store_true", help="describe everything in one JSON line first")
    emulate.add_argument("--until-stdin-ends", action="store_true", help=argparse.SUPPRESS)


def _fault_help() -> str:
    lines = [f"  {name:<15} {switch.says}" for name, switch in SWITCHES.items()]
    return "\n".join(
        [
            "faults (SIGUSR1 takes them away, and puts them back):",
            *lines,
            f"VENDOR is one of {', '.join(VENDORS)}; {STORE} is the host of their results.",
            "Without a VENDOR all five misbehave.",
        ]
    )
