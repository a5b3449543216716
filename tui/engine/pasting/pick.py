"""Which job a text means: its key, or an unambiguous prefix of its id or title (CONTRACT section 1)."""

from __future__ import annotations

from collections.abc import Collection

from tui.errors import UsageError
from tui.model import Job
from tui.wording import and_more

_MOST_NAMED = 5


def pick(text: str, jobs: Collection[Job]) -> Job:
    """The one job that the text means; a whole name goes before a prefix. Raises UsageError for none or several."""
    found = fitting(text, jobs)
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(
            f"no job on the board is called {text}",
            hint="jobdeck list shows them, jobdeck list is:archived those in the archive",
        )
    names = ", ".join(job.key for job in found[:_MOST_NAMED])
    more = and_more(len(found) - _MOST_NAMED)
    raise UsageError(f"{text} could mean {names} {more}".rstrip(), hint="write more of it, or the whole key")


def fitting(text: str, jobs: Collection[Job]) -> list[Job]:
    """All jobs that the text may mean: those it names wholly, else those whose names begin so. Raises UsageError."""
    if not text.strip():
        raise UsageError("an empty text names no job", hint="jobdeck list shows them")
    low = text.lower()
    return (
        [job for job in jobs if text in (job.key, job.ref.id)]
        or [job for job in jobs if low == job.title.lower()]
        or [job for job in jobs if any(name.lower().startswith(low) for name in (job.key, job.ref.id, job.title))]
    )
