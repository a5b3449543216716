"""One tracked job, with all that is known of it here, and its history."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tui.errors import ProblemKind
from tui.model.download import Download, DownloadState
from tui.model.reference import JobKey, Reference
from tui.model.sent import LostStart, Sent
from tui.model.snapshot import Inert, JobState, Output, Snapshot
from tui.text import Safe


@dataclass(frozen=True, slots=True)
class Problem:
    """How the last ask went wrong. `retry_at` is when we ask again, None if we do not by ourselves."""

    kind: ProblemKind
    message: Safe
    since: datetime
    retry_at: datetime | None = None


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
    """Whether the user set an alert: its end is told, also with `notify.when = "alert"`; not in quiet hours."""

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
    def results(self) -> tuple[Output[Safe], ...]:
        """The outputs that are fetched where none is named."""
        return tuple(one for one in self.snapshot.outputs if one.is_result)

    def lacks(self, output: Output[Safe], now: datetime) -> bool:
        """Whether an output of it is a result that can still be fetched and is not whole on the disk."""
        if not output.is_result or (output.expires_at is not None and output.expires_at <= now):
            return False
        return not any(one.is_whole and one.output == output.name for one in self.downloads)

    @property
    def fetched(self) -> frozenset[Safe]:
        """The names of the outputs that are whole on the disk."""
        return frozenset(one.output for one in self.downloads if one.is_whole)

    @property
    def tried(self) -> dict[Safe, DownloadState]:
        """How each output that was tried stands, by its name: done once one download of it is, else as the latest."""
        latest = {one.output: one.state for one in sorted(self.downloads, key=lambda one: one.id) if one.member is None}
        return latest | dict.fromkeys(self.fetched, DownloadState.DONE)

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
