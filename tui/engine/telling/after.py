"""The command of `downloads.after`: run for each file that was fetched, without a shell.

It is told of, and goes its own way: how it ends never changes a download, and when jobdeck ends it goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tui.clock import Clock
from tui.engine.board import Board, BoardChange
from tui.engine.telling.user_command import trouble_with, without_secrets
from tui.errors import StateError
from tui.model import Download, DownloadState
from tui.template import filled

_log = logging.getLogger("jobdeck.after")

LONGEST_SECONDS = 600.0
Notice = Callable[[str], None]


class AfterCommands:
    """Hears of downloads; runs the command once for each that this program brought to its end."""

    def __init__(
        self, words: Sequence[str], environ: Mapping[str, str], board: Board, clock: Clock, *, at_once: int
    ) -> None:
        self._words = words
        self._environ = without_secrets(environ)
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
        # Those that have ended may still be in the set, and a wait for them alone lets nobody take them out.
        while running := [task for task in self._tasks if not task.done()]:
            await asyncio.gather(*running, return_exceptions=True)

    async def close(self) -> None:
        """Leave those that run to themselves; those that still wait are not run."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, download: Download, path: Path) -> None:
        async with self._room:
            program = Path(self._words[0]).name
            trouble = await trouble_with(self._argv(download, path), self._environ, self._clock, LONGEST_SECONDS, _log)
        told = f"{download.name}: {program} {trouble}" if trouble else f"{download.name}: {program} is done with it"
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
