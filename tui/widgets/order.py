"""In which order the jobs stand. Every order is stable: what is equal keeps the order of the keys."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from tui.model import Job, JobState
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

SortKey = tuple[int, float, str, str]


class SortBy(Enum):
    """What the table can be sorted by; the value is its name on the screen."""

    ACTIVITY = "activity"
    TITLE = "title"
    CONNECTION = "connection"
    STATE = "state"
    AGE = "oldest"

    @property
    def next(self) -> SortBy:
        """The one that `s` goes to."""
        orders = list(SortBy)
        return orders[(orders.index(self) + 1) % len(orders)]

    @property
    def column(self) -> Column | None:
        """The column that carries the sort sign, if one does."""
        return _COLUMNS.get(self)


_COLUMNS = {
    SortBy.TITLE: Column.JOB,
    SortBy.CONNECTION: Column.CONNECTION,
    SortBy.STATE: Column.STATE,
    SortBy.AGE: Column.AGE,
}


def sort_key(by: SortBy, job: Job) -> SortKey:
    """What to compare jobs by.

    Activity: jobs under way first, the newest on top; then those that are over, the last to end on top.
    """
    title = job.title.casefold()
    began = -_began(job).timestamp()
    match by:
        case SortBy.ACTIVITY:
            moment = _ended(job) if job.state.is_over else _began(job)
            return (int(job.state.is_over), -moment.timestamp(), "", job.key)
        case SortBy.TITLE:
            return (0, 0.0, title, job.key)
        case SortBy.CONNECTION:
            return (0, 0.0, f"{job.connection}\0{title}", job.key)
        case SortBy.STATE:
            return (_URGENCY[job.state], began, "", job.key)
        case SortBy.AGE:
            return (0, -began, "", job.key)


def _began(job: Job) -> datetime:
    return job.snapshot.submitted_at or job.tracked_at


def _ended(job: Job) -> datetime:
    return job.snapshot.finished_at or job.changed_at or job.tracked_at
