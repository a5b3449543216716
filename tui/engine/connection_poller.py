"""When to ask on one connection: picks the jobs that are due, asks, and plans their next ask.

A job's due time is its `next_check_at` on the board, so what another program asked on the same state folder, or what
was planned before a restart, is not asked again. A job that another program planned is left to it for a moment longer.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from tui.clock import Clock
from tui.engine.board import Board
from tui.engine.border import as_ask_error, inert_error
from tui.engine.plan import NextAsk, plan_next
from tui.engine.schedule import FOCUS_SHARE, longest_wait, wait_after_failure, wait_after_throttling
from tui.engine.sessions import LiveSession, Sessions
from tui.engine.waits import WaitExplainer
from tui.errors import AskError, ConfigError, CredentialsError, StateError
from tui.model import Condition, Connection, ConnectionHealth, Job, JobKey, ProblemKind, Reference, Snapshot
from tui.vendors.contract import AsksMany, ExplainsWaits, Lags, Vendor

AT_ONCE = 4
"""Asks under way at the same time on one connection, where a vendor has no call for many jobs."""
DOWN_AFTER = 3
"""So many failed rounds in a row make a connection "down": then one probe is sent, not one ask per job."""
SLOW_SECONDS = 5.0
STORE_RETRY_SECONDS = 5.0
FOLLOW_SECONDS = 3.0
"""How much later than planned a job is asked that another program planned: it is there first, if it still runs."""
LONGEST_REST = 30.0
"""After so many seconds the wall clock is read again: a suspended machine's own seconds stood still."""

_BROKEN = frozenset({ProblemKind.UNREACHABLE, ProblemKind.TLS})
_log = logging.getLogger("jobdeck.poller")

Answer = Snapshot | AskError
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
        self._waits = WaitExplainer(vendor, clock) if isinstance(vendor, ExplainsWaits) else None
        self._jobs: dict[JobKey, Job] = {}
        self._planned: dict[JobKey, datetime | None] = {}
        self._wanted: set[JobKey] = set()
        self._focused: JobKey | None = None
        self._failures_of: dict[JobKey, int] = {}
        self._failures = 0
        self._held_until = -math.inf
        """Our own back-off; a refresh ends it."""
        self._quota = sessions.quota(connection)
        self._quota.on_pause(self._hear_pause)
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
        finished = job.state.is_over and job.next_check_at is None
        if job.outcome_unknown or ((finished or job.is_given_up) and job.key not in self._wanted):
            self.drop(job.key)
        else:
            self._jobs[job.key] = job
        self._wake.set()

    def drop(self, key: JobKey) -> None:
        """Ask for this job no more."""
        self._jobs.pop(key, None)
        self._planned.pop(key, None)
        self._wanted.discard(key)
        self._failures_of.pop(key, None)

    def focus(self, key: JobKey | None) -> None:
        """The job under the user's cursor: first in line, and asked more often."""
        self._focused = key
        self._wake.set()

    def want(self, job: Job) -> None:
        """Ask for this job as soon as it may be, although it is finished or was given up."""
        if not job.outcome_unknown:
            self._wanted.add(job.key)
            self._jobs[job.key] = job
            self._wake.set()

    async def refresh(self, jobs: Iterable[Job]) -> None:
        """Ask for these jobs now, finished ones too; a refused login is tried once more."""
        for job in jobs:
            self.want(job)
        if self.health.condition is Condition.REFUSED:
            await self._sessions.forget(self.connection.name)
            self._set_health(Condition.IDLE)
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

    def end(self) -> None:
        """It will not run any more: the vendor's pauses are no business of it."""
        self._quota.off_pause(self._hear_pause)

    def plan(self, job: Job) -> NextAsk:
        """When a job that has just answered is asked next."""
        next_ask = plan_next(job, self.connection, self._clock.now(), self._rng)
        self._planned[job.key] = next_ask.at
        return next_ask

    def _seconds_until_due(self) -> float:
        if not self._jobs:
            return math.inf
        now = self._clock.now()
        soonest = min(self._seconds_to(job, now) for job in self._jobs.values())
        return max(soonest, self._seconds_held())

    def _seconds_held(self) -> float:
        return max(self._held_until - self._clock.monotonic(), self._quota.seconds_paused)

    def _seconds_to(self, job: Job, now: datetime) -> float:
        if job.key in self._wanted or job.next_check_at is None:
            return -math.inf  # before those that are only late
        wait = (job.next_check_at - now).total_seconds()
        if wait > longest_wait(self.connection) and not job.state.is_over:
            return 0.0  # planned when the wall clock was ahead
        if job.key == self._focused and job.checked_at and not job.problem:
            whole = (job.next_check_at - job.checked_at).total_seconds()
            wait -= whole - max(whole * FOCUS_SHARE, min(self.connection.min_interval, whole))
        if self._planned.get(job.key) != job.next_check_at:
            wait += FOLLOW_SECONDS
        return wait

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
            waiting.append(asyncio.create_task(self._clock.sleep(min(wait, LONGEST_REST))))
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
        self._judge(answers.values(), session)
        self._wanted.difference_update(job.key for job in jobs)
        await asyncio.gather(*(self._apply(session, job.key, answers[job.ref.id]) for job in jobs))

    async def _answers(self, session: LiveSession, refs: list[Reference]) -> Mapping[str, Answer]:
        if isinstance(self._vendor, AsksMany) and len(refs) > 1:
            try:
                told = await self._vendor.ask_many(session, refs)
            except Exception as error:  # noqa: BLE001  # a border: no vendor's fault ends the asking
                return dict.fromkeys((ref.id for ref in refs), as_ask_error(error))
            left_out = AskError(ProblemKind.BAD_REPLY, "the vendor's answer leaves this job out", hint="look at its id")
            return {ref.id: told.get(ref.id, left_out) for ref in refs}
        answers = await asyncio.gather(*(self._answer(session, ref) for ref in refs))
        return {ref.id: answer for ref, answer in zip(refs, answers, strict=True)}

    async def _answer(self, session: LiveSession, ref: Reference) -> Answer:
        try:
            return await self._vendor.ask(session, ref)
        except Exception as error:  # noqa: BLE001  # a border, as above
            return as_ask_error(error)

    def _judge(self, answers: Collection[Answer], session: LiveSession) -> None:
        """What a round of answers says of the connection as a whole."""
        errors = [answer for answer in answers if isinstance(answer, AskError)]
        throttled = [error for error in errors if _asks_for_a_pause(error)]
        broken = [error for error in errors if error.kind in _BROKEN]
        knowing = len(answers) - sum(error.kind is not ProblemKind.GONE for error in errors)
        if broken and len(broken) == len(answers):
            self._failures += 1
        elif knowing or not (broken or throttled):
            self._failures = 0
        if throttled:
            wait = max(wait_after_throttling(error.retry_after, self._rng) for error in throttled)
            self._quota.pause(wait, throttled[0])
        elif self._failures >= DOWN_AFTER:
            wait = wait_after_failure(self._failures, self.connection, self._rng)
            self._held_until = self._clock.monotonic() + wait
            self._tell_of_pause(Condition.DOWN, broken[0])
        elif knowing and self._quota.seconds_paused > 0:
            pass  # answered while another connection of the account was told to wait: that stands
        elif knowing:
            slow = session.latency is not None and session.latency > SLOW_SECONDS
            condition, good = Condition.SLOW if slow else Condition.OK, len(errors) < len(answers)
            self._set_health(condition, latency=session.latency, good=good)
        elif not broken and self.health.condition not in (Condition.OK, Condition.SLOW):
            self._tell_of_pause(Condition.DOWN, errors[0])  # it answers, but nothing that can be used

    async def _apply(self, session: LiveSession, key: JobKey, answer: Answer) -> None:
        if isinstance(answer, Snapshot):
            self._failures_of.pop(key, None)
            if job := self._board.jobs.get(key):
                await self._board.answered(key, await self._completed(session, job, answer), self.plan)
            return
        failures = self._failures_of[key] = self._failures_of.get(key, 0) + 1
        wait = max(wait_after_failure(failures, self.connection, self._rng), self._seconds_held())
        job = self._board.jobs.get(key)
        retry_at = None if job and job.state.is_over else self._clock.now() + timedelta(seconds=wait)
        self._planned[key] = retry_at
        await self._board.failed(key, answer, retry_at)

    async def _completed(self, session: LiveSession, job: Job, told: Snapshot) -> Snapshot:
        """What counts as told: not what is older than what was told before, and with a long wait explained."""
        try:
            if isinstance(self._vendor, Lags) and self._vendor.is_behind(job.snapshot, told):
                return job.snapshot
            return await self._waits.explain(session, job, told) if self._waits else told
        except Exception as error:  # noqa: BLE001  # a border, as above; the answer itself stands
            _log.error("a fault while completing an answer", exc_info=error)
            return told

    async def _refuse(self, error: AskError) -> None:
        """Stop asking until the user says so: a wrong secret tried again and again locks the account."""
        self._held_until = math.inf
        self._set_health(Condition.REFUSED, message=inert_error(error))
        self._wanted.clear()
        await asyncio.gather(*(self._board.failed(key, error, None) for key in tuple(self._jobs)))

    def _hear_pause(self, error: AskError) -> None:
        """The vendor wants a pause of this account; this connection or another one of it was told so."""
        if self._jobs and self.health.condition is not Condition.REFUSED:
            self._tell_of_pause(Condition.THROTTLED, error)

    def _tell_of_pause(self, condition: Condition, error: AskError) -> None:
        wait = self._seconds_held()
        next_try = self._clock.now() + timedelta(seconds=wait) if wait > 0 else None
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


def _asks_for_a_pause(error: AskError) -> bool:
    return error.kind is ProblemKind.RATE_LIMITED or error.retry_after is not None
