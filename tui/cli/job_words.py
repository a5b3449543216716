"""The words of the commands about jobs."""

from __future__ import annotations

from tui.cli.words import Commands, Parser, add_command, seconds

_JOB = "the job's key CONNECTION:ID, or the beginning of its id or title"


def add_job_commands(commands: Commands, everywhere: Parser) -> None:
    """Add track, list, show, watch, download, cancel, reset, untrack and submit."""
    _add_track(commands, everywhere)
    _add_list(commands, everywhere)
    _add_show(commands, everywhere)
    _add_watch(commands, everywhere)
    _add_download(commands, everywhere)
    _add_changes(commands, everywhere)
    _add_submit(commands, everywhere)


def _add_track(commands: Commands, everywhere: Parser) -> None:
    track = add_command(commands, "track", "put jobs on the board", everywhere)
    track.add_argument(
        "refs", nargs="+", metavar="REF", help="an id, URL, JSON reply or curl command; - reads many from stdin"
    )
    track.add_argument("-c", "--connection", metavar="CONNECTION", help="the connection it belongs to")
    track.add_argument("--title", metavar="TEXT", help="a title of your own; with one REF")
    track.add_argument("--output", action="append", default=[], metavar="OUT", help="attach an output (BUCKET/KEY)")
    track.add_argument("--expires-in", type=seconds, metavar="SECONDS", help="how long the status link lives")
    track.add_argument("--no-check", action="store_true", help="only write it down, ask nobody")


def _add_list(commands: Commands, everywhere: Parser) -> None:
    listing = add_command(commands, "list", "the jobs on the board", everywhere)
    form = listing.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON array")
    form.add_argument("--csv", action="store_true", help="comma-separated values with a header line")
    listing.takes_filter = True
    listing.add_argument("filter", nargs="*", metavar="FILTER", help="e.g. state:failed vendor:aspera 'age:>1h'")


def _add_show(commands: Commands, everywhere: Parser) -> None:
    show = add_command(commands, "show", "one job, whole", everywhere)
    show.add_argument("job", metavar="JOB", help=_JOB)
    show.add_argument("--json", action="store_true", help="one JSON object")
    show.add_argument("--report", action="store_true", help="the vendor's report instead")
    show.add_argument("--refresh", action="store_true", help="ask the vendor first")
    show.add_argument("--inside", metavar="OUTPUT", help="what is in this output: an archive's files")
    show.add_argument("--reveal", action="store_true", help="ask for links' tokens and show them")


def _add_watch(commands: Commands, everywhere: Parser) -> None:
    watch = add_command(commands, "watch", "follow jobs until all are over", everywhere)
    watch.add_argument("jobs", nargs="*", metavar="JOB", help=f"{_JOB}; all jobs when none is named")
    watch.add_argument("--json", action="store_true", help="one JSON object a line, one line a change of state")
    watch.add_argument("--timeout", type=seconds, metavar="SECONDS", help="give up after so long")
    watch.add_argument("--download", metavar="DIR", help="fetch the outputs of jobs as they succeed")


def _add_download(commands: Commands, everywhere: Parser) -> None:
    download = add_command(commands, "download", "fetch a job's outputs", everywhere)
    download.add_argument("job", metavar="JOB", help=_JOB)
    download.add_argument("--output", action="append", default=[], metavar="NAME", help="only this output")
    download.add_argument("--member", action="append", default=[], metavar="NAME", help="only this file of the archive")
    download.add_argument("--to", metavar="DIR", help="into this folder (default: downloads.folder)")
    download.add_argument("--extract", action="store_true", help="unpack archives into folders beside them")
    download.add_argument("--json", action="store_true", help="one JSON object per file")


def _add_changes(commands: Commands, everywhere: Parser) -> None:
    cancel = add_command(commands, "cancel", "tell the vendor to stop jobs", everywhere)
    reset = add_command(commands, "reset", "put jobs that are over back to their start (Aspera)", everywhere)
    untrack = add_command(commands, "untrack", "take jobs off the board", everywhere)
    for change in (cancel, reset, untrack):
        change.add_argument("jobs", nargs="+", metavar="JOB", help=_JOB)
        change.add_argument("--yes", action="store_true", help="do not ask")
    for change in (cancel, reset):
        change.add_argument("--wait", action="store_true", help="follow the jobs until they are over")


def _add_submit(commands: Commands, everywhere: Parser) -> None:
    submit = add_command(commands, "submit", "start a job at a vendor, exactly once, and track it", everywhere)
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
