"""Asks for the jobs of one connection as they become due, judges how the connection is doing, plans the next asks."""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from tui.clock import Clock
from tui.engine.board import Board
from tui.engine.border import as_ask_error, inert_error
from tui.engine.next_ask import NextAsk
from tui.engine.polling.asking_order import AskingOrder
from tui.engine.polling.plan import plan_next
from tui.engine.polling.schedule import wait_after_failure, wait_after_throttling
from tui.engine.polling.waits import WaitExplainer
from tui.engine.polling.why_not_asked import ConnectionStanding, JobStanding
from tui.engine.wire.sessions import LiveSession, Sessions
from tui.errors import AskError, ConfigError, CredentialsError, StateError
from tui.model import Condition, Connection, ConnectionHealth, Job, JobKey, ProblemKind, Reference, Safe, Snapshot
from tui.text import safe_line
from tui.vendors.contract import AsksMany, ExplainsWaits, Lags, Vendor

AT_ONCE = 4
"""Asks under way at the same time on one connection, where a vendor has no call for many jobs."""
DOWN_AFTER = 3
"""So many failed rounds in a row make a connection "down": then one probe is sent, not one ask per job."""
SLOW_SECONDS = 5.0
STORE_RETRY_SECONDS = 5.0
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
        # Asked once: to see what an object can do costs more than to look at its job.
        self._many = vendor if isinstance(vendor, AsksMany) else None
        self._lagging = vendor if isinstance(vendor, Lags) else None
        self._at_once = self._many.most_at_once if self._many else AT_ONCE
        self._order = AskingOrder(connection, self._at_once, clock, rng)
        self._asked_now: frozenset[JobKey] = frozenset()
        self._began_at = clock.now()
        self._is_behind = True
        """Whether nothing was asked for a while, so that many may be late."""
        self._failures_of: dict[JobKey, int] = {}
        self._failures = 0
        self._held_until = -math.inf
        """Our own back-off; a refresh ends it."""
        self._quota = sessions.quota(connection)
        self._quota.on_pause(self._hear_pause)
        self._wake = asyncio.Event()
        self._resting = -math.inf
        """For how long at most nothing is done now; what is due sooner wakes us."""
        self._paused_at: datetime | None = None
        self.health = ConnectionHealth.at_first(connection, vendor.label)

    def watch(self, job: Job) -> None:
        """Take a job, or its newer version, into the schedule."""
        self._order.watch(job)
        if job.key not in self._order:
            self._failures_of.pop(job.key, None)
        if self._resting > -math.inf and self._order.seconds_until_due < self._resting:
            self._wake.set()

    def drop(self, key: JobKey) -> None:
        """Ask for this job no more."""
        self._order.drop(key)
        self._failures_of.pop(key, None)

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
        if self.health.condition is Condition.REFUSED:
            await self._sessions.forget(self.connection.name)
            self._set_health(Condition.IDLE)
        self._held_until = -math.inf
        self._wake.set()

    def pause(self, *, on: bool) -> None:
        """Ask nothing until told to go on, by the user's word."""
        if on is (self._paused_at is not None):
            return
        self._paused_at = self._clock.now() if on else None
        self._tell(self.shown)
        self._wake.set()

    @property
    def shown(self) -> ConnectionHealth:
        """The connection's health as the user is told it: a pause of theirs hides what else there is."""
        if self._paused_at is None:
            return self.health
        return replace(self.health, condition=Condition.PAUSED, message=None, since=self._paused_at, next_try_at=None)

    def look_again(self) -> None:
        """The clock has jumped: see anew what is due."""
        self._wake.set()

    async def run(self) -> None:
        """Ask for ever; ends by cancellation."""
        while True:
            self._wake.clear()
            self._order.look_at_clock()
            wait = math.inf if self._paused_at else self._seconds_until_due()
            if wait > 0:
                self._is_behind = self._is_behind or self._paused_at is not None or self._seconds_held() > 0
                await self._rest(wait)
                continue
            if self._is_behind:
                self._is_behind = False
                self._order.catch_up()
            try:
                await self._ask_next()
            except StateError as error:  # e.g. a full disk: say so, and go on when there is room again
                self._set_health(Condition.DOWN, message=safe_line(f"{error.message}; {error.hint}"))
                await self._clock.sleep(STORE_RETRY_SECONDS)
            except Exception as error:  # noqa: BLE001  # a task's border: no fault of ours ends the asking
                _log.error("a fault while asking on %s", self.connection.name, exc_info=error)
                await self._clock.sleep(STORE_RETRY_SECONDS)

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
        asked_since = job.checked_at is not None and job.checked_at > self._began_at
        return JobStanding(
            job,
            self.standing(),
            is_lined_up=key in self._order,
            due_in=self._order.seconds_to(key),
            ahead=self._order.ahead_of(key),
            is_asked_now=key in self._asked_now,
            is_another_programs=asked_since and not self._order.is_ours(job),
        )

    def end(self) -> None:
        """It will not run any more: the vendor's pauses are no business of it."""
        self._quota.off_pause(self._hear_pause)

    def plan(self, job: Job) -> NextAsk:
        """When a job that has just answered is asked next."""
        next_ask = plan_next(job, self.connection, self._clock.now(), self._rng)
        self._order.planned(job.key, next_ask.at)
        return next_ask

    def _seconds_until_due(self) -> float:
        return max(self._order.seconds_until_due, self._seconds_held())

    def _seconds_held(self) -> float:
        return max(self._held_until - self._clock.monotonic(), self._quota.seconds_paused)

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
        jobs = self._order.take(1 if is_down else self._at_once, fill=self._many is not None and not is_down)
        self._asked_now = frozenset(job.key for job in jobs)
        try:
            await self._ask(jobs)
        finally:
            self._asked_now = frozenset()
            self._order.give_back(jobs)

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
        self._order.asked(jobs)
        await self._apply(session, {job.key: answers[job.ref.id] for job in jobs})

    async def _answers(self, session: LiveSession, refs: list[Reference]) -> Mapping[str, Answer]:
        if self._many and len(refs) > 1:
            try:
                told = await self._many.ask_many(session, refs)
            except Exception as error:  # noqa: BLE001  # a border: no vendor's fault ends the asking
                return dict.fromkeys((ref.id for ref in refs), _as_value(error))
            left_out = AskError(ProblemKind.BAD_REPLY, "the vendor's answer leaves this job out", hint="look at its id")
            return {ref.id: told.get(ref.id, left_out) for ref in refs}
        if len(refs) == 1:
            return {refs[0].id: await self._answer(session, refs[0])}
        answers = await asyncio.gather(*(self._answer(session, ref) for ref in refs))
        return {ref.id: answer for ref, answer in zip(refs, answers, strict=True)}

    async def _answer(self, session: LiveSession, ref: Reference) -> Answer:
        try:
            return await self._vendor.ask(session, ref)
        except Exception as error:  # noqa: BLE001  # a border, as above
            return _as_value(error)

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
            if self._waits and _is_long(self._waits, job, answer):
                work.append(self._apply_explained(session, self._waits, job, answer))
            else:
                good.append((key, self._newer(job, answer)))
        if good:
            work.append(self._board.all_answered(good, self.plan))
        if len(work) == 1:  # as most often: no task for it
            await work[0]
        else:
            await asyncio.gather(*work)

    async def _apply_error(self, key: JobKey, answer: AskError) -> None:
        failures = self._failures_of[key] = self._failures_of.get(key, 0) + 1
        wait = max(wait_after_failure(failures, self.connection, self._rng), self._seconds_held())
        job = self._board.jobs.get(key)
        retry_at = None if job and job.state.is_over else self._clock.now() + timedelta(seconds=wait)
        self._order.planned(key, retry_at)
        await self._board.failed(key, answer, retry_at)

    async def _apply_explained(self, session: LiveSession, waits: WaitExplainer, job: Job, told: Snapshot) -> None:
        told = self._newer(job, told)
        try:
            told = await waits.explain(session, job, told)
        except Exception as error:  # noqa: BLE001  # a border, as above; the answer itself stands
            _log.error("a fault while completing an answer", exc_info=error)
        await self._board.answered(job.key, told, self.plan)

    def _newer(self, job: Job, told: Snapshot) -> Snapshot:
        """What counts as told: not what is older than what was told before."""
        try:
            return job.snapshot if self._lagging and self._lagging.is_behind(job.snapshot, told) else told
        except Exception as error:  # noqa: BLE001  # a border, as above; the answer itself stands
            _log.error("a fault while completing an answer", exc_info=error)
            return told

    async def _refuse(self, error: AskError) -> None:
        """Stop asking until the user says so: a wrong secret tried again and again locks the account."""
        self._held_until = math.inf
        self._set_health(Condition.REFUSED, message=inert_error(error))
        self._order.give_up_wishes()
        await asyncio.gather(*(self._board.failed(key, error, None) for key in self._order.keys))

    def _hear_pause(self, error: AskError) -> None:
        """The vendor wants a pause of this account; this connection or another one of it was told so."""
        if self._order and self.health.condition is not Condition.REFUSED:
            self._tell_of_pause(Condition.THROTTLED, error)

    def _tell_of_pause(self, condition: Condition, error: AskError) -> None:
        wait = self._seconds_held()
        next_try = self._clock.now() + timedelta(seconds=wait) if wait > 0 else None
        self._set_health(condition, message=inert_error(error), next_try_at=next_try)

    def _set_health(
        self,
        condition: Condition,
        *,
        message: Safe | None = None,
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
        self._tell(self.shown)


def _as_value(error: Exception) -> AskError:
    """The error without the frames it came through: they hold whole answers until a cycle is collected."""
    told = as_ask_error(error).with_traceback(None)
    told.__cause__ = told.__context__ = None
    return told


def _is_long(waits: WaitExplainer, job: Job, told: Snapshot) -> bool:
    try:
        return waits.is_due(job, told)
    except Exception as error:  # noqa: BLE001  # a border, as above: a vendor's time may be none
        _log.error("a fault while completing an answer", exc_info=error)
        return False


def _asks_for_a_pause(error: AskError) -> bool:
    return error.kind is ProblemKind.RATE_LIMITED or error.retry_after is not None
