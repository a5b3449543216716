"""What belongs to a job's present run: a reset begins another one, and what was fetched before is not of it."""

from __future__ import annotations

from collections.abc import Iterable

from tui.engine.changed import changed
from tui.model import Download, Job


def with_downloads(job: Job, downloads: Iterable[Download]) -> Job:
    """The job with those of its downloads that are of its present run."""
    theirs = tuple(downloads)
    if job.begun_anew_at:
        theirs = tuple(one for one in theirs if one.queued_at > job.begun_anew_at)
    return changed(job, downloads=theirs)
