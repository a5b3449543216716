"""The command's border: from words to an exit code, and from any error to one or two plain lines."""

from __future__ import annotations

import signal
import sys
import traceback
import warnings
from argparse import Namespace
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from tui.cli import garbage
from tui.cli.ending import end, heard
from tui.cli.parser import make_parser
from tui.cli.privacy import keep_memory_private
from tui.cli.standard_files import drop_stdout, fill_in, stdout_trouble
from tui.cli.terminal import in_lines, tell
from tui.errors import ExitCode, JobdeckError, UsageError
from tui.open_files import NO_MORE_FILES, RAISE_THE_LIMIT, is_out_of_files

# The module of each command, imported only when it is run: `--version` and `--help` load none of them.
_MODULES = {
    None: "board",
    "track": "track",
    "list": "listing",
    "show": "show",
    "watch": "watch",
    "download": "download",
    "cancel": "changes",
    "reset": "changes",
    "untrack": "changes",
    "submit": "submit",
    "connections": "connections",
    "secret": "secret",
    "doctor": "doctor",
    "mend": "mend",
    "emulate": "emulate",
    "completion": "completion",
    "man": "manual",
}
_READS_NO_CONFIG = frozenset({"doctor", "emulate", "completion", "man"})
"""Commands that need no config file, or that tell in their own words that there is none."""
_COMPLETE = "__complete"
"""The hidden command that a shell's completion asks; its words are not the parser's."""


def run(words: list[str]) -> int:
    """Run one command; returns its exit code."""
    for number in heard():
        if number is not signal.SIGINT:  # Python's own handler makes a KeyboardInterrupt of it
            signal.signal(number, end)
    fill_in()
    garbage.look_rarely()
    try:
        code = _run(words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        drop_stdout()
        return int(ExitCode.OK)
    except Exception as error:  # noqa: BLE001  # the border: nobody ever sees a traceback with what is in it
        return int(_told(error))
    return code


def _run(words: list[str]) -> int:
    if words[:1] == [_COMPLETE]:
        from tui.cli.complete import run as complete  # noqa: PLC0415

        return complete(words[1:])
    options = make_parser().parse_args(words)
    if options.verbose and not options.command:
        raise UsageError("--verbose would write over the board", hint="send the requests to a file: --log-file FILE")
    if options.demo and options.command:
        raise UsageError("--demo opens the board; it goes with no command")
    if options.demo_to and not options.demo:
        raise UsageError("--to goes with --demo, or behind the download command")
    _refuse_mixed(options)
    if options.command != "emulate":
        keep_memory_private()
    if options.config and not (options.demo or options.replay is not None) and not _can_do_without_config(options):
        _refuse_missing(options.config)
    module = "demo" if options.demo else "replay" if options.replay is not None else _MODULES[options.command]
    command: Callable[[Namespace], int] = import_module(f"tui.cli.{module}").run
    return command(options)


def _refuse_mixed(options: Namespace) -> None:
    """Raise UsageError for options of a recording that do not go with the others."""
    named = [name for name in ("record", "replay") if getattr(options, name) is not None]
    if options.command and named:
        raise UsageError(f"--{named[0]} opens the board; it goes with no command")
    if options.replay is not None and (options.demo or "record" in named):
        raise UsageError(f"--replay does not go with --{'demo' if options.demo else 'record'}")
    if options.speed is not None and options.replay is None:
        raise UsageError("--speed goes with --replay")


def _can_do_without_config(options: Namespace) -> bool:
    adds = options.command == "connections" and options.change == "add"
    return adds or options.command in _READS_NO_CONFIG


def _refuse_missing(named: str) -> None:
    """Raise UsageError where there is no such config file: without `--config` there need be none."""
    from tui.paths import find_paths  # noqa: PLC0415  # only where one is named

    path = find_paths(named).config
    try:
        path.stat()
    except FileNotFoundError:
        hint = "mend the name, or make the file: jobdeck connections add NAME --vendor VENDOR … --config FILE"
        raise UsageError(f"there is no config file {path}", hint=hint) from None
    except OSError:
        return  # told by whoever reads it


def _told(error: Exception) -> ExitCode:
    """Tell of an error in plain lines; the code that the command ends with."""
    ours = error if isinstance(error, JobdeckError) else None
    if is_out_of_files(error) and (ours is None or ours.exit_code is ExitCode.USAGE):
        sys.unraisablehook = _say_nothing  # an event loop that was not made whole complains when it is cleared away
        warnings.simplefilter("ignore")
        tell(f"jobdeck: {NO_MORE_FILES}\n  {RAISE_THE_LIMIT}, then try again")
        return ExitCode.USAGE
    if ours:
        tell(in_lines(ours))
        return ours.exit_code
    if trouble := stdout_trouble(error):
        drop_stdout()
        tell(f"jobdeck: the answer cannot be written: {trouble}\n  send it to another file, or make room")
        return ExitCode.FAILED
    _log_fault(error)
    where = traceback.extract_tb(error.__traceback__)[-1]
    tell(f"jobdeck: a fault in jobdeck itself: {type(error).__name__} in {Path(where.filename).name}:{where.lineno}")
    tell("  please report it with what you did; jobdeck.log in the state folder may say more")
    return ExitCode.FAILED


def _say_nothing(_: object) -> None:
    """For what nobody can do anything about."""


def _log_fault(error: Exception) -> None:
    """Write the traceback to the log, which masks secrets; where none is open it is lost."""
    import logging  # noqa: PLC0415  # a command that goes well without it does not load it

    if logging.getLogger().hasHandlers():
        logging.getLogger(__name__).critical("the command ended", exc_info=error)
