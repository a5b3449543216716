"""Which jobs changed since the user last looked at them: told of in front of their rows, until they are seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tui.model import Job, JobKey, JobState


class Looks:
    """Tells `mark` of the jobs that changed.

    `since` is until when the user had looked before this run; None when there was no run before, so that nothing that
    is there already is news.
    """

    def __init__(self, mark: Callable[[JobKey], None], since: datetime | None) -> None:
        self._mark = mark
        self._since = since
        self._heard: dict[JobKey, datetime] = {}
        """When each job of this run last changed, also of those that left: one that comes back unchanged is no news."""

    def hear(self, job: Job, before: Job | None) -> None:
        """A job's latest version has come; `before` is the one that was on the board, if one was."""
        if job.changed_at is None or job.archived_at is not None:
            return
        last = self._heard.get(job.key, self._since if before is None else None)
        self._heard[job.key] = job.changed_at
        is_answer = before is not None and before.state is JobState.UNKNOWN  # a first answer is no change
        if last is not None and job.changed_at > last and not is_answer:
            self._mark(job.key)
