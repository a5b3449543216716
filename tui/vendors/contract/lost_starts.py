"""The ability to find a start whose reply was lost, and the times that all vendors with it go by.

What a vendor may call a sure find is what its own docs let it prove; a job that was merely started at that moment is
never one: another program or person on the same account may have started it, and a later cancel would stop theirs.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from tui.model import Connection, LostStart, Reference
from tui.vendors.contract.changing import Order
from tui.vendors.contract.session import Reply, Session, said_at
from tui.wording import duration

SKEW = timedelta(seconds=30)
"""The two clocks may differ by so much; by more, no time of the vendor's tells anything about ours."""
_SETTLED = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A job that may be what an order became; it `is_sure` where it repeats what only this order held."""

    reference: Reference
    is_sure: bool = False


@dataclass(frozen=True, slots=True)
class Lookalikes:
    """The jobs that may be what an order became.

    `gap` is why it may be another one all the same, in a few words; None when every job of that time was looked at.
    """

    found: tuple[Lookalike, ...] = ()
    gap: str | None = None


@runtime_checkable
class FindsStarts(Protocol):
    """A vendor that can say which jobs were started at a time."""

    def lost_start(self, order: Order) -> LostStart:
        """What the job of an order that `read_order` found right would be known by."""
        ...

    async def find_start(
        self, session: Session, lost: LostStart, sent_at: datetime, known: Collection[str]
    ) -> Lookalikes:
        """The jobs that the order, sent at that moment of our clock, may have become. Raises AskError.

        `known` are the ids of jobs that it is not: we know where they come from.
        """
        ...


def settles_in(connection: Connection) -> timedelta:
    """How long after it was sent an order has become a job, or never will: no reply is waited for any longer."""
    return max(_SETTLED, timedelta(seconds=2 * connection.timeout))


def was_started_then(moment: datetime, sent_at: datetime, connection: Connection) -> bool:
    """Whether a job that was started at this moment of the vendor's clock may be the order that was sent then."""
    return -SKEW <= moment - sent_at <= settles_in(connection)


def clocks_apart(reply: Reply) -> str | None:
    """That the vendor's clock and ours differ by too much, in a few words; None where they do not."""
    gap = abs((said_at(reply) or reply.received_at) - reply.received_at)
    return f"its clock and this one differ by {duration(gap.total_seconds())}" if gap > SKEW else None
