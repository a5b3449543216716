"""Which results of a job are not here: what "download all finished", `auto` and `watch --download` fetch."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tui.model import Job, JobState


def not_in_folder(job: Job, folder: Path) -> tuple[str, ...]:
    """The results that an earlier download has not put right into this folder, or that are not there any more."""
    here = {
        one.output
        for one in job.downloads
        if one.is_whole and one.folder == folder and one.path is not None and one.path.exists()
    }
    return tuple(one.name for one in job.results if one.name not in here)


def missing_results(job: Job, now: datetime) -> tuple[str, ...]:
    """The results that can still be fetched and are not; a paused one waits for the user's word, it is not missing."""
    if job.state is not JobState.SUCCEEDED:
        return ()
    under_way = {one.output for one in job.downloads if not one.state.is_over}
    return tuple(one.name for one in job.results if one.name not in under_way and job.lacks(one, now))
