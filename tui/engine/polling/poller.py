"""Whom to ask: one task per connection, told by the board which jobs there are."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Iterator

from tui.engine.board import Board, BoardChange
from tui.engine.next_ask import NextAsk
from tui.engine.polling.connection_poller import ConnectionPoller
from tui.engine.polling.health import HealthListener
from tui.engine.polling.why_not_asked import NO_CONNECTION, NOT_ON_BOARD, why_connection_is_silent, why_job_is_not_asked
from tui.model import Condition, ConnectionHealth, Job, JobKey


class Poller:
    """The pollers of all connections; hears of jobs from the board."""

    def __init__(self, board: Board, tell: HealthListener) -> None:
        self._board = board
        self._tell = tell
        self._of: dict[str, ConnectionPoller] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._is_running = False
        self._only: Collection[JobKey] | None = None
        self._paused: set[str] = set()
        """Connections on which nothing is asked in this run, by the user's word."""
        self._wishes: dict[str, frozenset[JobKey]] = {}
        """What was still wished for on connections that were taken away: whoever takes their place asks for it."""

    @property
    def health(self) -> tuple[ConnectionHealth, ...]:
        """How each connection is doing."""
        return tuple(one.shown for one in self._of.values())

    def add(self, poller: ConnectionPoller) -> None:
        """Take a connection in; asked at once when the others are."""
        self._of[poller.connection.name] = poller
        poller.pause(on=poller.connection.name in self._paused)
        if self._is_running:
            name = poller.connection.name
            self._begin(poller, [job for job in self._board.jobs.values() if job.connection == name])

    def knows(self, name: str) -> bool:
        """Whether anybody asks on this connection."""
        return name in self._of

    def condition(self, name: str) -> Condition:
        """How a connection is doing; idle when nobody asks on it."""
        return self._of[name].health.condition if name in self._of else Condition.IDLE

    def is_paused(self, name: str) -> bool:
        """Whether the user has the asking on this connection paused."""
        return name in self._paused

    def may_ask(self, name: str) -> bool:
        """Whether a connection may be asked by itself now: it is neither paused nor held."""
        is_well = self.condition(name) in (Condition.IDLE, Condition.OK, Condition.SLOW)
        return is_well and self.knows(name) and not self.is_paused(name)

    def pause(self, name: str, *, on: bool) -> None:
        """Ask nothing on a connection, whatever becomes of its settings in this run; or ask on."""
        (self._paused.add if on else self._paused.discard)(name)
        if poller := self._of.get(name):
            poller.pause(on=on)

    def look_again(self) -> None:
        """The clock has jumped: see anew what is due."""
        for poller in self._of.values():
            poller.look_again()

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
            self._wishes[name] = poller.end()

    def start(self, only: Collection[JobKey] | None = None) -> None:
        """Begin to ask: for all jobs, or `only` for some, as they are at each time."""
        self._only = only
        self._is_running = True
        self._board.listen(self._hear)
        jobs: dict[str, list[Job]] = {}
        for job in self._board.jobs.values():
            jobs.setdefault(job.connection, []).append(job)
        for name, poller in self._of.items():
            self._begin(poller, jobs.get(name, ()))
            poller.keep_pause(jobs.get(name, ()))  # later on the quota knows of it, and whose account it is of

    def _begin(self, poller: ConnectionPoller, jobs: Iterable[Job]) -> None:
        name = poller.connection.name
        wishes = self._wishes.pop(name, frozenset())
        for job in self._mine(jobs):
            poller.hear(job)
            if job.key in wishes or job.is_given_up:  # its id or a setting may have been mended meanwhile
                poller.want(job)
        self._tell(poller.shown)
        self._tasks[name] = asyncio.create_task(poller.run(), name=f"poller {name}")

    async def refresh(self, jobs: Iterable[Job]) -> None:
        """Ask for these jobs as soon as their connections may."""
        by_connection: dict[str, list[Job]] = {}
        for job in jobs:
            by_connection.setdefault(job.connection, []).append(job)
        for name, some in by_connection.items():
            if poller := self._of.get(name):
                await poller.refresh(some)

    async def refreshed(self, jobs: Iterable[Job]) -> frozenset[JobKey]:
        """Wait as `ConnectionPoller.refreshed` does; returns those that are not asked now."""
        keys: dict[str, set[JobKey]] = {}
        for job in jobs:
            keys.setdefault(job.connection, set()).add(job.key)
        known = [(self._of[name], some) for name, some in keys.items() if name in self._of]
        nobodys = [some for name, some in keys.items() if name not in self._of]
        held = await asyncio.gather(*(poller.refreshed(some) for poller, some in known))
        return frozenset().union(*nobodys, *held)

    def plan(self, job: Job) -> NextAsk | None:
        """When a job that has just answered is asked next; None if nobody asks for it."""
        poller = self._of.get(job.connection)
        return poller.plan(job) if poller else None

    def hint(self, job: Job) -> None:
        """Somebody says that the job has moved: ask for it as soon as its connection may; nothing else is changed."""
        poller = self._of.get(job.connection)
        if poller and next(self._mine((job,)), None):
            poller.want(job)

    def why_not_asked(self, key: JobKey) -> str | None:
        """Why a job is not asked now, in a few words; None when it is, or is about to be. From any thread."""
        job = self._board.jobs.get(key)
        if job is None:
            return NOT_ON_BOARD
        poller = self._of.get(job.connection)
        return why_job_is_not_asked(poller.standing_of(job)) if poller else NO_CONNECTION

    def why_silent(self, name: str) -> str | None:
        """Why nothing is asked on a connection now; None when something is, or is about to be. From any thread."""
        poller = self._of.get(name)
        return why_connection_is_silent(poller.standing()) if poller else NO_CONNECTION

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
        together: set[int] = set()
        for one in change.rounds:
            name = next((job.connection for job in one.jobs.values()), "")
            if poller := self._of.get(name):
                poller.hear_together(one.jobs)
                together.update(map(id, one.jobs.values()))
        for job in self._mine(job for job in change.jobs if id(job) not in together):
            self._of[job.connection].hear(job)
        for key in change.gone:
            for poller in self._of.values():
                poller.drop(key)

    def _mine(self, jobs: Iterable[Job]) -> Iterator[Job]:
        for job in jobs:
            if job.connection in self._of and (self._only is None or job.key in self._only):
                yield job
