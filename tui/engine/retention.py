"""What becomes of jobs that are over: after a time they go from the board into the archive, and the file stays small.

The rules are `[retention]` of config.toml. Two programs on one file may both do it: each step is done once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from tui.clock import Clock
from tui.config import Retention
from tui.engine.board import Board
from tui.engine.storage.store import Store
from tui.errors import StateError
from tui.filter import Filter
from tui.model import Job, JobKey

FIRST_SECONDS = 20.0
"""So long after the start the board is left alone: there is enough to do then."""
EVERY_SECONDS = 3600.0
_PAUSE_SECONDS = 0.05
"""Between two steps, so that changes come in between."""
_AT_ONCE = 100
_PAGE = 200
MOST_FOUND = 1000
"""So many archived jobs are shown at once; the filter finds the others."""

_log = logging.getLogger("jobdeck.retention")


def rests_since(job: Job) -> datetime:
    """Since when nothing has moved a job that is over: its end, its last file, its way back from the archive."""
    moments = (
        job.tracked_at,
        job.changed_at,
        job.snapshot.finished_at if job.changed_at is None else None,
        job.begun_anew_at,
        job.brought_back_at,
        max((one.queued_at for one in job.downloads), default=None),
    )
    return max(moment for moment in moments if moment is not None)


def is_due(job: Job, now: datetime, after: timedelta) -> bool:
    """Whether a job has rested on the board for long enough."""
    moves = any(not one.state.is_over for one in job.downloads)
    return job.state.is_over and job.sent is None and not moves and now - rests_since(job) >= after


class Archivist:
    """Archives, finds in the archive, tidies up."""

    def __init__(self, board: Board, store: Store, clock: Clock, rules: Callable[[], Retention]) -> None:
        self._board = board
        self._store = store
        self._clock = clock
        self._rules = rules
        self._shown: frozenset[JobKey] = frozenset()
        self._wishes = 0
        self._one_look = asyncio.Lock()

    async def run(self) -> None:
        """Keep the rules until cancelled; a disk that takes nothing is tried again later."""
        wait = FIRST_SECONDS
        while True:
            await self._clock.sleep(wait)
            wait = EVERY_SECONDS
            try:
                await self.keep()
            except StateError as error:
                _log.warning("the board could not be tidied: %s", error.message)

    async def keep(self) -> None:
        """Do what is due now, in small steps. Raises StateError."""
        after = self._rules().archive_after
        if after is not None:
            now = self._clock.now()
            await self._archive([key for key, job in self._board.jobs.items() if is_due(job, now, after)])
        await self._tidy()

    async def archive(self, keys: Iterable[JobKey]) -> tuple[Job, ...]:
        """Archive these jobs now, as far as they are over and no file of theirs moves. Raises StateError."""
        jobs = (self._board.jobs.get(key) for key in keys)
        return await self._archive([job.key for job in jobs if job is not None and job.state.is_over])

    async def find(self, wanted: Filter, most: int = MOST_FOUND) -> tuple[Job, ...]:
        """Archived jobs that the filter fits, those archived last first. Raises StateError."""
        found: list[Job] = []
        before: int | None = None
        while len(found) < most:
            page = await self._store.archived(before, _PAGE)
            now = self._clock.now()
            found += (job for job in page.jobs if wanted.matches(job, now))
            before = page.before
            if before is None:
                break
        return tuple(found[:most])

    async def show(self, wanted: Filter | None) -> tuple[tuple[Job, ...], tuple[JobKey, ...]]:
        """What a screen has to show of the archive from now on, and which jobs no more: the last wish counts.

        Raises StateError.
        """
        self._wishes += 1
        mine = self._wishes
        async with self._one_look:
            if mine != self._wishes:
                return (), ()
            jobs = await self.find(wanted) if wanted is not None else ()
            before, self._shown = self._shown, frozenset(job.key for job in jobs)
            return jobs, tuple(key for key in before - self._shown if key not in self._board.jobs)

    async def _archive(self, keys: list[JobKey]) -> tuple[Job, ...]:
        archived: list[Job] = []
        for first in range(0, len(keys), _AT_ONCE):
            archived += await self._board.archive(keys[first : first + _AT_ONCE])
            await self._clock.sleep(_PAUSE_SECONDS if first + _AT_ONCE < len(keys) else 0)
        return tuple(archived)

    async def _tidy(self) -> None:
        forget = self._rules().forget_after
        while True:
            now = self._clock.now()
            done = await self._store.tidy(now, None if forget is None else now - forget)
            if done.has_room_to_give:
                await self._store.give_back_room()
            if done.is_done and not done.has_room_to_give:
                return
            await self._clock.sleep(_PAUSE_SECONDS)
