"""What more a vendor can be asked than how a job stands, and how it wants to be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from tui.errors import AskError
from tui.model import Reference, Snapshot
from tui.vendors.contract.session import Session


@runtime_checkable
class AsksMany(Protocol):
    """A vendor that answers for many jobs in one request."""

    @property
    def most_at_once(self) -> int:
        """How many jobs one request may name."""
        ...

    async def ask_many(self, session: Session, refs: Sequence[Reference]) -> Mapping[str, Snapshot | AskError]:
        """An answer or an error for each `ref.id`. Raises AskError when the request as a whole failed."""
        ...


@runtime_checkable
class Limited(Protocol):
    """A vendor with a documented quota."""

    @property
    def requests_per_minute(self) -> int:
        """How many requests one account may send, a little below the vendor's own limit."""
        ...


@runtime_checkable
class CountsBy(Protocol):
    """A vendor that counts requests by something else than the user at a host."""

    @property
    def counted_by(self) -> str:
        """The setting whose value it goes by, e.g. `client_id`: connections with the same one share a quota."""
        ...


@runtime_checkable
class NeedsClock(Protocol):
    """A vendor whose logins hold the time, and may be refused when it is not the vendor's own."""

    @property
    def most_skew(self) -> float:
        """So many seconds may the clocks surely differ."""
        ...


@runtime_checkable
class Lags(Protocol):
    """A vendor whose answers may be older than what it said before."""

    def is_behind(self, known: Snapshot, told: Snapshot) -> bool:
        """Whether `told` is older than `known`, although it came later; `known` is then kept."""
        ...


@runtime_checkable
class Reports(Protocol):
    """A vendor that keeps a report (a log) of a job."""

    async def report(self, session: Session, ref: Reference) -> str:
        """The report's whole text as of now. Raises AskError; GONE when there is none (any more)."""
        ...


@runtime_checkable
class TellsKinds(Protocol):
    """A vendor whose jobs are of several kinds, each of which usually takes as long as the others of its kind."""

    def kind_of(self, ref: Reference, snapshot: Snapshot) -> str:
        """What the vendor calls the kind of this job; empty while it has not told. Pure: asks nobody.

        The words are kept: under other words what past jobs have told of the kind is not found any more.
        """
        ...


@runtime_checkable
class ExplainsWaits(Protocol):
    """A vendor that can say why a job waits for long."""

    async def explain_wait(self, session: Session, snapshot: Snapshot) -> str | None:
        """One sentence on the queue that the job stands in; None where nothing is known. Raises AskError."""
        ...


@dataclass(frozen=True, slots=True)
class Discovery:
    """A job that the vendor says it has run lately; `at` is when it last moved."""

    reference: Reference
    title: str | None = None
    at: datetime | None = None


@runtime_checkable
class Discovers(Protocol):
    """A vendor that can say which jobs ran lately."""

    async def discover(self, session: Session, since: datetime) -> tuple[Discovery, ...]:
        """Jobs that moved after `since`, newest first, at most 500. Raises AskError."""
        ...
