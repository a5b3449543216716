"""Asking at the user's word: a job's vendor, or, for a lost start, the vendor's list."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable

from tui.engine.asking import Asking
from tui.engine.board import Board
from tui.engine.facts.jobs import Refreshed
from tui.engine.lost.look_ups import LookUps
from tui.engine.lost.search import Search
from tui.engine.lost.verdict import is_found
from tui.engine.polling.poller import Poller
from tui.model import Condition, Job, JobKey, ProblemKind


class Asks:
    """Knows for each line of the board how it is asked for."""

    def __init__(self, board: Board, poller: Poller, asking: Asking, search: Search, look_ups: LookUps) -> None:
        self._board = board
        self._poller = poller
        self._asking = asking
        self._search = search
        self._look_ups = look_ups

    async def refresh(self, keys: Iterable[JobKey]) -> None:
        """Have these jobs asked for as soon as may be; a lost start is looked up. UsageError for none known."""
        await self._begin(self._known(keys))

    async def refreshed(self, keys: Iterable[JobKey]) -> Refreshed:
        """Do what `refresh` does, and wait for it.

        Cancelled, the asks are given up; the look-up of a lost start goes on, since its result belongs on its row.
        """
        jobs = self._known(keys)
        looks = [asyncio.shield(look) for look in await self._begin(jobs)]
        asks = self._poller.refreshed([job for job in jobs if not job.outcome_unknown])
        waiting, _ = await asyncio.gather(asks, asyncio.gather(*looks))
        after = [now for job in jobs if (now := self._now(job))]
        asked = [job for job in after if job.key not in waiting]
        return Refreshed(
            answered=tuple(job for job in asked if not job.problem),
            failed=tuple(job for job in asked if job.problem),
            waiting=tuple(job for job in after if job.key in waiting),
        )

    def _now(self, job: Job) -> Job | None:
        """The job as it is now, or what its lost start was found to be; None when it was taken off."""
        now = self._board.jobs.get(job.key)
        if now is None and job.outcome_unknown:
            return next((one for one in self._board.jobs.values() if is_found(one, job)), None)
        return now

    async def ask_now(self, key: JobKey) -> Job:
        """Ask for one job, or look a lost start up, and return it as it is then. Raises JobdeckError."""
        is_lost = self._board.job(key).outcome_unknown
        return await (self._search.look_up(key) if is_lost else self._asking.ask_until_sure(key))

    def hint(self, job: Job) -> None:
        """Somebody says that the job has moved."""
        if job.outcome_unknown:
            self._look_ups.want(job.key)
        else:
            self._poller.hint(job)

    async def revive(self, name: str) -> None:
        """Try a refused connection once more: its user says that something is better now."""
        await self._poller.revive(name)
        for key in self._refused_starts(name):
            self._look_ups.want(key)

    def is_refused(self, name: str) -> bool:
        """Whether a connection's login was refused, for jobs or for lost starts."""
        return self._poller.condition(name) is Condition.REFUSED or bool(self._refused_starts(name))

    def _known(self, keys: Iterable[JobKey]) -> list[Job]:
        """Those that are on the board: others may have been taken off a moment ago."""
        keys = tuple(keys)
        known = [job for key in keys if (job := self._board.jobs.get(key))]
        if keys and not known:
            self._board.job(keys[0])  # raises
        return known

    async def _begin(self, jobs: Collection[Job]) -> list[asyncio.Task[bool]]:
        looks = [self._look_ups.want(job.key) for job in jobs if job.outcome_unknown]
        await self._poller.refresh(jobs)
        return looks

    def _refused_starts(self, name: str) -> list[JobKey]:
        lines = (job for job in self._board.jobs.values() if job.outcome_unknown and job.connection == name)
        return [line.key for line in lines if line.problem and line.problem.kind is ProblemKind.AUTH]
