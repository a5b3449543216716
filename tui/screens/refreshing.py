"""What came of asking for jobs at once, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.engine.facts.jobs import Refreshed
from tui.model import Job, JobKey
from tui.screens.granting import count, others
from tui.widgets.rows import state_word


def news(before: Sequence[Job], came: Refreshed) -> str:
    """What the jobs say now that answered, which stood as in `before`; empty where none did."""
    known = {job.key: job for job in before}
    changed = [job for job in came.answered if _has_news(job, known.get(job.key))]
    if len(came.answered) == 1:
        job = came.answered[0]
        return f"{job.title}: {_word(job, known.get(job.key))}{'' if changed else ', nothing new'}"
    if not came.answered:
        return ""
    told = f"{len(changed)} with news" if changed else "nothing new"
    return f"{count(came.answered)} asked: {told}"


def troubles(came: Refreshed, why: Callable[[JobKey], str | None]) -> tuple[str, ...]:
    """Why the others did not answer; `why` says why a job is not asked now."""
    told = []
    if came.failed:
        first = came.failed[0]
        told.append(f"{first.title}: {first.problem.message if first.problem else ''}{others(came.failed)}")
    if came.waiting:
        reason = why(came.waiting[0].key) or "not asked now"
        told.append(f"{came.waiting[0].title}: {reason}; first in line then{others(came.waiting)}")
    return tuple(told)


def _has_news(job: Job, known: Job | None) -> bool:
    return known is None or _telling(job) != _telling(known)


def _telling(job: Job) -> tuple[object, ...]:
    """What a user would call news, of all that a vendor says of a job."""
    said = job.snapshot
    return job.changed_at, said.progress, said.notice, said.has_report, [output.name for output in said.outputs]


def _word(job: Job, known: Job | None) -> str:
    if known is None:
        return "found at the vendor"
    return job.snapshot.notice or "not found yet" if job.outcome_unknown else state_word(job)
