"""The command of `notify.command`: run when a job ends, once among all programs on one state folder.

The board starts this, `jobdeck watch` does not: its own end and exit code are what a script waits for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from tui.clock import Clock
from tui.config import Notify
from tui.engine.board import Board, BoardChange
from tui.engine.border import event_of
from tui.engine.storage.store import Store
from tui.engine.telling.notice import GATHER_SECONDS, Ends, Notice, notices, to_tell
from tui.engine.telling.user_command import trouble_with, without_secrets
from tui.errors import StateError
from tui.model import Job
from tui.template import filled
from tui.text import safe_line

_log = logging.getLogger("jobdeck.notify")

LONGEST_SECONDS = 30.0
_LONGEST_FIELD = 200

Tell = Callable[[str], None]


class NotifyCommand:
    """Hears of jobs; runs the command a little after ends, for each of a few or once for many."""

    def __init__(
        self, notify: Notify, environ: Mapping[str, str], board: Board, store: Store, clock: Clock, tell: Tell
    ) -> None:
        """`tell` hears how the command went wrong, once for each way."""
        self._notify = notify
        self._environ = without_secrets(environ)
        self._board = board
        self._store = store
        self._clock = clock
        self._tell = tell
        self._ends = Ends()
        self._waiting: list[Job] = []
        self._told: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """From now on run the command; what is over already is no news."""
        if self._notify.command:
            self._ends.ended(self._board.jobs.values())
            self._board.listen(self.hear)

    def hear(self, change: BoardChange) -> None:
        """Gather the jobs that have just ended."""
        self._waiting += to_tell(self._ends.ended(change.jobs), self._notify, self._clock.now())
        if self._waiting and self._task is None:
            self._task = asyncio.create_task(self._run(), name="notify")

    async def close(self) -> None:
        """Leave a command that runs to itself; what still waits is not told."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._clock.sleep(GATHER_SECONDS)
                jobs, self._waiting = self._waiting, []
                for notice in notices(await self._claimed(jobs)):
                    await self._send(notice)
        finally:
            self._task = None

    async def _claimed(self, jobs: list[Job]) -> list[Job]:
        """Those that no other program tells of; where the disk takes nothing, all: twice is better than never."""
        now = self._clock.now()
        wishes = [
            (
                event_of(now, job.key, "notified", f"the command is told: {job.state}"),
                job.begun_anew_at or job.tracked_at,
            )
            for job in jobs
        ]
        with suppress(StateError):
            is_ours = await self._store.claim(wishes)
            return [job for job, ours in zip(jobs, is_ours, strict=True) if ours]
        return jobs

    async def _send(self, notice: Notice) -> None:
        values = {name: safe_line(value, _LONGEST_FIELD) for name, value in asdict(notice).items()}
        argv = [_filled(word, values) for word in self._notify.command]
        trouble = await trouble_with(argv, self._environ, self._clock, LONGEST_SECONDS, _log)
        if trouble and trouble not in self._told:
            self._told.add(trouble)
            self._tell(f"notify.command: {Path(argv[0]).name} {trouble}")


def _filled(word: str, values: Mapping[str, str]) -> str:
    """A word of the command; no title makes an option of it."""
    made = filled(word, values)
    return f" {made}" if made.startswith("-") and not word.startswith("-") else made
