"""What the lines above the panes say, and what stands where no jobs are: plain text, built without a screen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tui.model import Job
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import Line, Tone, fit, line, toned, width_of
from tui.widgets.table import Left

_STILL_THERE = {Left.FILTERED: "hidden by the filter", Left.FOLDED: "in a folded group"}
"""Why a job that is on the board is out of sight."""

_TITLE = 24
"""Cells of a job's title where it is only named."""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """How the job table stands.

    `shown` of `total` jobs are in sight; `away` of the `marked` ones are not. `order` says by what they are sorted and
    grouped. `departed` says in words where the job under the cursor went, `demo` where the demo keeps everything.
    """

    shown: int
    total: int
    filter: str = ""
    order: str = ""
    marked: int = 0
    away: int = 0
    departed: str = ""
    demo: Path | None = None


def jobs_title(facts: TableFacts) -> tuple[Line, Line]:
    """The title of the job table and the note at its right: what matters most just now."""
    start: Line = (
        toned("Jobs", Tone.STRONG),
        toned(f" {facts.shown} of {facts.total}" if facts.shown != facts.total else f" {facts.total}"),
    )
    if facts.marked:
        hidden = f", {facts.away} out of sight" if facts.away else ""
        start = (*start, toned(f"  {facts.marked} marked{hidden}, order held", Tone.KEY))
    if facts.departed:
        start = (*start, toned(f"  {facts.departed}", Tone.WARN))
    if facts.filter:
        start = (*start, toned(f"  /{facts.filter}", Tone.KEY))
    end = line(f"by {facts.order}", Tone.DIM)
    return start, (*end, toned(f"  demo in {facts.demo}", Tone.WARN)) if facts.demo is not None else end


def departed_words(job: Job, how: Left, glyphs: Glyphs, *, is_ours: bool, has_connection: bool) -> str:
    """Where a job went that the cursor stood on.

    `is_ours` says that the user took it off the board just now, `has_connection` that its connection is still there.
    """
    title = job.title if width_of(line(job.title)) <= _TITLE else fit(job.title, _TITLE, glyphs.ellipsis)
    if how in _STILL_THERE:
        return f"{title}: {_STILL_THERE[how]}"
    if job.archived_at is not None:
        return f"{title}: back in the archive"
    if is_ours:
        return f"{title}: taken off the board"
    if not has_connection:
        return f"{title} is gone: its connection was removed"
    return f"{title} is gone: {_or_so(job)}untracked elsewhere"


def _or_so(job: Job) -> str:
    """What else may have taken such a job off the board, besides untracking."""
    if job.lost and job.lost.not_started:
        return "sent again, or "
    return "found at the vendor, or " if job.outcome_unknown else "archived, or " if job.state.is_over else ""


def downloads_title(moving: int, paused: int, failed: int) -> Line:
    """The title of the downloads."""
    told = [f"{moving} under way" if moving else "", f"{paused} paused" if paused else ""]
    title = toned("  ".join(["Downloads", *filter(None, told)]))
    return (title, toned(f"  {failed} failed", Tone.BAD)) if failed else (title,)


def filtered_lines(*, has_marks: bool) -> tuple[Line, ...]:
    """What stands in a table whose filter lets nothing through: what to do next."""
    way = "Escape drops the marks, once more it clears the filter." if has_marks else "Escape clears it."
    return (line("No job matches the filter.", Tone.STRONG), line(way, Tone.DIM))
