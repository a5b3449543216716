"""A job as the table shows it: what stands in its cells; `row_line` lays them out.

The vendor's last word and how our last ask went stand side by side: a problem never changes the state's cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tui.filter import age_of
from tui.model import Download, DownloadState, Job, JobState, OutputKind
from tui.underway import percent_text, ratio, whole_percents
from tui.usual import is_slow, left_of
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import Piece, Tone, toned
from tui.widgets.words import problem_text, seen_text
from tui.wording import coarse_age, left
from tui.wording import size as size_text

STATE_TONES = {
    JobState.UNKNOWN: Tone.DIM,
    JobState.WAITING: Tone.WAIT,
    JobState.RUNNING: Tone.RUN,
    JobState.CANCELLING: Tone.WARN,
    JobState.SUCCEEDED: Tone.GOOD,
    JobState.FAILED: Tone.BAD,
    JobState.CANCELLED: Tone.DIM,
    JobState.EXPIRED: Tone.WARN,
}

_NOTICE_TONES = {JobState.SUCCEEDED: Tone.DIM, JobState.CANCELLED: Tone.DIM, JobState.FAILED: Tone.PLAIN}
"""In all other states a notice is a warning: the job is under way, or its result was lost."""

_KIND_WORDS = {OutputKind.LINK: "link", OutputKind.PATH: "path", OutputKind.VALUE: "value"}


@dataclass(frozen=True, slots=True)
class RowSigns:
    """What the user and we hold of a job; each has a cell of its own in front of the row."""

    marked: bool = False
    """For the next action."""
    alert: bool = False
    """An alert is set: its end is told."""
    unseen: bool = False
    """Changed since it was last looked at."""


NO_SIGNS = RowSigns()


@dataclass(frozen=True, slots=True)
class RowView:
    """What one row says. Two equal views look the same, so that a changed job may cost nothing."""

    glyph: str
    title: str
    connection: str
    word: str
    tone: Tone
    part: float | None
    note: Piece
    age: str
    seen: Piece
    output: Piece
    signs: RowSigns = NO_SIGNS
    is_promise: bool = False
    """The job has not succeeded and nothing was fetched: its outputs are only announced; a long note hides them."""
    is_stale: bool = False
    """Older than its asking interval allows: the row steps back."""


def state_word(job: Job) -> str:
    """The vendor's own word for the state; a bare number gets ours in front, no word at all is ours."""
    own = job.snapshot.vendor_status
    if not own:
        return job.state.value
    return own if any(character.isalpha() for character in own) else f"{job.state.value} ({own})"


def view_of(job: Job, now: datetime, glyphs: Glyphs, signs: RowSigns = NO_SIGNS) -> RowView:
    """What the row says at `now`."""
    part = None if job.state.is_over or job.problem else job.snapshot.progress
    return RowView(
        glyph=glyphs.states[job.state],
        title=job.title,
        connection=job.connection,
        word=state_word(job),
        tone=STATE_TONES[job.state],
        part=None if part is None else whole_percents(part) / 100,
        note=_note(job, now),
        age=coarse_age(age_of(job, now)),
        seen=toned(seen_text(job, now), Tone.WARN if job.is_stale(now) else Tone.DIM),
        output=_output(job, glyphs),
        signs=signs,
        is_promise=job.state is not JobState.SUCCEEDED and not job.downloads,
        is_stale=job.is_stale(now),
    )


def _note(job: Job, now: datetime) -> Piece:
    if job.outcome_unknown:
        return toned(job.snapshot.notice or "sent, outcome unknown", Tone.WARN)
    if job.problem is not None:
        return toned(problem_text(job.problem), Tone.WARN)
    snapshot = job.snapshot
    if snapshot.notice:
        return Piece(snapshot.notice, _NOTICE_TONES.get(job.state, Tone.WARN))
    if job.state.is_over:
        return toned("")
    if is_slow(job, now):
        return toned("unusually slow", Tone.WARN)
    still = left_of(job, now)
    under_way = [stage.name for stage in snapshot.stages if stage.started_at and not stage.finished_at]
    told = [left(still)] if still is not None else []
    return toned(", ".join([*told, *under_way[-1:]]), Tone.DIM)


def _output(job: Job, glyphs: Glyphs) -> Piece:
    if under_way := [one for one in job.downloads if not one.state.is_over]:
        return _under_way(under_way, glyphs)
    tried = job.tried
    if DownloadState.FAILED in tried.values():
        return toned(f"{glyphs.bad} not fetched", Tone.BAD)
    files = job.results or [output for output in job.snapshot.outputs if output.kind is OutputKind.FILE]
    done = sum(tried.get(output.name) is DownloadState.DONE for output in files)
    if done:
        return toned(f"{glyphs.ok} fetched" if done == len(files) else f"{glyphs.ok} {done} of {len(files)}", Tone.GOOD)
    if files:
        known = [output.size for output in files if output.size is not None]
        size = f" {size_text(sum(known))}" if len(known) == len(files) else ""
        return toned(f"{_count(len(files), 'file')}{size}")
    others = [output.kind for output in job.snapshot.outputs]
    if not others:
        return toned("")
    words = {_KIND_WORDS[kind] for kind in others}
    return toned(_count(len(others), words.pop() if len(words) == 1 else "output"), Tone.DIM)


def _under_way(downloads: Sequence[Download], glyphs: Glyphs) -> Piece:
    """How far the files are that move; that all are paused, where none does."""
    if moving := [one for one in downloads if one.state.is_moving]:
        return toned(f"{glyphs.down} {_share(moving) or 'fetching'}", Tone.RUN)
    return toned(f"{glyphs.downloads[DownloadState.PAUSED]} paused {_share(downloads)}".rstrip(), Tone.WARN)


def _share(downloads: Sequence[Download]) -> str:
    """How much of these is there; empty while no size is known."""
    parts = [part for part in map(ratio, downloads) if part is not None]
    return percent_text(sum(parts) / len(parts)) if parts else ""


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
