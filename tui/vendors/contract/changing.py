"""What changes something at a vendor: a job started, stopped or put back to its start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from tui.model import JobState, OrderForm, Reference
from tui.vendors.contract.session import Session


@dataclass(frozen=True, slots=True)
class Order:
    """A job that is to be started: the request body as JSON text, and the place it goes to where the body has none.

    `place` is EnOS's channel and JAGGAER's URL of an `/async` call; the others need none.
    """

    body: str
    place: str | None = None


@runtime_checkable
class Submits(Protocol):
    """A vendor that can be told to start a job."""

    @property
    def order_form(self) -> OrderForm:
        """What a person is asked for."""
        ...

    def read_order(self, order: Order) -> None:
        """Check what can be checked without asking. Raises UsageError with what to write instead."""
        ...

    async def submit(self, session: Session, order: Order) -> Reference:
        """Start one job, sent exactly once.

        Raises AskError; UNREACHABLE means that the outcome is unknown, unless the error says `not_sent`.
        """
        ...


@runtime_checkable
class PostsBack(Protocol):
    """A vendor that posts to an address when a job that was started with it is over."""

    def with_callback(self, order: Order, url: str) -> Order:
        """An order that `read_order` found right, with this address in it; as it is where it names one already."""


@runtime_checkable
class TitlesOrders(Protocol):
    """A vendor whose orders hold a name for people that its answers do not repeat."""

    def title_of(self, order: Order) -> str | None:
        """The name in an order that `read_order` found right; None where it has none."""
        ...


@runtime_checkable
class Cancels(Protocol):
    """A vendor that can be told to stop a job."""

    async def cancel(self, session: Session, ref: Reference) -> None:
        """Tell it once; returns when the vendor took it. Never repeated by itself. Raises AskError."""
        ...


@runtime_checkable
class RefrainsFromCancel(Protocol):
    """A vendor that asks not to be told to stop some of its jobs."""

    def why_no_cancel(self, order: Order, state: JobState) -> str | None:
        """Why a job that was started from here with this order is not to be cancelled in this state, in a few words."""
        ...


@runtime_checkable
class Resets(Protocol):
    """A vendor that can put a job that is over back to its start."""

    async def reset(self, session: Session, ref: Reference) -> None:
        """Tell it once; returns when the vendor took it. Never repeated by itself.

        Raises AskError; UNREACHABLE means that the outcome is unknown, unless it says `not_sent`.
        """
        ...
