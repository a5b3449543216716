"""The words of the command line (CONTRACT section 1): what stands before the command, and the commands' list."""

from __future__ import annotations

import argparse

import tui
from tui.cli.examples import OF_ALL, as_text
from tui.cli.job_words import add_job_commands
from tui.cli.setup_words import add_setup_commands
from tui.cli.words import Parser, speed

_DESCRIPTION = "One terminal board for long jobs that run in other people's clouds."


def make_parser() -> argparse.ArgumentParser:
    """The parser of the whole command."""
    parser = Parser(
        prog="jobdeck",
        description=_DESCRIPTION,
        epilog=as_text(OF_ALL),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"jobdeck {tui.__version__}")
    parser.add_argument("--demo", action="store_true", help="open the board on five emulated vendors")
    parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal, to select text")
    parser.add_argument("--to", metavar="DIR", dest="demo_to", help="with --demo: keep the downloads here")
    parser.add_argument("--record", metavar="FILE", help="write down what the board shows, to replay it later")
    parser.add_argument("--replay", metavar="FILE", help="open the board as it was recorded; asks nobody")
    parser.add_argument("--speed", metavar="N", type=speed, help="with --replay: so many times as fast, from 0.5 to 64")
    _add_everywhere(parser.add_argument_group("options that may stand behind a command too"), is_first=True)
    everywhere = Parser(add_help=False, allow_abbrev=False)
    _add_everywhere(everywhere, is_first=False)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands (none opens the board)")
    add_job_commands(commands, everywhere)
    add_setup_commands(commands, everywhere)
    return parser


def _add_everywhere(place: argparse._ActionsContainer, *, is_first: bool) -> None:
    """The options of every command; behind a command, where `--help` need not repeat them, they win."""

    def says(text: str) -> str:
        return text if is_first else argparse.SUPPRESS

    text = None if is_first else argparse.SUPPRESS
    flag = False if is_first else argparse.SUPPRESS
    place.add_argument(
        "--config", metavar="FILE", default=text, help=says("use this config.toml (also JOBDECK_CONFIG)")
    )
    place.add_argument("--state", metavar="DIR", default=text, help=says("use this state folder (also JOBDECK_STATE)"))
    place.add_argument("--read-only", action="store_true", default=flag, help=says("change nothing at a vendor"))
    place.add_argument(
        "-q", "--quiet", action="store_true", default=flag, help=says("on stderr nothing but errors, no progress")
    )
    place.add_argument(
        "-v", "--verbose", action="store_true", default=flag, help=says("each request to stderr: secrets masked, timed")
    )
    place.add_argument(
        "--log-file", metavar="FILE", default=text, help=says("write the log there, with each request in it")
    )
