"""`jobdeck man`: the manual page, made from the same words as `--help`."""

from __future__ import annotations

import argparse
import re
from argparse import Namespace
from collections.abc import Iterable, Iterator

import tui
from tui.cli.examples import EXAMPLES, OF_ALL, Example
from tui.cli.parser import make_parser
from tui.errors import ExitCode

_EXIT_CODES = {
    ExitCode.OK: "fine; for watch and download: every job succeeded",
    ExitCode.FAILED: "a job failed, was cancelled or expired, or a file could not be had; "
    "a cancel or submit was refused; doctor found something broken",
    ExitCode.USAGE: "something on this side must be put right first: usage, config.toml, state folder, no terminal",
    ExitCode.CREDENTIALS: "credentials missing or refused, or no keyring to change",
    ExitCode.UNREACHABLE: "a vendor could not be reached, or the time ran out",
    ExitCode.HANGUP: "ended by SIGHUP",
    ExitCode.INTERRUPTED: "interrupted",
    ExitCode.TERMINATED: "ended by SIGTERM",
}
_ENVIRONMENT = {
    "JOBDECK_CONFIG, JOBDECK_STATE": "as --config and --state",
    "JOBDECK_SECRET_CONNECTION_FIELD": "a secret; first of all places where one is looked for",
    "NO_COLOR": "no colours are sent",
    "HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE": "as elsewhere",
}
_FILES = {
    "$XDG_CONFIG_HOME/jobdeck/config.toml": "the connections and settings (usually in ~/.config)",
    "$XDG_STATE_HOME/jobdeck/": "the board and its log (usually in ~/.local/state)",
}

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
"""What Python 3.14 puts into a usage line on a terminal."""


def run(options: Namespace) -> int:  # noqa: ARG001  # every command is called so
    """Print the page."""
    print("\n".join(page(make_parser())))
    return int(ExitCode.OK)


def page(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The page as lines of roff's man macros."""
    yield f'.TH JOBDECK 1 "" "jobdeck {tui.__version__}" "User Commands"'
    yield ".SH NAME"
    yield _text(f"jobdeck - {(parser.description or '').rstrip('.').lower()}")
    yield ".SH SYNOPSIS"
    yield r".B jobdeck"
    yield _text("[OPTION]... [COMMAND [WORD]...]")
    yield ".SH DESCRIPTION"
    yield _text(parser.description or "")
    yield _text("Without a command it opens the board.")
    yield ".SH OPTIONS"
    yield from _actions(parser)
    yield ".SH COMMANDS"
    for name, command in commands_of(parser):
        yield f".SS {_text(_usage(command))}"
        yield _text(command.description or "")
        yield from _actions(command)
        for below, one in commands_of(command):
            yield f".TP\n.B {_text(_usage(one))}"
            yield _text(f"{_help_of(command, below)}.")
        yield from _examples(EXAMPLES[name])
    yield ".SH EXIT STATUS"
    yield from _pairs((str(int(code)), says) for code, says in sorted(_EXIT_CODES.items()))
    yield ".SH ENVIRONMENT"
    yield from _pairs(_ENVIRONMENT.items())
    yield ".SH FILES"
    yield from _pairs(_FILES.items())
    yield ".SH EXAMPLES"
    yield from _examples(OF_ALL)


def commands_of(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """The commands below a parser, by their names."""
    for action in parser._actions:  # noqa: SLF001  # argparse has no other way in
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            yield from action.choices.items()


def _help_of(parser: argparse.ArgumentParser, name: str) -> str:
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            return next((one.help or "" for one in action._choices_actions if one.dest == name), "")  # noqa: SLF001
    return ""


def _usage(parser: argparse.ArgumentParser) -> str:
    plain = _COLOURS.sub("", parser.format_usage())
    return " ".join(plain.removeprefix("usage: ").replace("[-h] ", "").split())


def _actions(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:  # noqa: SLF001
        if action.help in (None, argparse.SUPPRESS) or action.dest in ("help", "command", "change"):
            continue
        metavar = action.metavar or (action.dest.upper() if action.nargs != 0 else "")
        value = " ".join(metavar) if isinstance(metavar, tuple) else metavar
        names = ", ".join(action.option_strings)
        yield f".TP\n.B {_text(' '.join(filter(None, (names, value))))}"
        yield _text(f"{action.help}.")


def _examples(examples: Iterable[Example]) -> Iterator[str]:
    for one in examples:
        yield f".PP\n.EX\n{_text(one.line)}\n.EE"
        yield _text(f"{one.says[0].upper()}{one.says[1:]}.")


def _pairs(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, says in pairs:
        yield f".TP\n.B {_text(name)}"
        yield _text(f"{says}.")


def _text(text: str) -> str:
    """Plain words for roff: its signs escaped, no line that begins with one."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-").replace("~", r"\(ti").replace("'", r"\(aq")
    return rf"\&{escaped}" if escaped[:1] in (".", "'") else escaped
