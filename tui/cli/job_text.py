"""A job's cells, the same in every table and line of the command."""

from __future__ import annotations

from tui.model import Job
from tui.underway import percent_text


def title_text(job: Job) -> str:
    """Its title; nothing where that is only its id."""
    return "" if job.title == job.ref.id else job.title


def progress_text(job: Job) -> str:
    """Whole percents, where the vendor tells a progress."""
    return "" if job.snapshot.progress is None else percent_text(job.snapshot.progress)


def note_text(job: Job) -> str:
    """How the last ask went wrong; else what people should know of it."""
    return job.problem.message if job.problem else job.snapshot.notice or ""
