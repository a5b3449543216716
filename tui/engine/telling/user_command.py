"""A command of the user's config.toml: run without a shell, with a time limit, and never with our secrets."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress

from tui.clock import Clock
from tui.engine.secrets.ways import PREFIX
from tui.engine.wire.daemon import in_daemon, let_be
from tui.redact import redact
from tui.text import safe_line
from tui.wording import duration

_KEPT_BYTES = 4096
"""So much of what the command says is kept: the end, where the reason stands."""


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment that such a command gets."""
    return {name: value for name, value in environ.items() if not name.startswith(PREFIX)}


async def trouble_with(
    argv: Sequence[str], environ: Mapping[str, str], clock: Clock, seconds: float, log: logging.Logger
) -> str:
    """Run a command and say in a few words how it went wrong; empty when it did not.

    What it says goes to the log. After so many `seconds` it is killed, with all that it started. A cancelled wait
    leaves it to itself.
    """
    command = _Command(argv, environ)
    ended = asyncio.ensure_future(in_daemon(command.run, let_be, left=let_be))
    limit = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait((ended, limit), return_when=asyncio.FIRST_COMPLETED)
        in_time = ended.done()
        if not in_time:
            command.end()
        code, said = await ended
    except (OSError, ValueError) as error:
        return f"cannot be run: {getattr(error, 'strerror', None) or error}"
    finally:
        ended.cancel()
        limit.cancel()
    last = _last_line(said, log)
    if not in_time:
        return f"was ended after {duration(seconds)}"
    if not code:
        return ""
    return f"ended with {code}" + (f": {last}" if last else "")


class _Command:
    """One run of the command, in a thread that sees it to its end, whoever still waits for it."""

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str]) -> None:
        self._argv = argv
        self._environ = environ
        self._process: subprocess.Popen[bytes] | None = None
        self._is_to_end = False

    def run(self) -> tuple[int, bytes]:
        """Its exit code, and the end of what it said. Raises OSError or ValueError."""
        with tempfile.TemporaryFile() as said:  # not a pipe, so that it can go on without us
            self._process = subprocess.Popen(  # noqa: S603  # the user's own words, no shell
                self._argv,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                env=self._environ,
                start_new_session=True,
            )
            if self._is_to_end:
                self.end()
            code = self._process.wait()
            length = said.seek(0, os.SEEK_END)
            said.seek(max(length - _KEPT_BYTES, 0))
            return code, said.read()

    def end(self) -> None:
        """Kill it, and all that it started in its session's group; at once when it is only being started."""
        self._is_to_end = True
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _last_line(said: bytes, log: logging.Logger) -> str:
    """The last line of what was said, harmless and without secrets; all of it goes to the log."""
    lines = redact(said.decode("utf-8", "replace")).strip().splitlines()
    for line in lines:
        log.info("%s", safe_line(line))
    return safe_line(lines[-1], 200) if lines else ""
