"""When to ask on one connection: picks the jobs that are due, asks, and plans their next ask.

A job's due time is its `next_check_at` on the board and nothing else, so what another program asked on the same state
folder, or what was planned before a restart, is not asked again.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from tui.clock import Clock
from tui.engine.board import Board
from tui.engine.border import inert_error
from tui.engine.plan import NextAsk, plan_next
from tui.engine.schedule import wait_after_failure, wait_after_throttling
from tui.engine.sessions import LiveSession, Sessions
from tui.errors import AskError, ConfigError, CredentialsError, StateError
from tui.model import Condition, Connection, ConnectionHealth, Job, JobKey, ProblemKind, Reference, Snapshot
from tui.vendors.contract import AsksMany, Vendor

AT_ONCE = 4
"""Asks under way at the same time on one connection, where a vendor has no call for many jobs."""
DOWN_AFTER = 3
"""So many failures in a row on a connection make it "down": then one probe is sent, not one ask per job."""
SLOW_SECONDS = 5.0
STORE_RETRY_SECONDS = 5.0

_BROKEN = frozenset({ProblemKind.UNREACHABLE, ProblemKind.TLS})

HealthListener = Callable[[ConnectionHealth], None]


class ConnectionPoller:
    """Asks for the jobs of one connection."""

    def __init__(
        self,
        connection: Connection,
        vendor: Vendor,
        board: Board,
        sessions: Sessions,
        clock: Clock,
        rng: random.Random,
        tell: HealthListener,
    ) -> None:
        self.connection = connection
        self._vendor = vendor
        self._board = board
        self._sessions = sessions
        self._clock = clock
        self._rng = rng
        self._tell = tell
        self._jobs: dict[JobKey, Job] = {}
        self._wanted: set[JobKey] = set()
        self._focused: JobKey | None = None
        self._failures_of: dict[JobKey, int] = {}
        self._failures = 0
        self._held_until = -math.inf
        self._wake = asyncio.Event()
        self.health = ConnectionHealth(
            name=connection.name,
            vendor=connection.vendor,
            label=connection.label or vendor.label,
            insecure=connection.insecure,
            plain_http=connection.base_url.startswith("http://"),
        )

    def watch(self, job: Job) -> None:
        """Take a job, or its newer version, into the schedule."""
        if job.outcome_unknown or (job.state.is_over and job.key not in self._wanted):
            self._jobs.pop(job.key, None)
        else:
            self._jobs[job.key] = job
        self._wake.set()

    def drop(self, key: JobKey) -> None:
        """Ask for this job no more."""
        self._jobs.pop(key, None)
        self._wanted.discard(key)
        self._failures_of.pop(key, None)

    def focus(self, key: JobKey | None) -> None:
        """The job under the user's cursor: first in line, and asked more often."""
        self._focused = key

    async def refresh(self, jobs: Iterable[Job]) -> None:
        """Ask for these jobs now, finished ones too; a refused login is tried once more."""
        for job in jobs:
            if not job.outcome_unknown:
                self._wanted.add(job.key)
                self._jobs[job.key] = job
        if self.health.condition is Condition.REFUSED:
            await self._sessions.forget(self.connection.name)
            self._set_health(Condition.IDLE)
        if self.health.condition is not Condition.THROTTLED:
            self._held_until = -math.inf
        self._wake.set()

    async def run(self) -> None:
        """Ask for ever; ends by cancellation."""
        while True:
            self._wake.clear()
            wait = self._seconds_until_due()
            if wait > 0:
                await self._rest(wait)
                continue
            try:
                await self._ask(self._pick())
            except StateError as error:  # e.g. a full disk: say so, and go on when there is room again
                self._set_health(Condition.DOWN, message=f"{error.message}; {error.hint}")
                await self._clock.sleep(STORE_RETRY_SECONDS)

    def _seconds_until_due(self) -> float:
        if not self._jobs:
            return math.inf
        now = self._clock.now()
        soonest = min(self._seconds_to(job, now) for job in self._jobs.values())
        return max(soonest, self._held_until - self._clock.monotonic())

    def _seconds_to(self, job: Job, now: datetime) -> float:
        if job.key in self._wanted or job.next_check_at is None:
            return 0.0
        return (job.next_check_at - now).total_seconds()

    def _pick(self) -> list[Job]:
        now = self._clock.now()
        due = [job for job in self._jobs.values() if self._seconds_to(job, now) <= 0]
        due.sort(key=lambda job: (job.key != self._focused, job.key not in self._wanted, self._seconds_to(job, now)))
        if self._failures >= DOWN_AFTER:
            return due[:1]
        return due[: self._vendor.most_at_once if isinstance(self._vendor, AsksMany) else AT_ONCE]

    async def _rest(self, wait: float) -> None:
        waiting: list[asyncio.Task[object]] = [asyncio.create_task(self._wake.wait())]
        if wait < math.inf:
            waiting.append(asyncio.create_task(self._clock.sleep(wait)))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    async def _ask(self, jobs: list[Job]) -> None:
        try:
            session = await self._sessions.of(self.connection)
        except (CredentialsError, ConfigError) as error:
            await self._refuse(AskError(ProblemKind.AUTH, error.message, hint=error.hint))
            return
        answers = await self._answers(session, [job.ref for job in jobs])
        refused = next((a for a in answers.values() if isinstance(a, AskError) and a.kind is ProblemKind.AUTH), None)
        if refused:
            await self._refuse(refused)
            return
        for job in jobs:
            self._wanted.discard(job.key)
            answer = answers[job.ref.id]
            if isinstance(answer, AskError):
                await self._failed(job.key, answer)
            else:
                await self._answered(job.key, answer, session)

    async def _answers(self, session: LiveSession, refs: list[Reference]) -> Mapping[str, Snapshot | AskError]:
        if isinstance(self._vendor, AsksMany) and len(refs) > 1:
            try:
                return await self._vendor.ask_many(session, refs)
            except AskError as error:
                return {ref.id: error for ref in refs}
        answers = await asyncio.gather(*(self._answer(session, ref) for ref in refs))
        return {ref.id: answer for ref, answer in zip(refs, answers, strict=True)}

    async def _answer(self, session: LiveSession, ref: Reference) -> Snapshot | AskError:
        try:
            return await self._vendor.ask(session, ref)
        except AskError as error:
            return error

    async def _answered(self, key: JobKey, snapshot: Snapshot, session: LiveSession) -> None:
        self._failures = 0
        self._failures_of.pop(key, None)
        slow = session.latency is not None and session.latency > SLOW_SECONDS
        self._set_health(Condition.SLOW if slow else Condition.OK, latency=session.latency, good=True)
        await self._board.answered(key, snapshot, self._plan)

    def _plan(self, job: Job) -> NextAsk:
        now, focused = self._clock.now(), job.key == self._focused
        return plan_next(job, self.connection, now, self._rng, focused=focused)

    async def _failed(self, key: JobKey, error: AskError) -> None:
        if error.kind is ProblemKind.RATE_LIMITED:
            wait = wait_after_throttling(error.retry_after, self._rng)
            self._hold(wait, Condition.THROTTLED, error)
        else:
            failures = self._failures_of[key] = self._failures_of.get(key, 0) + 1
            wait = wait_after_failure(failures, self.connection, self._rng)
        if error.kind in _BROKEN:
            self._failures += 1
            if self._failures >= DOWN_AFTER:
                wait = max(error.retry_after or 0.0, wait_after_failure(self._failures, self.connection, self._rng))
                self._hold(wait, Condition.DOWN, error)
        await self._board.failed(key, error, self._clock.now() + timedelta(seconds=wait))

    async def _refuse(self, error: AskError) -> None:
        """Stop asking until the user says so: a wrong secret tried again and again locks the account."""
        self._held_until = math.inf
        self._set_health(Condition.REFUSED, message=inert_error(error))
        self._wanted.clear()
        for key in tuple(self._jobs):
            await self._board.failed(key, error, None)

    def _hold(self, seconds: float, condition: Condition, error: AskError) -> None:
        self._held_until = max(self._held_until, self._clock.monotonic() + seconds)
        next_try = self._clock.now() + timedelta(seconds=seconds)
        self._set_health(condition, message=inert_error(error), next_try_at=next_try)

    def _set_health(
        self,
        condition: Condition,
        *,
        message: str | None = None,
        latency: float | None = None,
        next_try_at: datetime | None = None,
        good: bool = False,
    ) -> None:
        now, old = self._clock.now(), self.health
        self.health = replace(
            old,
            condition=condition,
            message=message,
            since=old.since if old.condition is condition else now,
            last_good_at=now if good else old.last_good_at,
            latency=latency if latency is not None else old.latency,
            next_try_at=next_try_at,
        )
        self._tell(self.health)
