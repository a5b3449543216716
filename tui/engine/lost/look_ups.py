"""When lost starts are looked for.

As soon as the reply is lost, or where the program that sent one has ended, when its reply must be lost; once more when
the vendor must have it, or an outage is over; from then on by the user's word.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine
from contextlib import suppress

from tui.clock import Clock
from tui.engine.board import Board, BoardChange
from tui.engine.lost.search import Search
from tui.engine.polling.once import PATIENCE
from tui.errors import JobdeckError
from tui.model import JobKey

_TICK_SECONDS = 2.0
"""Seconds until a start is looked at again that is not due, or whose connection may not be asked now."""


class LookUps:
    """Follows the lines of the board that stand for a lost start."""

    def __init__(self, board: Board, search: Search, clock: Clock, may_ask: Callable[[str], bool]) -> None:
        """`may_ask` says whether a connection may be asked by itself now: it is neither paused nor held."""
        self._board = board
        self._search = search
        self._clock = clock
        self._may_ask = may_ask
        self._only: Collection[JobKey] | None = None
        self._following: dict[JobKey, asyncio.Task[None]] = {}
        self._wanted: dict[JobKey, asyncio.Task[bool]] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        """One look at a time on each connection: its jobs are asked in between."""

    def start(self, only: Collection[JobKey] | None = None) -> None:
        """Look up what is due, from now on; all starts, or `only` some, as they are at each time."""
        self._only = only
        self._board.listen(self._hear)
        self._hear(BoardChange(jobs=tuple(self._board.jobs.values())))

    async def close(self) -> None:
        """Look up nothing more."""
        tasks = [*self._following.values(), *self._wanted.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def want(self, key: JobKey) -> asyncio.Task[bool]:
        """Look a start up now, beside all else, unless that is done already; what goes wrong stands on its line."""
        if key not in self._wanted:
            task = self._wanted[key] = asyncio.create_task(_quietly(self._search.look_up(key)))
            task.add_done_callback(lambda _: self._wanted.pop(key))
        return self._wanted[key]

    def _hear(self, change: BoardChange) -> None:
        for job in change.jobs:
            if not job.outcome_unknown or job.key in self._following or self._search.due_at(job) is None:
                continue
            if self._only is None or job.key in self._only:
                self._following[job.key] = asyncio.create_task(self._follow(job.key), name=f"look up {job.key}")

    async def _follow(self, key: JobKey) -> None:
        """Look a start up whenever that is due, until nothing more is to be found out by itself."""
        try:
            while (line := self._board.jobs.get(key)) is not None and self._search.due_at(line) is not None:
                if not self._is_due(key) or not self._may_ask(line.connection):
                    await self._clock.sleep(_TICK_SECONDS)
                elif not await _quietly(self._look_up_if_due(key, line.connection)):
                    await self._clock.sleep(PATIENCE)  # whatever it was, it is not tried in a circle
        finally:
            del self._following[key]

    async def _look_up_if_due(self, key: JobKey, connection: str) -> None:
        """Look a start up, unless another program on the same state folder has just begun to."""
        async with self._turns.setdefault(connection, asyncio.Lock()):
            await self._board.look()
            if self._is_due(key):
                await self._search.look_up(key)

    def _is_due(self, key: JobKey) -> bool:
        line = self._board.jobs.get(key)
        due = self._search.due_at(line) if line else None
        return due is not None and due <= self._clock.now()


async def _quietly(look: Coroutine[object, object, object]) -> bool:
    """Whether it went well; what did not stands on the line."""
    with suppress(JobdeckError):
        await look
        return True
    return False
