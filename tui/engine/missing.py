"""Which results of a job are neither here nor on their way: what "download all finished" and `auto` fetch."""

from __future__ import annotations

from datetime import datetime

from tui.model import DownloadState, Job, JobState, OutputKind


def missing_results(job: Job, now: datetime) -> tuple[str, ...]:
    """The results that can still be fetched and are not; a paused one waits for the user's word, it is not missing."""
    if job.state is not JobState.SUCCEEDED:
        return ()
    taken = {one.output for one in job.downloads if one.state is DownloadState.DONE or not one.state.is_over}
    return tuple(
        output.name
        for output in job.snapshot.outputs
        if output.kind is OutputKind.FILE
        and not output.only_by_name
        and output.name not in taken
        and (output.expires_at is None or output.expires_at > now)
    )
