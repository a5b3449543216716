"""What is worth telling aloud: jobs that have just ended, each once, and many of them in one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tui.config import Notify
from tui.model import Job, JobKey, JobState

GATHER_SECONDS = 2.0
"""So long ends are gathered before they are told."""
MOST_SINGLE = 3
"""More ends than these are told as one."""

_WORST_FIRST = (JobState.FAILED, JobState.EXPIRED, JobState.CANCELLED, JobState.SUCCEEDED)


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell; of many jobs `title` and `state` say how many, and `job` is empty."""

    title: str
    state: str
    job: str
    connection: str
    vendor_status: str

    @property
    def outcome(self) -> str:
        """How it ended, and where."""
        return f"{self.state} ({self.connection})"


class Ends:
    """Remembers which jobs were seen under way."""

    def __init__(self) -> None:
        self._going: set[JobKey] = set()

    def ended(self, jobs: Iterable[Job]) -> tuple[Job, ...]:
        """The jobs that were seen under way and are over now; what was over when it came is no news.

        A job whose state nobody knew yet counts as under way where the user set an alert: its end was promised.
        """
        over = []
        for job in jobs:
            if not job.state.is_over:
                if job.alert or job.state is not JobState.UNKNOWN:
                    self._going.add(job.key)
            elif job.key in self._going:
                self._going.discard(job.key)
                over.append(job)
        return tuple(over)


def to_tell(jobs: Iterable[Job], notify: Notify, now: datetime) -> tuple[Job, ...]:
    """The jobs whose end is told aloud: none in the quiet hours, and only with an alert where the config says so."""
    if notify.quiet.hold(now):
        return ()
    return tuple(job for job in jobs if job.alert or notify.when == "all")


def notices(jobs: Sequence[Job]) -> tuple[Notice, ...]:
    """A notice for each of a few jobs, one for all of many."""
    if len(jobs) <= MOST_SINGLE:
        return tuple(
            Notice(job.title, job.state.value, job.key, job.connection, job.snapshot.vendor_status) for job in jobs
        )
    states = Counter(job.state for job in jobs)
    told = ", ".join(f"{states[state]} {state.value}" for state in _WORST_FIRST if states[state])
    connections = ", ".join(sorted({job.connection for job in jobs}))
    return (Notice(f"{len(jobs)} jobs are over", told, "", connections, ""),)


def last_call(jobs: Sequence[Job]) -> tuple[Notice, ...]:
    """The notice of results that die soon: one for all of them."""
    title = jobs[0].title if len(jobs) == 1 else f"{len(jobs)} jobs"
    connections = ", ".join(sorted({job.connection for job in jobs}))
    return (Notice(title, "result dies soon, fetch it now", "", connections, ""),)
