"""How `watch` is seen on a terminal: what has ended above, what goes on below it, drawn over in place."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TextIO

from tui.cli.columns import Column, cells, cut, lay_out
from tui.cli.job_text import note_text, progress_text, title_text
from tui.cli.paint import Paint
from tui.cli.progress import Underway
from tui.cli.redraw import Redrawn, Size
from tui.cli.terminal import wants_ascii
from tui.cli.watch_view import change_line, fetched_line
from tui.clock import Clock
from tui.engine.board import Board, BoardChange
from tui.filter import age_of
from tui.model import Job, JobKey, JobState
from tui.wording import coarse_age

_COLUMNS = (
    Column("STATE"),
    Column("KEY", least=16),
    Column("TITLE", least=8),
    Column("VENDOR SAYS", least=6, spare=3),
    Column("PROGRESS", spare=1),
    Column("AGE", spare=2),
    Column("SEEN"),
    Column("NOTE", least=6),
)
_STATE, _NOTE = 0, 7
_STEP = 1.0
"""Seconds between two looks at the clock; nothing is sent while the picture stays the same."""
_ORDER = (JobState.RUNNING, JobState.CANCELLING, JobState.WAITING, JobState.UNKNOWN)


class LiveView:
    """Jobs under way as a table that stays in its place, files that come below it; each end is a line above."""

    def __init__(
        self,
        board: Board,
        keys: AbstractSet[JobKey],
        clock: Clock,
        *,
        stream: TextIO = sys.stdout,
        size: Size = shutil.get_terminal_size,
        glyphs: str = "auto",
    ) -> None:
        self._board = board
        self._keys = keys
        self._clock = clock
        self._stream = stream
        is_ascii = wants_ascii(glyphs, os.environ, stream.encoding)
        self._ellipsis = "~" if is_ascii else "…"
        self._paint = Paint(stream)
        self._block = Redrawn(stream, size)
        self._underway = Underway(keys.__contains__, ascii=is_ascii)
        self._ended: set[JobKey] = set()
        self._is_on = False

    def begin(self, jobs: Iterable[Job]) -> None:
        """Nothing yet: the picture shows them."""

    def change(self, job: Job) -> None:
        """Draw it; an end has a line of its own."""
        if not job.state.is_over:
            self._draw()

    def end(self, job: Job) -> None:
        """Print how it ended, above what goes on."""
        self._ended.add(job.key)
        self._print(change_line(job, self._paint))

    def fetched(self, job: JobKey, path: Path) -> None:
        """Print where it is, above what goes on."""
        self._print(fetched_line(job, path))

    def say(self, text: str) -> None:
        """Words for people, above what goes on."""
        self._print(f"jobdeck: {text}")

    @contextmanager
    def follow(self) -> Iterator[None]:
        """Draw until the work is over; what is not over then stays on the screen as it was."""
        self._is_on = True
        self._board.listen(self._hear)
        loop = asyncio.get_running_loop()
        ticking = loop.create_task(self._tick(), name="live view")
        with suppress(NotImplementedError, RuntimeError, ValueError):  # not in the main thread
            loop.add_signal_handler(signal.SIGWINCH, self._draw)
        try:
            yield
        finally:
            ticking.cancel()
            with suppress(NotImplementedError, RuntimeError, ValueError):
                loop.remove_signal_handler(signal.SIGWINCH)
            self._underway = Underway(lambda _: False)
            self._draw()
            self._is_on = False
            self._block.leave()

    async def _tick(self) -> None:
        while True:
            self._draw()
            await self._clock.sleep(_STEP)

    def _hear(self, change: BoardChange) -> None:
        if self._underway.hear(change) or any(job.key in self._keys for job in change.jobs):
            self._draw()

    def _print(self, line: str) -> None:
        self._block.show([])
        self._stream.write(f"{line}\n")
        self._stream.flush()
        self._draw()

    def _draw(self) -> None:
        if not self._is_on:
            return
        columns, lines = self._block.size()
        files = self._underway.lines(columns, max(lines // 4, 1))
        jobs = self._left()
        room = max(lines - len(files) - 4, 1)
        plain, painted = self._table(jobs[:room], columns - 1)
        tail = [f"{len(jobs) - room} more"] if len(jobs) > room else []
        tail = [cut(line, columns - 1, self._ellipsis) for line in (*tail, *files, *self._sum(jobs))]
        self._block.show([*plain, *tail], [*painted, *tail])

    def _left(self) -> list[Job]:
        jobs = [job for key in self._keys - self._ended if (job := self._board.jobs.get(key)) is not None]
        going = [job for job in jobs if not job.state.is_over]
        return sorted(going, key=lambda job: (_ORDER.index(job.state), job.key))

    def _table(self, jobs: list[Job], room: int) -> tuple[list[str], list[str]]:
        """The table as it is measured, and as it is sent."""
        if not jobs:
            return [], []
        now = self._clock.now()
        rows = [_row(job, now) for job in jobs]

        def painted(row: int, column: int, text: str) -> str:
            if row < 0:
                return self._paint.heading(text)
            if column == _STATE:
                return self._paint.state(jobs[row].state, text)
            return self._paint.bad(text) if column == _NOTE and jobs[row].problem else text

        plain = list(lay_out(_COLUMNS, rows, room, ellipsis=self._ellipsis))
        if any(cells(line) > room for line in plain):  # narrower than its least columns
            plain = [cut(line, room, self._ellipsis) for line in plain]
            return plain, plain
        return plain, list(lay_out(_COLUMNS, rows, room, paint=painted, ellipsis=self._ellipsis))

    def _sum(self, jobs: list[Job]) -> list[str]:
        """How many stand how; nothing when none is left."""
        if not jobs:
            return []
        counted = Counter(job.state for job in jobs)
        told = [f"{counted[state]} {state}" for state in _ORDER if counted[state]]
        return [", ".join([*told, *([f"{len(self._ended)} over"] if self._ended else [])])]


def _row(job: Job, now: datetime) -> tuple[str, ...]:
    seen = coarse_age((now - job.checked_at).total_seconds()) if job.checked_at else "never"
    return (
        job.state.value,
        job.key,
        title_text(job),
        job.snapshot.vendor_status,
        progress_text(job),
        coarse_age(age_of(job, now)),
        f"{seen} stale" if job.is_stale(now) else seen,
        note_text(job),
    )
