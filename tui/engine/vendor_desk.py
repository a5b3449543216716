"""What can be had from a vendor beyond asking for jobs: orders, lists of jobs, files, links for other programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from tui import vendors
from tui.clock import Clock
from tui.config import Config
from tui.engine.abilities import refuse_if
from tui.engine.board import Board
from tui.engine.border import inert_output
from tui.engine.callbacks import new_address
from tui.engine.facts.jobs import Action, FilePage, Offers, Sighting, ToCopy
from tui.engine.hand_over import command_line, fetcher_of, hand_over
from tui.engine.offering import offers_of
from tui.engine.polling.once import Once
from tui.engine.submit import Submitter, Wish
from tui.engine.wire.as_curl import status_command
from tui.engine.wire.live_session import LiveSession
from tui.engine.wire.sessions import Sessions
from tui.errors import UsageError
from tui.model import Job, JobKey, OutputKind, Safe, Secret
from tui.text import is_safe_line, safe_line
from tui.vendors.contract import Browses, Cancels, Discovers, HandsOver, Order, Resets, Reveals, Vendor

DISCOVER_SPAN = timedelta(days=4)
"""How far back "what ran lately" looks; Autodesk refuses more than five days."""


_LONGEST_COMMAND = 100_000


class VendorDesk:
    """Asks vendors on the user's word; nothing here is done by itself. Coroutines raise JobdeckErrors."""

    def __init__(
        self,
        config: Callable[[], Config],
        board: Board,
        sessions: Sessions,
        clock: Clock,
        environ: Mapping[str, str],
        read_only: Callable[[], bool],
    ) -> None:
        self._config = config
        self._board = board
        self._sessions = sessions
        self._clock = clock
        self._environ = environ
        self._read_only = read_only
        self.once = Once(board, clock)
        self._submitter = Submitter(board, sessions, clock, lambda: new_address(config().callbacks))

    def offers(self) -> tuple[Offers, ...]:
        """What each connection can do beyond asking for jobs."""
        return offers_of(self._config(), self._environ, read_only=self._read_only())

    async def submit(self, connection: str, order: Order, title: str | None = None) -> Job:
        """Start a job at a vendor, exactly once, and track it. Errors as in `Submitter.submit`."""
        return await self._start(connection, order, title, None)

    async def _start(self, connection: str, order: Order, title: str | None, instead_of: Job | None) -> Job:
        if self._read_only():
            raise UsageError("this is a read-only run: nothing is started", hint="leave --read-only away")
        wish = Wish(self._config().connection(connection), order, title)
        return await self._submitter.submit(wish, vendors.load(wish.connection.vendor), instead_of)

    async def again(self, key: JobKey) -> Job:
        """Start a job once more with the body it was started with from here.

        A lost start that was not started, as far as its vendor's list says, is started by this.
        """
        job = self._board.job(key)
        refuse_if(Action.AGAIN, job, vendors.load(job.vendor), read_only=self._read_only())
        order = Order(job.order_body or "", job.order_place)
        return await self._start(job.connection, order, job.given_title, job if job.outcome_unknown else None)

    async def cancel(self, key: JobKey) -> None:
        """Tell a vendor to stop a job. Errors as in `reset`."""
        job = self._board.job(key)
        refuse_if(Action.CANCEL, job, self._vendor_of(job), read_only=self._read_only())
        vendor, session = await self._reach(job.connection)
        if not isinstance(vendor, Cancels):
            raise UsageError(f"{vendor.label} knows no cancel")
        await self.once.send(key, Action.CANCEL, lambda: vendor.cancel(session, job.ref), take_turn=session.take_turn)

    async def reset(self, key: JobKey) -> None:
        """Have a vendor put a job that is over back to its start: written down, then sent once.

        Raises JobdeckError before anything is sent, AskError when the vendor refused; with UNREACHABLE nobody knows
        whether it was done, unless the error says `not_sent`.
        """
        job = self._board.job(key)
        refuse_if(Action.RESET, job, self._vendor_of(job), read_only=self._read_only())
        vendor, session = await self._reach(job.connection)
        if not isinstance(vendor, Resets):
            raise UsageError(f"{vendor.label} knows no reset")
        await self.once.send(key, Action.RESET, lambda: vendor.reset(session, job.ref), take_turn=session.take_turn)
        await self._board.reopened(key)

    async def discover(self, connection: str) -> tuple[Sighting, ...]:
        """What ran lately at a vendor, newest first. Raises UsageError or AskError."""
        vendor, session = await self._reach(connection)
        if not isinstance(vendor, Discovers):
            raise UsageError(f"{vendor.label} has no list of jobs", hint="track them one by one")
        found = await vendor.discover(session, self._clock.now() - DISCOVER_SPAN)
        return tuple(
            Sighting(
                connection=connection,
                ref=safe_line(one.reference.id),
                title=None if one.title is None else safe_line(one.title, 200),
                at=one.at,
                tracked=JobKey(f"{connection}:{one.reference.id}") in self._board.jobs,
            )
            for one in found
            if is_safe_line(one.reference.id)
        )

    async def browse(self, connection: str, place: str, more: str | None = None) -> FilePage:
        """One page of the files at a place. Raises UsageError or AskError."""
        vendor, session = await self._reach(connection)
        if not isinstance(vendor, Browses):
            raise UsageError(f"the files of {vendor.label} cannot be looked through")
        shelf = await vendor.browse(session, place, more)
        return FilePage(tuple(inert_output(output) for output in shelf.outputs), shelf.more)

    async def hand_over(self, key: JobKey, name: str, folder: Path | None = None) -> Safe:
        """Have another program fetch a link, or save it privately; returns what was done. Raises JobdeckErrors."""
        vendor, link = await self._link(key, name)
        if program := fetcher_of(vendor, self._environ):
            await self._board.note(key, "handed over", f"{name}: {program} is started")
        done = await hand_over(vendor, link, name, self._into(folder), self._environ)
        await self._board.note(key, "handed over", done)
        return safe_line(done, 5000)

    async def hand_over_command(self, key: JobKey, name: str, folder: Path | None = None) -> ToCopy:
        """The command that fetches a link, its token included, for a user who asked for it. Raises JobdeckErrors."""
        vendor, link = await self._link(key, name)
        copied = command_line(vendor, link, self._into(folder))
        await self._board.note(key, "handed over", f"{name}: {copied.what} was asked for, to be copied")
        return copied

    async def link(self, key: JobKey, name: str) -> ToCopy:
        """The address of a link, its token included, for a user who asked for it. Raises JobdeckErrors."""
        _, link = await self._link(key, name)
        await self._board.note(key, "link", f"{name}: the link was asked for, to be copied")
        return ToCopy(link, safe_line(f"the link {name}"))

    async def status_command(self, key: JobKey) -> Safe:
        """The curl command that asks how a job stands, without the login. Raises JobdeckErrors."""
        job = self._board.job(key)
        connection = self._config().connection(job.connection)
        command = await status_command(vendors.load(connection.vendor), connection, job.ref, self._clock)
        return safe_line(command, _LONGEST_COMMAND)

    def _into(self, folder: Path | None) -> Path:
        return folder or self._config().downloads.folder

    async def _link(self, key: JobKey, name: str) -> tuple[HandsOver, Secret]:
        job = self._board.job(key)
        output = next((one for one in job.snapshot.outputs if one.name == name and one.kind is OutputKind.LINK), None)
        if output is None:
            raise UsageError(f"{job.title} has no link named {name}")
        vendor, session = await self._reach(job.connection)
        if not (isinstance(vendor, HandsOver) and isinstance(vendor, Reveals)):
            raise UsageError(f"{vendor.label} hands no links over")
        return vendor, Secret(await vendor.reveal(session, job.ref, output))

    def _vendor_of(self, job: Job) -> Vendor | None:
        return vendors.load(job.vendor) if job.connection in self._config().connections else None

    async def _reach(self, name: str) -> tuple[Vendor, LiveSession]:
        connection = self._config().connection(name)
        return vendors.load(connection.vendor), await self._sessions.of(connection)
