"""Asks for the jobs of one connection as they become due, judges how the connection is doing, plans the next asks."""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections.abc import Collection, Coroutine, Iterable, Mapping
from datetime import timedelta

from tui.clock import Clock
from tui.engine.board import Board
from tui.engine.border import inert_error
from tui.engine.hearing import Plan
from tui.engine.next_ask import NextAsk
from tui.engine.polling.answers import Answer, Answers
from tui.engine.polling.asking_order import AskingOrder
from tui.engine.polling.health import Health, HealthListener
from tui.engine.polling.other_programs import OtherPrograms
from tui.engine.polling.plan import Planning, plan_next
from tui.engine.polling.schedule import wait_after_failure, wait_after_throttling
from tui.engine.polling.turns import Turns
from tui.engine.polling.why_not_asked import ConnectionStanding, JobStanding
from tui.engine.wire.live_session import LiveSession
from tui.engine.wire.quota import MOST_THROTTLED
from tui.engine.wire.sessions import Sessions
from tui.errors import AskError, ConfigError, CredentialsError, StateError
from tui.model import Condition, Connection, ConnectionHealth, Job, JobKey, ProblemKind, Snapshot
from tui.text import safe_line
from tui.vendors.contract import Vendor

DOWN_AFTER = 3
"""So many failed rounds in a row make a connection "down": then one probe is sent, not one ask per job."""
SLOW_SECONDS = 5.0
STORE_RETRY_SECONDS = 5.0
LONGEST_REST = 30.0
"""After so many seconds the wall clock is read again: a suspended machine's own seconds stood still."""

_BROKEN = frozenset({ProblemKind.UNREACHABLE, ProblemKind.TLS})
_USELESS = _BROKEN | {ProblemKind.BAD_REPLY}
_log = logging.getLogger("jobdeck.poller")


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
        self._board = board
        self._sessions = sessions
        self._clock = clock
        self._rng = rng
        self._answers = Answers(vendor, clock)
        self._order = AskingOrder(connection, self._answers.at_once, clock, rng)
        self._asked_now: frozenset[JobKey] = frozenset()
        self._is_behind = True
        """Whether nothing was asked for a while, so that many may be late."""
        self._failures_of: dict[JobKey, int] = {}
        self._failures = 0
        self._held_until = -math.inf
        """Our own back-off; a refresh ends it."""
        self._quota = sessions.quota(connection)
        self._quota.on_pause(self._hear_pause)
        self._others = OtherPrograms(connection, board, self._order, self._quota, clock)
        self._wake = asyncio.Event()
        self._turns = Turns()
        self._has_ended = False
        self._resting = -math.inf
        """For how long at most nothing is done now; what is due sooner wakes us."""
        self._health = Health(ConnectionHealth.at_first(connection, safe_line(vendor.label)), clock, tell)

    def hear(self, job: Job) -> None:
        """Take a job, or its newer version, into the schedule."""
        self._order.hear(job)
        if job.key not in self._order:
            self._failures_of.pop(job.key, None)
        self._wake_if_sooner()

    def hear_together(self, jobs: Mapping[JobKey, Job]) -> None:
        """Take the newer versions of jobs that have answered together and are due together into the schedule."""
        self._order.hear_together(jobs)
        self._wake_if_sooner()

    def keep_pause(self, jobs: Iterable[Job]) -> None:
        """Obey a pause that the vendor asked of a program before this one: it stands with the jobs it refused."""
        problems = [job.problem for job in jobs if job.problem and job.problem.kind is ProblemKind.RATE_LIMITED]
        pauses = {problem.retry_at: problem for problem in problems if problem.retry_at}
        if pauses:
            until = max(pauses)
            seconds = min((until - self._clock.now()).total_seconds(), MOST_THROTTLED)
            if seconds > max(self._quota.seconds_paused, 0.0):
                said = pauses[until].message
                self._quota.pause(seconds, AskError(ProblemKind.RATE_LIMITED, said, hint="asking goes on by itself"))

    def drop(self, key: JobKey) -> None:
        """Ask for this job no more."""
        self._order.drop(key)
        self._failures_of.pop(key, None)
        self._turns.turn()

    def focus(self, key: JobKey | None) -> None:
        """The job under the user's cursor: first in line, and asked more often."""
        self._order.focus(key)
        self._wake.set()

    def want(self, job: Job) -> None:
        """Ask for this job as soon as it may be, although it is finished or was given up."""
        self._order.want(job)
        self._wake.set()

    async def refresh(self, jobs: Iterable[Job]) -> None:
        """Ask for these jobs now, finished ones too; a refused login is tried once more."""
        for job in jobs:
            self.want(job)
        if self._is_refused:
            await self._sessions.forget(self.connection.name)
            self._health.set(Condition.IDLE)
        self._held_until = -math.inf
        self._wake.set()

    async def refreshed(self, keys: Collection[JobKey]) -> frozenset[JobKey]:
        """Wait until these jobs have been asked; returns those that were not, because all asking is on hold.

        They are asked first when it goes on. Cancelled, those that are not being asked wait for their usual time.
        """
        try:
            while self._is_asking(keys) or (self._order.wanted_of(keys) and self._may_ask):
                await self._turns.next()
        except asyncio.CancelledError:
            for key in self._order.wanted_of(keys) - self._asked_now:
                self._order.give_up(key)
            raise
        return self._order.wanted_of(keys)

    def _is_asking(self, keys: Collection[JobKey]) -> bool:
        """Whether an answer about any of these jobs is on its way; one that was taken off the board does not count."""
        return any(key in self._order for key in self._asked_now.intersection(keys))

    def pause(self, *, on: bool) -> None:
        """Ask nothing until told to go on, by the user's word."""
        if on is not self._health.is_paused:
            self._health.pause(on=on)
            self._wake.set()
            self._turns.turn()

    @property
    def health(self) -> ConnectionHealth:
        """How the connection is doing, whatever its user has paused."""
        return self._health.now

    @property
    def shown(self) -> ConnectionHealth:
        """The connection's health as the user is told it."""
        return self._health.shown

    def look_again(self) -> None:
        """The clock has jumped: see anew what is due."""
        self._wake.set()

    async def run(self) -> None:
        """Ask for ever; ends by cancellation."""
        while True:
            self._wake.clear()
            self._order.look_at_clock()
            wait = math.inf if self._health.is_paused else self._seconds_until_due()
            if wait > 0:
                self._is_behind = self._is_behind or self._health.is_paused or self._seconds_held() > 0
                await self._rest(wait)
                continue
            if self._is_behind:
                self._is_behind = False
                self._order.catch_up()
            try:
                await self._ask_next()
            except StateError as error:
                await self._wait_for_disk(error)
            except Exception as error:  # noqa: BLE001  # a task's border: no fault of ours ends the asking
                _log.error("a fault while asking on %s", self.connection.name, exc_info=error)
                await self._clock.sleep(STORE_RETRY_SECONDS)

    async def _wait_for_disk(self, trouble: StateError) -> None:
        """Say that the disk takes nothing, e.g. as it is full, until what was heard meanwhile is written."""
        before = self._health.now
        while True:
            self._health.set(Condition.DOWN, message=safe_line(f"{trouble.message}; {trouble.hint}"))
            told = self._health.now
            await self._clock.sleep(STORE_RETRY_SECONDS)
            if self._health.now is not told:  # e.g. the vendor told another connection of the account to wait
                before = self._health.now
            try:
                await self._board.write_left_over()
            except StateError as error:
                trouble = error
            else:
                self._health.set(before.condition, message=before.message, next_try_at=before.next_try_at)
                return

    def standing(self) -> ConnectionStanding:
        """How the asking stands now; may be called from any thread."""
        throttled = self._quota.seconds_paused
        return ConnectionStanding(
            condition=self.shown.condition,
            jobs=len(self._order),
            next_in=self._order.next_in,
            held=self._held_until - self._clock.monotonic(),
            throttled=throttled,
            throttled_until=self._clock.now() + timedelta(seconds=throttled) if throttled > 0 else None,
            requests_left=self._quota.gate.left,
        )

    def standing_of(self, job: Job) -> JobStanding:
        """Where a job stands now; may be called from any thread."""
        key = job.key
        return JobStanding(
            job,
            self.standing(),
            is_lined_up=key in self._order,
            due_in=self._order.seconds_to(key),
            ahead=self._order.ahead_of(key),
            is_asked_now=key in self._asked_now,
            is_another_programs=self._others.asks(key, job),
        )

    def end(self) -> frozenset[JobKey]:
        """The poller has ended: hear of no more pauses. Returns the jobs that are still wished for."""
        self._quota.off_pause(self._hear_pause)
        self._has_ended = True
        self._turns.turn()
        return self._order.wanted

    def plan(self, job: Job) -> NextAsk:
        """When a job that has just answered is asked next."""
        next_ask = plan_next(job, self.connection, self._clock.now(), self._rng)
        self._order.planned(job.key, next_ask.at)
        return next_ask

    def _plan_together(self) -> Plan:
        """The same for all jobs of one answer, so that they are asked together again."""
        planning = Planning(self.connection, self._clock.now(), self._rng.random())

        def plan(job: Job) -> NextAsk:
            next_ask = planning.of(job)
            self._order.planned(job.key, next_ask.at)
            return next_ask

        return plan

    def _seconds_until_due(self) -> float:
        return max(self._order.seconds_until_due, self._seconds_held())

    @property
    def _may_ask(self) -> bool:
        return not (self._has_ended or self._health.is_paused or self._seconds_held() > 0)

    @property
    def _is_refused(self) -> bool:
        """Whether the login is refused, also while a disk that takes nothing is what is told."""
        return self._held_until == math.inf

    def _seconds_held(self) -> float:
        return max(self._held_until - self._clock.monotonic(), self._quota.seconds_paused)

    def _wake_if_sooner(self) -> None:
        if self._resting > -math.inf and self._order.seconds_until_due < self._resting:
            self._wake.set()

    async def _rest(self, wait: float) -> None:
        self._resting = wait
        alarm = asyncio.create_task(self._ring_after(wait)) if wait < math.inf else None
        try:
            await self._wake.wait()
        finally:
            self._resting = -math.inf
            if alarm:
                alarm.cancel()

    async def _ring_after(self, seconds: float) -> None:
        await self._clock.sleep(min(seconds, LONGEST_REST))
        self._wake.set()

    async def _ask_next(self) -> None:
        is_down = self._failures >= DOWN_AFTER
        most = 1 if is_down else self._answers.at_once
        if not self._answers.comes_in_lists:  # a round waits for the last turn of all, and so does who is wanted more
            most = max(1, min(most, self._quota.gate.left))
        jobs = self._order.take(most, fill=self._answers.comes_in_lists and not is_down)
        try:
            still_due = await self._others.left_to_us(jobs)
            self._asked_now = frozenset(still_due)
            if still_due:
                await self._ask(still_due)
        finally:
            self._asked_now = frozenset()
            self._order.give_back(jobs)
            self._turns.turn()

    async def _ask(self, jobs: dict[JobKey, Job]) -> None:
        try:
            session = await self._sessions.of(self.connection)
        except (CredentialsError, ConfigError) as error:
            await self._refuse(AskError(ProblemKind.AUTH, error.message, hint=error.hint))
            return
        except AskError as error:
            self._judge(dict.fromkeys(jobs, error), None, 0.0)
            self._order.asked(jobs)
            await asyncio.gather(*(self._apply_error(key, error) for key in jobs))
            return
        began = self._clock.monotonic()
        answers = await self._answers.about(session, [job.ref for job in jobs.values()])
        refused = next((a for a in answers.values() if isinstance(a, AskError) and a.kind is ProblemKind.AUTH), None)
        if refused:
            await self._refuse(refused)
            return
        told = {key: answers[job.ref.id] for key, job in jobs.items()}
        self._judge(told, session.latency, self._clock.monotonic() - began)
        self._order.asked(jobs)
        await self._apply(session, told)

    def _judge(self, answers: Mapping[JobKey, Answer], latency: float | None, took: float) -> None:
        """What a round of answers, which took so many seconds, says of the connection as a whole."""
        failed = {key: answer for key, answer in answers.items() if isinstance(answer, AskError)}
        errors = list(failed.values())
        throttled = [error for error in errors if _asks_for_a_pause(error)]
        broken = [error for error in errors if error.kind in _BROKEN]
        knowing = len(answers) - sum(error.kind is not ProblemKind.GONE for error in errors)
        if len(errors) == len(answers) and self._is_failure(failed):
            self._failures += 1
        elif knowing or not (broken or throttled):
            self._failures = 0
        if throttled:
            wait = max(wait_after_throttling(error.retry_after, self._rng) for error in throttled)
            self._quota.pause(wait, throttled[0])
        elif self._failures >= DOWN_AFTER:
            wait = wait_after_failure(self._failures, self.connection, self._rng)
            self._held_until = self._clock.monotonic() + wait
            self._tell_of_pause(Condition.DOWN, errors[0])
        elif broken and len(broken) == len(answers) and took > SLOW_SECONDS:  # not down yet, but not well either
            self._health.set(Condition.SLOW, message=inert_error(broken[0]), latency=took)
        elif knowing and self._quota.seconds_paused > 0:
            pass  # answered while another connection of the account was told to wait: that stands
        elif knowing:
            slow = latency is not None and latency > SLOW_SECONDS
            condition, good = Condition.SLOW if slow else Condition.OK, len(errors) < len(answers)
            self._health.set(condition, latency=latency, good=good)
        elif not broken and self.health.condition not in (Condition.OK, Condition.SLOW):
            self._tell_of_pause(Condition.DOWN, errors[0])  # it answers, but nothing that can be used

    def _is_failure(self, errors: Mapping[JobKey, AskError]) -> bool:
        """Whether a round that brought nothing but these says that the connection is broken, not its jobs.

        A server may answer everything with what nobody can read, e.g. a proxy's page: then no job has a good answer
        since it last failed. A few jobs alone may be unreadable.
        """
        if all(error.kind in _BROKEN for error in errors.values()):
            return True
        is_useless = all(error.kind in _USELESS for error in errors.values())
        return is_useless and not self._order.has_well_one_beside(errors.keys())

    async def _apply(self, session: LiveSession, answers: Mapping[JobKey, Answer]) -> None:
        """Put the answers on the board: the good ones at once, but none waits for what is asked about another."""
        good: list[tuple[JobKey, Snapshot]] = []
        work: list[Coroutine[object, object, None]] = []
        for key, answer in answers.items():
            if not isinstance(answer, Snapshot):
                work.append(self._apply_error(key, answer))
                continue
            self._failures_of.pop(key, None)
            job = self._board.jobs.get(key)
            if job is None:
                continue
            newer = self._answers.newer(job, answer)
            ready = self._answers.at_hand(job, newer) if newer is answer else newer
            if ready is None:
                work.append(self._apply_explained(session, job, newer))
            else:
                good.append((key, ready))
        if good:
            work.append(
                self._board.all_answered(good, self._plan_together() if self._answers.comes_in_lists else self.plan)
            )
        if len(work) == 1:  # as most often: no task for it
            await work[0]
        else:
            await asyncio.gather(*work)

    async def _apply_error(self, key: JobKey, answer: AskError) -> None:
        job = self._board.jobs.get(key)
        if job is None:
            return  # untracked while the vendor was asked
        failures = self._failures_of[key] = self._failures_of.get(key, 0) + 1
        wait = max(wait_after_failure(failures, self.connection, self._rng), self._seconds_held())
        retry_at = None if job.state.is_over else self._clock.now() + timedelta(seconds=wait)
        self._order.planned(key, retry_at)
        await self._board.failed(key, answer, retry_at)

    async def _apply_explained(self, session: LiveSession, job: Job, told: Snapshot) -> None:
        await self._board.answered(job.key, await self._answers.explained(session, job, told), self.plan)

    async def _refuse(self, error: AskError) -> None:
        """Stop asking until the user says so: a wrong secret tried again and again locks the account."""
        self._held_until = math.inf
        self._health.set(Condition.REFUSED, message=inert_error(error))
        self._order.give_up_wishes()
        await asyncio.gather(*(self._board.failed(key, error, None) for key in self._order.keys))

    def _hear_pause(self, error: AskError) -> None:
        """The vendor wants a pause of this account; this connection or another one of it was told so."""
        if self._order and not self._is_refused:
            self._tell_of_pause(Condition.THROTTLED, error)
        self._turns.turn()

    def _tell_of_pause(self, condition: Condition, error: AskError) -> None:
        wait = self._seconds_held()
        next_try = self._clock.now() + timedelta(seconds=wait) if wait > 0 else None
        self._health.set(condition, message=inert_error(error), next_try_at=next_try)


def _asks_for_a_pause(error: AskError) -> bool:
    return error.kind is ProblemKind.RATE_LIMITED or error.retry_after is not None
