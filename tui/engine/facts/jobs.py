"""What travels through the door about jobs: wishes, and what came of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tui.model import NO_TEXT, ConnectionHealth, Download, Job, JobKey, OrderForm, Output, Safe, Secret


class Action(StrEnum):
    """What a user can do with a job; `Door.why_not` says whether it can be done now."""

    DOWNLOAD = "download"
    DOWNLOAD_NAMED = "download by name"
    """One output alone: also one that is no result."""
    REPORT = "report"
    CANCEL = "cancel"
    RESET = "reset"
    REFRESH = "refresh"
    AGAIN = "again"
    UNTRACK = "untrack"
    ARCHIVE = "archive"
    BRING_BACK = "bring back"

    @property
    def word(self) -> str:
        """What it is called in a sentence."""
        return Action.DOWNLOAD.value if self is Action.DOWNLOAD_NAMED else self.value

    @property
    def changes_vendor(self) -> bool:
        """Whether it changes something at the vendor: what a read-only run refuses."""
        return self in (Action.CANCEL, Action.RESET, Action.AGAIN)


@dataclass(frozen=True, slots=True)
class Slept:
    """That the machine, or this program, stood still: for so many seconds, until `at`."""

    seconds: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new since the last `drain`: the latest version of each changed thing, once."""

    jobs: tuple[Job, ...] = ()
    gone: tuple[JobKey, ...] = ()
    connections: tuple[ConnectionHealth, ...] = ()
    connections_gone: tuple[str, ...] = ()
    """Connections that were removed, or have another name now."""
    downloads: tuple[Download, ...] = ()
    told: tuple[Safe, ...] = ()
    """What went wrong without being asked for, each a sentence for the user."""
    slept: Slept | None = None

    def __bool__(self) -> bool:
        things = (self.slept, self.jobs, self.gone, self.connections, self.connections_gone, self.downloads, self.told)
        return any(things)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What came of asking for jobs at once."""

    answered: tuple[Job, ...] = ()
    failed: tuple[Job, ...] = ()
    """They have been asked for, but their vendor did not tell: `problem` says why."""
    waiting: tuple[Job, ...] = ()
    """They have not been asked for, since their connection is not asked at all now; then they are the first."""


@dataclass(frozen=True, slots=True)
class Queued:
    """What was queued at one word: so many files of so many jobs; `skipped` jobs could not be fetched from."""

    files: int
    jobs: int
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class TrackWish:
    """What `track` is asked for.

    `text` is any form of CONTRACT section 2, a curl command included; hidden from `repr`, since it may hold secrets.
    """

    text: str = field(repr=False)
    connection: str | None = None
    title: str | None = None
    outputs: tuple[str, ...] = ()
    expires_in: float | None = None
    check: bool = True


@dataclass(frozen=True, slots=True)
class CutOff:
    """Credentials that stood in a text for `track`: never their values.

    `connection` is whose they can be, None where the text and the wish do not tell; `fields` are its secrets that
    they can be kept as; `why_not` says why there are none.
    """

    connection: str | None
    fields: tuple[str, ...] = ()
    why_not: Safe = NO_TEXT


@dataclass(frozen=True, slots=True)
class Offers:
    """What a connection can do beyond asking; `form` is what starting a job there asks for, None where it cannot."""

    connection: str
    vendor: str
    form: OrderForm | None
    discover: bool
    browse: bool
    fetcher: str | None = None
    """The program on this machine that fetches the vendor's links; None where there is none."""


@dataclass(frozen=True, slots=True)
class ToCopy:
    """A text that the user asked to copy, secrets and all; `what` says what it is."""

    text: Secret
    what: Safe


@dataclass(frozen=True, slots=True)
class Sighting:
    """A job that a vendor says it has run lately; `tracked` when it is on the board already."""

    connection: str
    ref: Safe
    title: Safe | None
    at: datetime | None
    tracked: bool


@dataclass(frozen=True, slots=True)
class FilePage:
    """One page of the files at a place; `more` asks on."""

    files: tuple[Output[Safe], ...]
    more: str | None = None
