"""The command of `downloads.after`: run for each file that was fetched, without a shell.

It is told of, and goes its own way: how it ends never changes a download, and when jobdeck ends it goes on.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tui.clock import Clock
from tui.engine.board import Board, BoardChange
from tui.engine.daemon import in_daemon
from tui.errors import StateError
from tui.model import Download, DownloadState
from tui.redact import redact
from tui.template import filled
from tui.text import safe_line
from tui.wording import duration

_log = logging.getLogger("jobdeck.after")

LONGEST_SECONDS = 600.0
_KEPT_BYTES = 4096
"""So much of what the command says is kept: the end, where the reason stands."""
_SECRET = "JOBDECK_SECRET_"  # noqa: S105  # how the names of such variables begin

Notice = Callable[[str], None]


class AfterCommands:
    """Hears of downloads; runs the command once for each that this program brought to its end."""

    def __init__(
        self, words: Sequence[str], environ: Mapping[str, str], board: Board, clock: Clock, *, at_once: int
    ) -> None:
        self._words = words
        self._environ = {name: value for name, value in environ.items() if not name.startswith(_SECRET)}
        self._board = board
        self._clock = clock
        self._room = asyncio.Semaphore(at_once)
        self._tasks: set[asyncio.Task[None]] = set()
        self._listeners: list[Notice] = []

    def on_failure(self, listener: Notice) -> None:
        """Have `listener` told, in a sentence, of each command that did not end well."""
        self._listeners.append(listener)

    def hear(self, change: BoardChange, is_ours: Callable[[int], bool]) -> None:
        """Run the command for what is done now; what another program fetched is that one's."""
        if not self._words:
            return
        for one in change.downloads:
            if one.state is DownloadState.DONE and one.path is not None and is_ours(one.id):
                task = asyncio.create_task(self._run(one, one.path), name=f"after {one.id}")
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait for the end of all commands."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """Leave those that run to themselves; those that still wait are not run."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, download: Download, path: Path) -> None:
        async with self._room:
            program = Path(self._words[0]).name
            trouble = await self._trouble(self._argv(download, path))
        told = f"{download.output}: {program} {trouble}" if trouble else f"{download.output}: {program} is done with it"
        with suppress(StateError):  # the disk takes nothing: whoever looks is told all the same
            await self._board.note(download.job, "after", told)
        if trouble:
            for listener in self._listeners:
                listener(told)

    def _argv(self, download: Download, path: Path) -> list[str]:
        job = self._board.jobs.get(download.job)
        values = {
            "path": str(path),
            "job": download.job,
            "connection": download.job.partition(":")[0],
            "title": job.title if job else download.job,
            "output": download.output,
        }
        return [filled(word, values) for word in self._words]

    async def _trouble(self, argv: list[str]) -> str:
        """How the command went wrong; empty when it did not."""
        command = _Command(argv, self._environ)
        ended = asyncio.ensure_future(in_daemon(command.run, _nothing, left=_nothing))
        limit = asyncio.ensure_future(self._clock.sleep(LONGEST_SECONDS))
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
        last = _last_line(said)
        if not in_time:
            return f"was ended after {duration(LONGEST_SECONDS)}"
        if not code:
            return ""
        return f"ended with {code}" + (f": {last}" if last else "")


class _Command:
    """One run of the command, in a thread that sees it to its end, whoever still waits for it."""

    def __init__(self, argv: list[str], environ: Mapping[str, str]) -> None:
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


def _nothing() -> None:
    """The command is left to itself."""


def _last_line(said: bytes) -> str:
    """The last line of what was said, harmless and without secrets; all of it goes to the log."""
    lines = redact(said.decode("utf-8", "replace")).strip().splitlines()
    for line in lines:
        _log.info("%s", safe_line(line))
    return safe_line(lines[-1], 200) if lines else ""
