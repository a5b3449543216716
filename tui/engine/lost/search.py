"""One look for a lost start: the vendor's list is read, and what it means is written on the start's line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from tui import vendors
from tui.address import place
from tui.clock import Clock
from tui.config import Config
from tui.engine.board import Board
from tui.engine.border import as_ask_error, with_notice
from tui.engine.lost.verdict import Verdict, is_another, judge, refused_notice, taken_over
from tui.engine.polling.once import PATIENCE
from tui.engine.storage.store import Store
from tui.engine.wire.sessions import Sessions
from tui.errors import AskError, JobdeckError, UsageError
from tui.model import Connection, Job, JobKey, LostStart, ProblemKind
from tui.vendors.contract.lost_starts import FindsStarts, Lookalikes, settles_in
from tui.wording import duration

_ANOTHER_TIME = frozenset({ProblemKind.UNREACHABLE, ProblemKind.TLS, ProblemKind.RATE_LIMITED})
"""What may be over soon: it is looked up again by itself."""


class Search:
    """Looks for lost starts, each when it is told to. Reads only; every request goes through its connection's gate."""

    def __init__(
        self, config: Callable[[], Config], board: Board, store: Store, sessions: Sessions, clock: Clock
    ) -> None:
        self._config = config
        self._board = board
        self._store = store
        self._sessions = sessions
        self._clock = clock
        self._became: dict[JobKey, JobKey] = {}

    def due_at(self, line: Job) -> datetime | None:
        """When a start is to be looked up; None for one that its user has to wish that for, and for any other job."""
        if not line.outcome_unknown or line.lost is None:
            return None
        return self._given_up_at(line) if line.sent else line.next_check_at

    def why_not_yet(self, line: Job) -> str | None:
        """Why it is too early to look a start up: its answer may come yet; None when it is not."""
        now = self._clock.now()
        if line.lost is None or line.sent is None or not line.sent.at <= now < self._given_up_at(line):
            return None
        return f"it was sent {duration((now - line.sent.at).total_seconds())} ago and has no answer yet"

    async def look_up(self, key: JobKey) -> Job:
        """Read the vendor's list once; returns the start's line as it is then, or the job that it has become.

        Raises JobdeckError when it cannot be looked up, AskError when the vendor did not tell; that stands on the line.
        """
        if key in self._became:
            return self._board.job(self._became[key])
        await self._board.look()
        line, now = self._board.job(key), self._clock.now()
        lost = line.lost
        if lost is None:
            raise UsageError(f"{line.title} cannot be looked up", hint=line.snapshot.notice or "look at the vendor")
        if early := self.why_not_yet(line):
            raise JobdeckError(early, hint="wait for its answer")
        again = now + timedelta(seconds=PATIENCE)  # should this program end now, too
        await self._board.put_start(key, lambda line: replace(line, sent=None, next_check_at=again))
        try:
            connection = self._config().connection(line.connection)
            told = await self._ask(connection, line, lost)
        except Exception as error:  # a border: no vendor's fault ends the looking
            wrong = as_ask_error(error)
            await self._fail(key, lost, wrong)
            raise wrong from error
        twin = self._has_twin(line, lost, connection)
        return await self._obey(line, lost, judge(told, connection, line.tracked_at, now, has_twin=twin))

    async def _ask(self, connection: Connection, line: Job, lost: LostStart) -> Lookalikes:
        vendor = vendors.load(connection.vendor)
        if not isinstance(vendor, FindsStarts):
            raise UsageError(f"{vendor.label} cannot list its jobs", hint="look there")
        session = await self._sessions.of(connection)
        told = await vendor.find_start(session, lost, line.tracked_at, self._others(connection, line))
        fresh = [one for one in told.found if not await self._is_archived(connection, one.reference.id, line)]
        return replace(told, found=tuple(fresh))

    def _same_server(self, asked: Connection) -> Iterator[Job]:
        """What the board has of this server, by this connection or another one."""
        server = asked.vendor, place(asked.base_url)
        known = self._config().connections.values()
        same = {one.name for one in known if (one.vendor, place(one.base_url)) == server}
        return (job for job in self._board.jobs.values() if job.connection in same)

    def _others(self, connection: Connection, line: Job) -> frozenset[str]:
        """Ids of jobs that it is not."""
        jobs = self._same_server(connection)
        return frozenset(job.ref.id for job in jobs if not job.outcome_unknown and is_another(job, line))

    async def _is_archived(self, connection: Connection, number: str, line: Job) -> bool:
        job = await self._store.archived_job(JobKey(f"{connection.name}:{number}"))
        return job is not None and is_another(job, line)

    def _has_twin(self, line: Job, lost: LostStart, connection: Connection) -> bool:
        """Whether another lost start is so like this one that one job could be either."""
        return any(
            job.key != line.key
            and job.lost is not None
            and (job.lost.kind, job.lost.name) == (lost.kind, lost.name)
            and abs(job.tracked_at - line.tracked_at) <= 2 * settles_in(connection)
            for job in self._same_server(connection)
        )

    async def _obey(self, line: Job, lost: LostStart, verdict: Verdict) -> Job:
        key, now = line.key, self._clock.now()
        if verdict.is_it is not None and key in self._board.jobs:  # it was not taken off the board meanwhile
            job = taken_over(line, verdict.is_it)
            await self._board.become(key, job, verdict.notice)
            self._became[key] = job.key
            return self._board.job(job.key)
        looked = replace(lost, candidates=verdict.candidates, not_started=verdict.not_started)
        await self._board.put_start(
            key,
            lambda line: replace(
                line,
                lost=looked,
                snapshot=with_notice(line.snapshot, verdict.notice),
                checked_at=now,
                next_check_at=verdict.again_at,
                problem=None,
            ),
            None if line.snapshot.notice == verdict.notice else verdict.notice,
        )
        return self._board.job(key)

    async def _fail(self, key: JobKey, lost: LostStart, error: AskError) -> None:
        """The line stays, with the problem; a list that is not there says nothing of the job."""
        kind = ProblemKind.BAD_REPLY if error.kind is ProblemKind.GONE else error.kind
        told = AskError(kind, f"the vendor's list: {error.message}", hint=error.hint)
        wait = timedelta(seconds=max(error.retry_after or 0.0, PATIENCE))
        if kind in _ANOTHER_TIME:
            await self._board.failed(key, told, self._clock.now() + wait)
            return
        await self._board.put_start(
            key,
            lambda line: replace(line, snapshot=with_notice(line.snapshot, refused_notice(lost, line.snapshot.notice))),
        )
        await self._board.failed(key, told, None)

    def _given_up_at(self, line: Job) -> datetime:
        """Until when the program that sent it may still wait for the reply."""
        connection = self._config().connections.get(line.connection)
        patience = max(PATIENCE, 2 * connection.timeout if connection else 0.0)
        return (line.sent.at if line.sent else line.tracked_at) + timedelta(seconds=patience)
