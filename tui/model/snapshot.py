"""What a vendor says of a job, in our words: its state, its figures, its outputs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, NewType

from tui.text import Safe

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    Text_co = TypeVar("Text_co", bound=str, covariant=True, default=str)
    """What a vendor's text is: any `str` as its reader gives it, `Safe` behind the border."""
else:
    from typing import TypeVar

    Text_co = TypeVar("Text_co", bound=str, covariant=True)  # no Python before 3.13 knows a default


class JobState(StrEnum):
    """Where a job stands, in one word for all vendors."""

    UNKNOWN = "unknown"
    WAITING = "waiting"
    RUNNING = "running"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def is_over(self) -> bool:
        """Whether the vendor will not move the job any more by itself."""
        return self in _OVER

    @property
    def is_failure(self) -> bool:
        """Whether it went wrong by itself: nobody cancelled it."""
        return self in (JobState.FAILED, JobState.EXPIRED)


_OVER = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED})


class OutputKind(StrEnum):
    """What can be done with an output."""

    FILE = "file"
    """Can be downloaded."""
    LINK = "link"
    """Needs another program, e.g. a `fasp:` link."""
    PATH = "path"
    """A path on the vendor's machine."""
    VALUE = "value"
    """A plain value."""


@dataclass(frozen=True, slots=True)
class Stage(Generic[Text_co]):
    """One named part of a job's way; times are None until the vendor tells them."""

    name: Text_co
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stat(Generic[Text_co]):
    """One figure that the vendor tells of a job."""

    name: Text_co
    value: int | float | Text_co


@dataclass(frozen=True, slots=True)
class Output(Generic[Text_co]):
    """One result of a job. `value` is masked where it holds a token; sizes are bytes.

    `expires_at` is until when the vendor lets it be fetched, where that is known.
    """

    name: Text_co
    kind: OutputKind = OutputKind.FILE
    size: int | None = None
    sha1: Text_co | None = None
    value: Text_co | None = None
    expires_at: datetime | None = None
    only_by_name: bool = False
    """Not among a job's results: fetched only when it is named."""

    @property
    def is_result(self) -> bool:
        """Whether it is fetched where no output is named."""
        return self.kind is OutputKind.FILE and not self.only_by_name


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[Text_co]):
    """What the vendor last said of a job, in our words and in the vendor's own (`vendor_status`)."""

    state: JobState = JobState.UNKNOWN
    vendor_status: Text_co = ""  # type: ignore[assignment]  # no text at all is safe
    title: Text_co | None = None
    notice: Text_co | None = None
    progress: float | None = None
    """0 to 1, only where the vendor tells one."""
    submitted_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    stages: tuple[Stage[Text_co], ...] = ()
    stats: tuple[Stat[Text_co], ...] = ()
    outputs: tuple[Output[Text_co], ...] = ()
    has_report: bool = False
    """Whether the vendor offers a report (a log) now."""
    raw: Text_co = ""  # type: ignore[assignment]  # as above
    """The reply as text, for the Raw tab; its secrets are masked by the vendor's reader."""


Inert = NewType("Inert", Snapshot[Safe])
"""A snapshot that came over the border (`engine.border`): its texts are safe, its figures can be kept."""
