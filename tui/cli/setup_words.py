"""The words of the commands about connections, secrets, this machine and the shell."""

from __future__ import annotations

import argparse

from tui import vendors
from tui.cli.words import Commands, Parser, add_command, whole
from tui.emulators.switch_names import STORE, SWITCHES, VENDORS

SHELLS = ("bash", "zsh", "fish")
_JSON_ARRAY = "one JSON array"
_LAST_PORT = 65530
"""The five vendors and their store take six ports, one behind the other."""


def add_setup_commands(commands: Commands, everywhere: Parser) -> None:
    """Add connections, secret, doctor, mend, emulate, completion and man."""
    _add_connections(commands, everywhere)
    _add_secret(commands, everywhere)
    doctor = add_command(commands, "doctor", "what works here, what does not, what to do", everywhere)
    doctor.add_argument("--json", action="store_true", help="one JSON object")
    add_command(commands, "mend", "put a damaged board aside and keep what can be read of it", everywhere)
    _add_emulate(commands, everywhere)
    completion = add_command(commands, "completion", "print the completion of a shell", everywhere)
    completion.add_argument("shell", choices=SHELLS, metavar="SHELL", help=f"one of {', '.join(SHELLS)}")
    add_command(commands, "man", "print the manual page", everywhere)


def _add_connections(commands: Commands, everywhere: Parser) -> None:
    connections = add_command(
        commands,
        "connections",
        "list, add, edit, rename, test or remove connections",
        everywhere,
        "Secrets never stand in these words: jobdeck secret set plant password",
    )
    connections.add_argument("--json", action="store_true", help=_JSON_ARRAY)
    what = connections.add_subparsers(dest="change", metavar="WHAT", title="what (none lists them)")

    def one(name: str, says: str) -> Parser:
        made = what.add_parser(name, help=says, parents=[everywhere], allow_abbrev=False)
        made.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=_JSON_ARRAY)
        return made

    one("list", "the connections, and where their secrets come from")
    add = one("add", "write a new one to config.toml")
    add.add_argument("words", nargs="*", metavar="NAME KEY=VALUE", help="its name, and settings as in config.toml")
    # More words behind the vendor: argparse gives those behind an option to no positional.
    names = ", ".join(vendors.names())
    add.add_argument("--vendor", required=True, nargs="+", metavar=("VENDOR", "KEY=VALUE"), help=f"one of {names}")
    edit = one("edit", "change settings; KEY= takes one out")
    edit.add_argument("name", metavar="NAME")
    edit.add_argument("settings", nargs="+", metavar="KEY=VALUE")
    rename = one("rename", "give it another name; jobs and secrets move along")
    rename.add_argument("name", metavar="OLD")
    rename.add_argument("new", metavar="NEW")
    remove = one("remove", "take it out, and its secrets out of the keyring")
    remove.add_argument("name", metavar="NAME")
    remove.add_argument("--with-jobs", action="store_true", help="take its jobs off the board too")
    remove.add_argument("--yes", action="store_true", help="do not ask")
    test = one("test", "try it step by step; one login at most")
    test.add_argument("names", nargs="*", metavar="NAME", help="all connections when none is named")


def _add_secret(commands: Commands, everywhere: Parser) -> None:
    secret = add_command(commands, "secret", "store or remove a secret in the OS keyring", everywhere)
    changes = secret.add_subparsers(dest="change", metavar="CHANGE", required=True)
    for change, says in (("set", "store it: it is read without echo, or from stdin"), ("delete", "remove it")):
        one = changes.add_parser(change, help=says, parents=[everywhere], allow_abbrev=False)
        one.add_argument("connection", metavar="CONNECTION")
        one.add_argument("field", metavar="FIELD", help="e.g. password")
        one.add_argument("values", nargs="*", default=(), help=argparse.SUPPRESS)  # to be refused without being told
    unlock = "unlock the keyring: its password is read without echo, or from stdin"
    changes.add_parser("unlock", help=unlock, parents=[everywhere], allow_abbrev=False)


def _add_emulate(commands: Commands, everywhere: Parser) -> None:
    emulate = add_command(commands, "emulate", "serve the five emulated vendors on loopback", everywhere, _fault_help())
    emulate.add_argument(
        "--port", type=whole(0, _LAST_PORT), metavar="N", help="take N and the following free ports; 0: any"
    )
    emulate.add_argument("--seed", default="jobdeck", metavar="TEXT", help="another text makes other jobs")
    emulate.add_argument("--strict", action="store_true", help="JAGGAER answers 406 to a wrong Accept header")
    emulate.add_argument("--rsa", action="store_true", help="EnOS takes the tokens of the vendor's Python SDK too")
    emulate.add_argument("--bandwidth", type=whole(1, 10**12), metavar="BYTES", help="bytes a second for each download")
    emulate.add_argument(
        "--fault", action="append", default=[], metavar="NAME[=VENDOR]", help="misbehave; may be said again (see below)"
    )
    emulate.add_argument("--story", action="store_true", help="faults come and go by themselves, as in --demo")
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
