"""What is done at a vendor on the user's word: jobs started, or listed if they ran lately, and files listed.

What is done with a job that the board has is in `job_desk`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from tui import vendors
from tui.clock import Clock
from tui.config import Config
from tui.engine.board import Board
from tui.engine.border import inert_output
from tui.engine.contacts import Contacts
from tui.engine.facts.jobs import Action, FilePage, Offers, Sighting
from tui.engine.offering import offers_of
from tui.engine.submit import Submitter, Wish
from tui.errors import UsageError
from tui.model import Job, JobKey
from tui.text import is_safe_line, safe_line
from tui.vendors.contract import Browses, Discovers, Order

DISCOVER_SPAN = timedelta(days=4)
"""How far back "what ran lately" looks."""


class VendorDesk:
    """Asks vendors on the user's word; nothing here is done by itself. Coroutines raise JobdeckErrors."""

    def __init__(
        self,
        config: Callable[[], Config],
        board: Board,
        contacts: Contacts,
        submitter: Submitter,
        clock: Clock,
        environ: Mapping[str, str],
        *,
        read_only: Callable[[], bool],
        refuse_if: Callable[[Action, Job], None],
    ) -> None:
        self._config = config
        self._board = board
        self._contacts = contacts
        self._submitter = submitter
        self._clock = clock
        self._environ = environ
        self._read_only = read_only
        self._refuse_if = refuse_if

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
        self._refuse_if(Action.AGAIN, job)
        order = Order(job.order_body or "", job.order_place)
        return await self._start(job.connection, order, job.given_title, job if job.outcome_unknown else None)

    async def discover(self, connection: str) -> tuple[Sighting, ...]:
        """What ran lately at a vendor, newest first. Raises UsageError or AskError."""
        vendor, session = await self._contacts.of(connection)
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
        vendor, session = await self._contacts.of(connection)
        if not isinstance(vendor, Browses):
            raise UsageError(f"the files of {vendor.label} cannot be looked through")
        shelf = await vendor.browse(session, place, more)
        return FilePage(tuple(inert_output(output) for output in shelf.outputs), shelf.more)
