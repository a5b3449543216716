"""Whom to ask: one task per connection, told by the board which jobs there are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

from tui.engine.board import Board, BoardChange
from tui.engine.connection_poller import ConnectionPoller, HealthListener
from tui.engine.plan import NextAsk
from tui.model import Condition, ConnectionHealth, Job, JobKey


class Poller:
    """The pollers of all connections; hears of jobs from the board."""

    def __init__(self, board: Board, tell: HealthListener) -> None:
        self._board = board
        self._tell = tell
        self._of: dict[str, ConnectionPoller] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._is_running = False
        self._only: frozenset[JobKey] | None = None

    @property
    def health(self) -> tuple[ConnectionHealth, ...]:
        """How each connection is doing."""
        return tuple(one.health for one in self._of.values())

    def add(self, poller: ConnectionPoller) -> None:
        """Take a connection in; asked at once when the others are."""
        self._of[poller.connection.name] = poller
        if self._is_running:
            self._begin(poller)

    def knows(self, name: str) -> bool:
        """Whether anybody asks on this connection."""
        return name in self._of

    def condition(self, name: str) -> Condition:
        """How a connection is doing; idle when nobody asks on it."""
        return self._of[name].health.condition if name in self._of else Condition.IDLE

    async def revive(self, name: str) -> None:
        """Try a refused connection once more: its user says that something is better now."""
        if name in self._of:
            await self._of[name].refresh(())

    async def remove(self, name: str) -> None:
        """Ask no more on this connection; returns when nothing of it is under way."""
        poller, task = self._of.pop(name, None), self._tasks.pop(name, None)
        if task:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if poller:
            poller.end()

    def start(self, only: frozenset[JobKey] | None = None) -> None:
        """Begin to ask: for all jobs, or `only` for some."""
        self._only = only
        self._is_running = True
        self._board.listen(self._hear)
        for poller in self._of.values():
            self._begin(poller)

    def _begin(self, poller: ConnectionPoller) -> None:
        name = poller.connection.name
        for job in self._mine(self._board.jobs.values()):
            if job.connection != name:
                continue
            poller.watch(job)
            if job.is_given_up:  # its id or a setting may have been mended meanwhile
                poller.want(job)
        self._tell(poller.health)
        self._tasks[name] = asyncio.create_task(poller.run(), name=f"poller {name}")

    async def refresh(self, jobs: Iterable[Job]) -> None:
        """Ask for these jobs as soon as their connections may."""
        by_connection: dict[str, list[Job]] = {}
        for job in jobs:
            by_connection.setdefault(job.connection, []).append(job)
        for name, some in by_connection.items():
            if poller := self._of.get(name):
                await poller.refresh(some)

    def plan(self, job: Job) -> NextAsk | None:
        """When a job that has just answered is asked next; None if nobody asks for it."""
        poller = self._of.get(job.connection)
        return poller.plan(job) if poller else None

    def focus(self, key: JobKey | None) -> None:
        """The job under the user's cursor."""
        for poller in self._of.values():
            poller.focus(key)

    async def stop(self) -> None:
        """Ask no more."""
        self._is_running = False
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _hear(self, change: BoardChange) -> None:
        for job in self._mine(change.jobs):
            self._of[job.connection].watch(job)
        for key in change.gone:
            for poller in self._of.values():
                poller.drop(key)

    def _mine(self, jobs: Iterable[Job]) -> Iterator[Job]:
        for job in jobs:
            if job.connection in self._of and (self._only is None or job.key in self._only):
                yield job
