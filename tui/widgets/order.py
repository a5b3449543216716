"""In which order the jobs stand, and in which groups. Every order is stable: what is equal stands by its keys."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from tui.model import DownloadState, Job, JobKey, JobState
from tui.widgets.columns import Column

_URGENCY = {
    state: rank
    for rank, state in enumerate(
        (
            JobState.FAILED,
            JobState.EXPIRED,
            JobState.CANCELLING,
            JobState.RUNNING,
            JobState.WAITING,
            JobState.UNKNOWN,
            JobState.SUCCEEDED,
            JobState.CANCELLED,
        )
    )
}

SortKey = tuple[int, float, str, JobKey]

GroupKey = tuple[int, str]
"""Where a group stands among the others, and its name; the name is empty where nothing is grouped."""

UNGROUPED: GroupKey = (0, "")


class SortBy(Enum):
    """What the table can be sorted by; the value is its name on the screen."""

    ACTIVITY = "activity"
    TITLE = "title"
    CONNECTION = "connection"
    STATE = "state"
    PROGRESS = "progress"
    AGE = "age"
    SEEN = "seen"
    OUTPUT = "output"

    @property
    def next(self) -> SortBy:
        """The one that `s` goes to."""
        orders = list(SortBy)
        return orders[(orders.index(self) + 1) % len(orders)]

    @property
    def column(self) -> Column | None:
        """The column that carries the sort sign, if one does."""
        return _COLUMNS.get(self)

    @property
    def first(self) -> str:
        """What comes first, in words."""
        return _FIRST[self]


class GroupBy(Enum):
    """What the table can be grouped by; the value is its name on the screen."""

    NOTHING = "nothing"
    CONNECTION = "connection"
    STATE = "state"

    @property
    def next(self) -> GroupBy:
        """The one that the key goes to."""
        groups = list(GroupBy)
        return groups[(groups.index(self) + 1) % len(groups)]


@dataclass(frozen=True, slots=True)
class Order:
    """How the lines are put in order; `reverse` turns the lines round within their groups."""

    by: SortBy = SortBy.ACTIVITY
    reverse: bool = False
    group: GroupBy = GroupBy.NOTHING

    @property
    def next(self) -> Order:
        """Sorted by the next column."""
        return replace(self, by=self.by.next, reverse=False)

    @property
    def words(self) -> str:
        """What it is, as the title says it."""
        turned = ", reversed" if self.reverse else ""
        grouped = f", grouped by {self.group.value}" if self.group is not GroupBy.NOTHING else ""
        return f"{self.by.value}{turned}{grouped}"

    def chosen(self, by: SortBy) -> Order:
        """Sorted by this; in reverse if it is sorted by this already."""
        return replace(self, by=by, reverse=not self.reverse if by is self.by else False)


_COLUMNS = {
    SortBy.TITLE: Column.JOB,
    SortBy.CONNECTION: Column.CONNECTION,
    SortBy.STATE: Column.STATE,
    SortBy.PROGRESS: Column.PROGRESS,
    SortBy.AGE: Column.AGE,
    SortBy.SEEN: Column.SEEN,
    SortBy.OUTPUT: Column.OUTPUT,
}

_FIRST = {
    SortBy.ACTIVITY: "under way, then the last to end",
    SortBy.TITLE: "A to Z",
    SortBy.CONNECTION: "A to Z",
    SortBy.STATE: "failed, running, waiting, done",
    SortBy.PROGRESS: "the furthest",
    SortBy.AGE: "the oldest",
    SortBy.SEEN: "the longest without an answer",
    SortBy.OUTPUT: "on its way, then what waits",
}


def urgency(state: JobState) -> int:
    """A state's rank by how much it needs a look: 0 comes first."""
    return _URGENCY[state]


def sort_key(by: SortBy, job: Job) -> SortKey:
    """What to compare jobs by; `SortBy.first` says what comes first."""
    rank, number, text = 0, 0.0, ""
    match by:
        case SortBy.ACTIVITY:
            rank = int(job.state.is_over)
            number = -(_ended(job) if job.state.is_over else _began(job)).timestamp()
        case SortBy.TITLE:
            text = job.title.casefold()
        case SortBy.CONNECTION:
            text = f"{job.connection}\0{job.title.casefold()}"
        case SortBy.STATE:
            rank, number = _URGENCY[job.state], -_began(job).timestamp()
        case SortBy.PROGRESS:
            part = None if job.state.is_over else job.snapshot.progress
            rank, number, text = int(part is None) + int(job.state.is_over), -(part or 0.0), job.title.casefold()
        case SortBy.AGE:
            number = _began(job).timestamp()
        case SortBy.SEEN:
            rank, number = int(job.state.is_over), job.checked_at.timestamp() if job.checked_at else -math.inf
        case SortBy.OUTPUT:
            rank, text = _waiting(job), job.title.casefold()
    return (rank, number, text, job.key)


def group_key(by: GroupBy, job: Job) -> GroupKey:
    """The group that a job belongs to."""
    match by:
        case GroupBy.NOTHING:
            return UNGROUPED
        case GroupBy.CONNECTION:
            return (0, job.connection)
        case GroupBy.STATE:
            return (_URGENCY[job.state], job.state.value)


def _began(job: Job) -> datetime:
    return job.snapshot.submitted_at or job.tracked_at


def _ended(job: Job) -> datetime:
    return job.snapshot.finished_at or job.changed_at or job.tracked_at


def _waiting(job: Job) -> int:
    """A job's rank by its results: 0 for files that move, then failed, waiting, fetched, none."""
    if any(not one.state.is_over for one in job.downloads):
        return 0
    tried = job.tried
    if DownloadState.FAILED in tried.values():
        return 1
    if any(tried.get(one.name) is not DownloadState.DONE for one in job.results):
        return 2
    return 3 if job.snapshot.outputs else 4
