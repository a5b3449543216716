"""Starting a job, exactly once: written down before it is sent, so that a crash or a lost reply is seen afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tui.clock import Clock
from tui.engine.board import Board
from tui.engine.callbacks import Address
from tui.engine.wire.sessions import Sessions
from tui.errors import AskError, UsageError
from tui.model import Connection, Inert, Job, Reference, Snapshot
from tui.redact import redact
from tui.text import safe_line
from tui.vendors.contract import Order, PostsBack, Submits, TitlesOrders, Vendor

OUTCOME_UNKNOWN = "sent, outcome unknown: look at the vendor before you send it again"
_LOOK = "look at the vendor before you send it again; it stays on the board as sent"


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

    async def submit(self, wish: Wish, vendor: Vendor) -> Job:
        """Start a job and track it.

        Raises UsageError before anything is sent, AskError when it could not be sent or the vendor refused; then
        nothing stays on the board. A lost reply raises AskError too, and the job stays as "sent, outcome unknown".
        """
        if not isinstance(vendor, Submits):
            raise UsageError(f"{vendor.label} takes no orders from here")
        vendor.read_order(wish.order)
        session = await self._sessions.of(wish.connection)
        sent, order = self._sent(wish, wish.title or _title_of(wish.order, vendor)), wish.order
        if isinstance(vendor, PostsBack) and (address := self._address()):
            order, sent = vendor.with_callback(order, address.url), replace(sent, callback=address.digest)
        await self._board.add((sent,), "written down, then sent")
        try:
            reference = await vendor.submit(session, order)
        except AskError as error:
            if error.leaves_open:
                raise error.worded(f"{error.message}: nobody knows whether the job was started", hint=_LOOK) from error
            await self._board.remove((sent.key,))
            if error.not_sent:
                hint = error.hint or "try again when the vendor can be reached"
                raise error.worded(f"{error.message}: the order was not sent, no job was started", hint=hint) from error
            raise
        started = replace(
            sent, ref=reference, tracked_at=self._clock.now(), outcome_unknown=False, snapshot=Inert(Snapshot())
        )
        await self._board.add((started,), "started from here")
        await self._board.remove((sent.key,))
        return self._board.jobs[started.key]

    def _sent(self, wish: Wish, title: str | None) -> Job:
        now = self._clock.now()
        holds_credentials = redact(wish.order.body) != wish.order.body
        return Job(
            connection=wish.connection.name,
            vendor=wish.connection.vendor,
            ref=Reference(id=f"sent {now:%Y-%m-%dT%H:%M:%S.%fZ}"),
            tracked_at=now,
            given_title=safe_line(title, 200) if title else None,
            snapshot=Inert(Snapshot(notice=OUTCOME_UNKNOWN)),
            order_body=None if holds_credentials else wish.order.body,
            order_place=wish.order.place,
            outcome_unknown=True,
        )


def _title_of(order: Order, vendor: Vendor) -> str | None:
    return vendor.title_of(order) if isinstance(vendor, TitlesOrders) else None
