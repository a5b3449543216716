"""Starting a job, exactly once: written down before it is sent, so that a crash or a lost reply is seen afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tui.clock import Clock
from tui.engine.board import Board
from tui.engine.border import inert_error, with_notice
from tui.engine.callbacks import Address
from tui.engine.calls import no_way_back
from tui.engine.lost.verdict import first_notice, taken_over
from tui.engine.wire.sessions import Sessions
from tui.errors import AskError, JobdeckError, UsageError
from tui.model import Connection, Inert, Job, ProblemKind, Reference, Sent, Snapshot
from tui.redact import redact
from tui.text import is_safe_line, safe_line
from tui.vendors.contract import Order, PostsBack, Submits, TitlesOrders, Vendor
from tui.vendors.contract.lost_starts import FindsStarts

_LOOK = "look at the vendor before you send it again; it stays on the board as sent"
_WAIT = "do not send it again: it stays on the board as sent, and jobdeck watch (or the board) looks it up"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be started where, and what the user calls it."""

    connection: Connection
    order: Order
    title: str | None = None


class Submitter:
    """Sends orders; never twice by itself."""

    def __init__(
        self,
        board: Board,
        sessions: Sessions,
        clock: Clock,
        address: Callable[[], Address | None] = lambda: None,
    ) -> None:
        """`address` makes one for each job, where vendors may post; None where nobody listens."""
        self._board = board
        self._sessions = sessions
        self._clock = clock
        self._address = address

    async def submit(self, wish: Wish, vendor: Vendor, instead_of: Job | None = None) -> Job:
        """Start a job and track it, on the line of one that was not started, if it is `instead_of` that.

        Raises UsageError before anything is sent, AskError when it could not be sent or the vendor refused; then
        the board is as before. A lost reply raises AskError too, and the job stays as "sent, outcome unknown".
        """
        if not isinstance(vendor, Submits):
            raise UsageError(f"{vendor.label} takes no orders from here")
        vendor.read_order(wish.order)
        session = await self._sessions.of(wish.connection)
        await session.take_turn()  # what is written down as sent is sent at once
        sent, order = self._sent(wish, vendor), wish.order
        if isinstance(vendor, PostsBack) and (address := self._address()):
            order, sent = vendor.with_callback(order, address.url), replace(sent, callback=address.digest)
        no_way_back()
        await self._write_down(sent, instead_of)
        try:
            reference = _known_by(await vendor.submit(session, order))
        except AskError as error:
            if error.leaves_open:
                await self._board.put_start(sent.key, self._lost, f"outcome unknown: {inert_error(error)}")
                told = f"{error.message}: nobody knows whether the job was started"
                raise error.worded(told, hint=_WAIT if sent.lost else _LOOK) from error
            await self._take_back(sent, instead_of)
            if error.not_sent:
                hint = error.hint or "try again when the vendor can be reached"
                raise error.worded(f"{error.message}: the order was not sent, no job was started", hint=hint) from error
            raise
        started = replace(taken_over(sent, reference), tracked_at=self._clock.now())
        await self._board.become(sent.key, started, "started from here")
        return self._board.jobs[started.key]

    async def _write_down(self, sent: Job, instead_of: Job | None) -> None:
        """One row stands for one start: a second sender finds it gone or changed, and stops. Raises JobdeckError."""
        if instead_of is None:
            await self._board.add((sent,), "written down, then sent")
            return
        await self._board.look()
        if self._board.job(instead_of.key).lost != instead_of.lost:
            raise JobdeckError("the vendor's list tells something else of it by now", hint="look at its notice")
        await self._board.become(instead_of.key, sent, "written down, then sent again")

    async def _take_back(self, sent: Job, instead_of: Job | None) -> None:
        if instead_of is None:
            await self._board.remove((sent.key,))
        else:
            await self._board.become(sent.key, instead_of, "not started this time either")

    def _lost(self, line: Job) -> Job:
        """The reply is lost: nobody waits for it any more, and it is looked up where that can be done."""
        return replace(line, sent=None, next_check_at=self._clock.now() if line.lost else None)

    def _sent(self, wish: Wish, vendor: Vendor) -> Job:
        now, title = self._clock.now(), wish.title or _title_of(wish.order, vendor)
        holds_credentials = redact(wish.order.body) != wish.order.body
        return Job(
            connection=wish.connection.name,
            vendor=wish.connection.vendor,
            ref=Reference(id=f"sent {now:%Y-%m-%dT%H:%M:%S.%fZ}"),
            tracked_at=now,
            given_title=safe_line(title, 200) if title else None,
            snapshot=with_notice(Inert(Snapshot()), first_notice(vendor)),
            order_body=None if holds_credentials else wish.order.body,
            order_place=wish.order.place,
            outcome_unknown=True,
            lost=vendor.lost_start(wish.order) if isinstance(vendor, FindsStarts) else None,
            sent=Sent("submit", now),
        )


def _known_by(reference: Reference) -> Reference:
    """What names the new job. Raises AskError for an id that could not be shown, and so not be tracked."""
    if is_safe_line(reference.id):
        return reference
    raise AskError(ProblemKind.UNREACHABLE, f"the vendor's answer names the job in an odd way: {reference.id}")


def _title_of(order: Order, vendor: Vendor) -> str | None:
    return vendor.title_of(order) if isinstance(vendor, TitlesOrders) else None
