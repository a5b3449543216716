"""Which results of a job are not here: what "download all finished", `auto` and `watch --download` fetch."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tui.model import Job, JobState, Output, OutputKind, Safe


def results(job: Job) -> tuple[Output[Safe], ...]:
    """What of a job's outputs is fetched where none is named."""
    return tuple(one for one in job.snapshot.outputs if one.kind is OutputKind.FILE and not one.only_by_name)


def not_in_folder(job: Job, folder: Path) -> tuple[str, ...]:
    """The results that an earlier download has not put right into this folder, or that are not there any more."""
    here = {
        one.output
        for one in job.downloads
        if one.is_whole and one.folder == folder and one.path is not None and one.path.exists()
    }
    return tuple(one.name for one in results(job) if one.name not in here)


def missing_results(job: Job, now: datetime) -> tuple[str, ...]:
    """The results that can still be fetched and are not; a paused one waits for the user's word, it is not missing."""
    if job.state is not JobState.SUCCEEDED:
        return ()
    taken = {one.output for one in job.downloads if one.is_whole or not one.state.is_over}
    return tuple(
        output.name
        for output in results(job)
        if output.name not in taken and (output.expires_at is None or output.expires_at > now)
    )
