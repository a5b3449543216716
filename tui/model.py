"""The words that every room uses: jobs, what vendors said of them, and how our asking went.

Two things are kept apart everywhere: a `Snapshot` is what the vendor last said, a `Problem` is how our
last ask went wrong. A problem never changes a job's state. Of ours, this module imports `sent` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Generic, NewType, Self

from tui.sent import LostStart, Sent

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    Text_co = TypeVar("Text_co", bound=str, covariant=True, default=str)
    """What a vendor's text is: any `str` as its reader gives it, `Safe` behind the border."""
else:
    from typing import TypeVar

    Text_co = TypeVar("Text_co", bound=str, covariant=True)  # no Python before 3.13 knows a default

JobKey = NewType("JobKey", str)
"""`CONNECTION:ID`, the name of a job everywhere outside the store."""


Safe = NewType("Safe", str)
"""A text that no terminal obeys. Only `tui.text` makes it: where one is asked for, a missing call shows."""

NO_TEXT = Safe("")


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


class ProblemKind(StrEnum):
    """How an ask can go wrong."""

    AUTH = "auth"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate-limited"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    BAD_REPLY = "bad-reply"
    GONE = "gone"


class Verified(StrEnum):
    """Which check a downloaded file passed."""

    SHA1 = "sha1"
    SHA256 = "sha256"
    MD5 = "md5"
    ZIP = "zip"
    """Every member's CRC."""
    SIZE = "size"
    NONE = "none"


class DownloadState(StrEnum):
    """The life of one download."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    """Waits for the user's word, or for room on the disk; what came is kept."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether the download has come to an end; a paused one has not."""
        return self not in (DownloadState.QUEUED, DownloadState.RUNNING, DownloadState.PAUSED)

    @property
    def is_moving(self) -> bool:
        """Whether the download goes on by itself."""
        return self in (DownloadState.QUEUED, DownloadState.RUNNING)


class Secret:
    """A text that no `repr`, `str` or format shows; only `reveal()` gives it away."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself, for the one place that sends it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)


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


@dataclass(frozen=True, slots=True)
class Problem:
    """How the last ask went wrong. `retry_at` is when we ask again, None if we do not by ourselves."""

    kind: ProblemKind
    message: Safe
    since: datetime
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Reference:
    """What names a job at its vendor, as read from the text that the user gave.

    `id` is the part of the key behind the connection's name. `url` is the address as it was given, without
    credentials, where the vendor must be asked by it. `outputs` are output names the user attached.
    `expires_at` is when the vendor stops answering for it, where that is known from the start.
    """

    id: str
    url: str | None = None
    outputs: tuple[str, ...] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReportInfo:
    """That a report was read and kept: when, and its size in bytes."""

    read_at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class UsualStage:
    """How long one stage usually lasts: the median of past runs, seconds."""

    name: Safe
    seconds: float


@dataclass(frozen=True, slots=True)
class Usual:
    """How long jobs of one kind usually run, from past runs that succeeded. An estimate, never a promise; seconds."""

    runs: int
    seconds: float
    """The median, from a job's start to its end."""
    most: float
    """Nine of ten were done after so long."""
    stages: tuple[UsualStage, ...] = ()


@dataclass(frozen=True, slots=True)
class Download:
    """One output on its way to the disk, or there. Sizes are bytes, `speed` is bytes a second."""

    id: int
    job: JobKey
    output: Safe
    folder: Path
    state: DownloadState
    path: Path | None = None
    bytes: int = 0
    size: int | None = None
    verified: Verified | None = None
    sha256: str | None = None
    resumed_from: int = 0
    """How many bytes of an earlier run it went on from."""
    attempts: int = 0
    renewals: int = 0
    """How many new links it was given while it went on."""
    streams: int = 0
    """How many ranges of it come at the same time now."""
    priority: int = 0
    """Higher goes first; equals in the order in which they were asked for."""
    seconds: float = 0.0
    speed: float | None = None
    message: Safe | None = None
    member: Safe | None = None
    """The one member of the output that was fetched alone out of its archive; None for the whole output."""

    @property
    def is_whole(self) -> bool:
        """Whether the whole output is on the disk."""
        return self.state is DownloadState.DONE and self.member is None

    @property
    def name(self) -> Safe:
        """What it is called on the screen."""
        return self.output if self.member is None else Safe(f"{self.output}: {self.member}")


@dataclass(frozen=True, slots=True)
class Job:
    """One tracked job: its reference, the vendor's last word on it, and how our last ask went."""

    connection: str
    vendor: str
    ref: Reference
    tracked_at: datetime
    given_title: Safe | None = None
    snapshot: Inert = field(default_factory=lambda: Inert(Snapshot()))
    checked_at: datetime | None = None
    """When the vendor last gave a good answer."""
    next_check_at: datetime | None = None
    fresh_until: datetime | None = None
    """Until when the last good answer counts as fresh."""
    changed_at: datetime | None = None
    """When the state or the vendor's status last changed, as we saw it."""
    problem: Problem | None = None
    report: ReportInfo | None = None
    downloads: tuple[Download, ...] = ()
    order_body: str | None = None
    """The request body that a job started here was started with; None too where it held credentials."""
    order_place: str | None = None
    begun_anew_at: datetime | None = None
    """When it was last put back to its start from here: files that were fetched before are not of this run."""
    seen_running_at: datetime | None = None
    """When we saw it begin to run; None where that, or its end, was not seen as it came."""
    usual: Usual | None = None
    """How long jobs of its kind usually run, as known when it was last asked."""
    outcome_unknown: bool = False
    """A start that was sent and whose reply has not come: there may be such a job at the vendor, or none."""
    lost: LostStart | None = None
    """How a start of unknown outcome is looked for; None where its vendor cannot list its jobs."""
    callback: str | None = None
    """SHA-256, in hex, of the end of the address at which the vendor may post that the job has moved."""
    sent: Sent | None = None
    """What was sent to change it, as long as nobody knows what became of that."""
    archived_at: datetime | None = None
    """When it left the board for the archive; None for a job on the board."""
    brought_back_at: datetime | None = None
    """When it last came back from there."""
    alert: bool = False
    """Whether the user set an alert: its end is told in any case."""

    @property
    def key(self) -> JobKey:
        """`CONNECTION:ID`."""
        return JobKey(f"{self.connection}:{self.ref.id}")

    @property
    def title(self) -> Safe:
        """The user's title, else the vendor's name for the job, else its id: none is let in that is not safe."""
        return self.given_title or self.snapshot.title or Safe(self.ref.id)

    @property
    def state(self) -> JobState:
        """The vendor's last word, never changed by a failed ask."""
        return self.snapshot.state

    @property
    def is_given_up(self) -> bool:
        """Whether the vendor never knew it, however often it was asked: it is asked again on the user's word only."""
        problem = self.problem
        unknown = problem is not None and problem.kind is ProblemKind.GONE and problem.retry_at is None
        return unknown and not self.state.is_over

    def is_stale(self, now: datetime) -> bool:
        """Whether the last good answer is older than the asking interval allows."""
        return not self.state.is_over and self.fresh_until is not None and now > self.fresh_until


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a job's history."""

    at: datetime
    job: JobKey
    kind: str
    text: Safe


class Condition(StrEnum):
    """How a connection is doing."""

    IDLE = "idle"
    OK = "ok"
    SLOW = "slow"
    THROTTLED = "throttled"
    REFUSED = "refused"
    DOWN = "down"
    PAUSED = "paused"
    """Nothing is asked, by the user's word."""


@dataclass(frozen=True, slots=True)
class ConnectionHealth:
    """What the board knows of one connection; `latency` is the last good answer's time in seconds."""

    name: str
    vendor: str
    label: Safe
    condition: Condition = Condition.IDLE
    message: Safe | None = None
    since: datetime | None = None
    last_good_at: datetime | None = None
    latency: float | None = None
    next_try_at: datetime | None = None
    insecure: bool = False
    plain_http: bool = False

    @classmethod
    def at_first(cls, connection: Connection, vendor_label: Safe) -> Self:
        """What config.toml tells, before the first ask."""
        return cls(
            name=connection.name,
            vendor=connection.vendor,
            label=connection.label or vendor_label,
            insecure=connection.insecure,
            plain_http=connection.base_url.startswith("http://"),
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """One key that a vendor's connection has in config.toml."""

    name: str
    help: str
    default: str | None = None
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecretField:
    """One secret that a vendor's connection may need; `default` is a value that the vendor itself publishes."""

    name: str
    help: str
    required: bool = True
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be chosen for a job, and the names of the options that may be written into it."""

    name: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderForm:
    """What a person is asked for to start a job at a vendor.

    `example` shows the request body. `place` names what a job needs besides it, where it needs something. `choices`
    can be ticked into the body, as members of its object `wrapper`.
    """

    example: str
    needs_body: bool = True
    place: str = ""
    place_example: str = ""
    wrapper: str = ""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Connection:
    """One login at one vendor, as config.toml has it. Times are seconds."""

    name: str
    vendor: str
    base_url: str
    options: Mapping[str, str] = field(default_factory=dict)
    label: Safe | None = None
    ca_file: Path | None = None
    tls_server_name: str | None = None
    insecure: bool = False
    proxy: str | None = None
    timeout: float = 20.0
    min_interval: float = 2.0
    max_interval: float = 60.0
    max_requests_per_minute: int | None = None
    auto: bool | str = False
    """Whether results are fetched by themselves; a text is the filter that their jobs have to fit."""
    secret_commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    trust: str = "bundled"
    """Whose authorities a certificate may come from: `bundled` with jobdeck, or the `system`'s."""
    allowed_hosts: tuple[str, ...] = ()
    """Hosts that the vendor's replies may lead to although their addresses are not public."""

    def option(self, name: str) -> str:
        """The value of one of the vendor's own settings; empty when it has none."""
        return self.options.get(name, "")
