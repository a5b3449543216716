"""What is asked for one job on the user's word: putting it on the board, how it stands, its report, its links."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from tui import vendors
from tui.clock import Clock
from tui.config import Config
from tui.engine.board import GONE_AFTER, Board
from tui.engine.calls import no_way_back
from tui.engine.contacts import Contacts
from tui.engine.facts.jobs import Action, TrackWish
from tui.engine.lost.verdict import is_another, taken_over
from tui.engine.next_ask import NextAsk
from tui.engine.pasting.paste import read_paste, refuse_bytes
from tui.engine.pasting.references import Found, find
from tui.engine.polling.plan import plan_next
from tui.engine.storage.store import Store
from tui.errors import AskError, JobdeckError, UsageError
from tui.model import Job, JobKey, JobState, Output, ProblemKind, Safe, Snapshot
from tui.text import safe_line
from tui.vendors.contract import NamesOutputs, Reports, Reveals, Vendor

_LONGEST_LIFE = 10 * 366 * 86_400.0
_LONGEST_DOUBT = 2.0
"""Seconds between two asks for a job that its vendor seems to have forgotten."""

_WORTH_KEEPING = frozenset({ProblemKind.UNREACHABLE, ProblemKind.TLS, ProblemKind.RATE_LIMITED, ProblemKind.BAD_REPLY})
"""What says nothing of the job itself: it is tracked all the same."""


class Asking:
    """Asks for one job at once, without waiting for the poller's turn. Coroutines raise JobdeckErrors."""

    def __init__(
        self,
        config: Callable[[], Config],
        board: Board,
        store: Store,
        contacts: Contacts,
        clock: Clock,
        rng: random.Random,
        *,
        planned: Callable[[Job], NextAsk | None],
        refuse_if: Callable[[Action, Job], None],
    ) -> None:
        self._config = config
        self._board = board
        self._store = store
        self._contacts = contacts
        self._clock = clock
        self._rng = rng
        self._planned = planned
        self._refuse_if = refuse_if

    def find(self, wish: TrackWish) -> Found:
        """The connection and reference that a text names. Raises UsageError or ConfigError."""
        pasted = replace(read_paste(wish.text, self._clock.now()), any_shape=wish.connection is not None)
        connections = (
            (self._config().connection(wish.connection),) if wish.connection else self._config().connections.values()
        )
        found = find(pasted, connections, vendors.load)
        reference = found.reference
        if wish.outputs:
            vendor = vendors.load(found.connection.vendor)
            reference = replace(reference, outputs=(*reference.outputs, *outputs_named(vendor, wish.outputs)))
        if wish.expires_in is not None:
            if not 0 < wish.expires_in <= _LONGEST_LIFE:
                raise UsageError("the seconds until it expires must be more than 0 and at most ten years")
            reference = replace(reference, expires_at=self._clock.now() + timedelta(seconds=wish.expires_in))
        if known := self._board.jobs.get(JobKey(f"{found.connection.name}:{reference.id}")):
            outputs = tuple(dict.fromkeys((*known.ref.outputs, *reference.outputs)))
            reference = replace(reference, outputs=outputs)
        return replace(found, reference=reference)

    async def track(self, wish: TrackWish, found: Found | None = None) -> Job:
        """Put a job on the board; with `check`, ask its vendor once so that a wrong reference is told.

        A job that the vendor does not know, or whose login is refused, is not kept: AskError. One whose vendor
        cannot be reached is kept, with its problem. An archived one comes back as it was: its vendor may have
        forgotten it long ago. One that a lost start may be takes that one's line over. `found` is what `find` gave,
        where it was asked before; without `check` it is one of many, which are not compared with lost starts.
        """
        is_single = found is None
        found = found or self.find(wish)
        job = Job(
            connection=found.connection.name,
            vendor=found.connection.vendor,
            ref=found.reference,
            tracked_at=self._clock.now(),
            given_title=safe_line(wish.title, 200) if wish.title else None,
        )
        is_back = wish.check and bool(await self._board.bring_back((job.key,)))
        answer = await self._first_answer(job) if wish.check and not is_back else None
        no_way_back()
        line = self._lost_start_of(job) if wish.check or is_single else None
        if line is not None:
            taken = replace(taken_over(line, job.ref), given_title=job.given_title or line.given_title)
            await self._board.become(line.key, taken, f"found at the vendor, and taken over: {job.ref.id}")
        else:
            await self._board.add((job,), f"tracked as {found.reference.id}")
        if isinstance(answer, AskError):
            await self._board.failed(job.key, answer, self._retry_at(job, answer))
        elif answer is not None:
            await self._board.answered(job.key, answer, self._plan)
        return self._board.job(job.key)

    async def ask_now(self, key: JobKey) -> Job:
        """Ask for one job, without the poller, and return it as it is then. Raises AskError."""
        job = self._board.job(key)
        vendor, session = await self._contacts.of(job.connection)
        try:
            snapshot = await vendor.ask(session, job.ref)
        except AskError as error:
            await self._board.failed(key, error, self._retry_at(job, error))
            raise
        await self._board.answered(key, snapshot, self._plan)
        return self._board.job(key)

    async def ask_until_sure(self, key: JobKey) -> Job:
        """`ask_now`, and again where the vendor knows the job no more: one such answer may be a slip, three are not.

        Raises AskError.
        """
        for _ in range(GONE_AFTER - 1):
            try:
                return await self.ask_now(key)
            except AskError as error:
                job = self._board.job(key)
                if error.kind is not ProblemKind.GONE or job.checked_at is None or job.state.is_over:
                    raise
            await self._clock.sleep(min(self._config().connection(job.connection).min_interval, _LONGEST_DOUBT))
        try:
            return await self.ask_now(key)
        except AskError:
            job = self._board.job(key)
            if job.state is not JobState.EXPIRED:
                raise
            return job

    async def report(self, key: JobKey, *, again: bool = False) -> Safe:
        """A job's report: the kept one, or asked anew. A kept one is better than an error."""
        kept = await self._store.report(key)
        if kept is not None and key not in self._board.jobs:  # it is archived
            return kept
        job = self._board.job(key)
        if kept is not None and not again and _is_whole(job):
            return kept
        try:
            self._refuse_if(Action.REPORT, job)
            vendor, session = await self._contacts.of(job.connection)
            if not isinstance(vendor, Reports):
                raise UsageError(f"{vendor.label} keeps no report")
            text = await vendor.report(session, job.ref)
        except JobdeckError:
            if kept is None:
                raise
            return kept
        no_way_back()
        return await self._board.keep_report(key, text)

    async def reveal(self, key: JobKey, output: Output) -> str | None:
        """A link output with its tokens, asked anew; None where the vendor hides nothing."""
        job = self._board.job(key)
        vendor, session = await self._contacts.of(job.connection)
        return await vendor.reveal(session, job.ref, output) if isinstance(vendor, Reveals) else None

    def _lost_start_of(self, job: Job) -> Job | None:
        """The line of a lost start that this job may be, as its vendor's list says; none for one that it is not."""
        known, jobs = self._board.jobs.get(job.key), self._board.jobs.values()
        lines = (line for line in jobs if line.connection == job.connection and not (known and is_another(known, line)))
        return next((line for line in lines if line.lost and job.ref.id in line.lost.candidates), None)

    async def _first_answer(self, job: Job) -> Snapshot | AskError:
        try:
            vendor, session = await self._contacts.of(job.connection)
            return await vendor.ask(session, job.ref)
        except AskError as error:
            if error.kind in _WORTH_KEEPING:
                return error
            raise

    def _plan(self, job: Job) -> NextAsk:
        connection = self._config().connection(job.connection)
        return self._planned(job) or plan_next(job, connection, self._clock.now(), self._rng)

    def _retry_at(self, job: Job, error: AskError) -> datetime:
        least = self._config().connection(job.connection).min_interval
        return self._clock.now() + timedelta(seconds=max(error.retry_after or 0.0, least))


def _is_whole(job: Job) -> bool:
    """Whether the kept report was read after the job's end was seen, so that it grows no more."""
    seen = job.report and (job.changed_at is None or job.report.read_at >= job.changed_at)
    return job.state.is_over and bool(seen)


def outputs_named(vendor: Vendor, texts: tuple[str, ...]) -> tuple[str, ...]:
    """The names of outputs that a user wrote, as the vendor reads them. Raises UsageError."""
    if not isinstance(vendor, NamesOutputs):
        raise UsageError(f"{vendor.label} names its outputs itself", hint="leave --output away")
    for text in texts:
        refuse_bytes(text)
    return tuple(output for text in texts for output in vendor.read_outputs(text))
