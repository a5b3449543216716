"""What is worth a bell: a job that has just ended, and a result that is about to die. Each is told once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from tui.model import DownloadState, Job, JobKey, JobState

LAST_CALL = timedelta(minutes=2)
"""So long before its link dies, a result that nobody has fetched is shouted about."""


class Teller:
    """Remembers what was told."""

    def __init__(self) -> None:
        self._going: set[JobKey] = set()
        self._called: set[JobKey] = set()

    def ended(self, jobs: Iterable[Job]) -> tuple[Job, ...]:
        """The jobs that were seen under way and are over now; what was over when it came is no news."""
        over = []
        for job in jobs:
            if not job.state.is_over:
                if job.state is not JobState.UNKNOWN:
                    self._going.add(job.key)
            elif job.key in self._going:
                self._going.discard(job.key)
                over.append(job)
        return tuple(over)

    def dying(self, jobs: Iterable[Job], now: datetime) -> tuple[Job, ...]:
        """The jobs whose result dies soon, is not fetched or on its way, and has not been told yet."""
        found = tuple(job for job in jobs if job.key not in self._called and _dies_soon(job, now))
        self._called |= {job.key for job in found}
        return found


def _dies_soon(job: Job, now: datetime) -> bool:
    if any(one.state in (DownloadState.DONE, DownloadState.RUNNING) for one in job.downloads):
        return False
    ends = (output.expires_at for output in job.snapshot.outputs)
    return any(end is not None and timedelta(0) < end - now < LAST_CALL for end in ends)
