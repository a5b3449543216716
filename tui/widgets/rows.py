"""A job as the table shows it: what stands in its cells, told apart from how wide the cells are.

The vendor's last word and how our last ask went stand side by side: a problem never changes the state's cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tui.filter import age_of
from tui.model import Download, DownloadState, Job, JobState, OutputKind
from tui.underway import percent_text, ratio
from tui.usual import is_slow, left_of
from tui.widgets.columns import GAP, Column, Placed
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import Line, Piece, Tone, fit, toned
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

_KIND_WORDS = {OutputKind.LINK: "link", OutputKind.PATH: "path", OutputKind.VALUE: "value"}

_BAR = 10
"""Cells of the longest progress bar."""

_LEAST_NOTE = 8
"""Cells that a note beside a bar needs to say anything."""

_FIGURE = 6
"""Cells of a percentage with a space on both sides."""


@dataclass(frozen=True, slots=True)
class RowSigns:
    """What the user and we hold of a job; each has a cell of its own in front of the row."""

    marked: bool = False
    """For the next action."""
    alert: bool = False
    """Told of when it changes."""
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
        part=None if part is None else int(part * 100) / 100,
        note=_note(job, now),
        age=coarse_age(age_of(job, now)),
        seen=toned(seen_text(job, now), Tone.WARN if job.is_stale(now) else Tone.DIM),
        output=_output(job, glyphs),
        signs=signs,
        is_stale=job.is_stale(now),
    )


_BLANK = toned(" ")
_GAP = toned(" " * GAP)


def row_line(view: RowView, columns: Sequence[Placed], glyphs: Glyphs) -> Line:
    """The row as one line."""
    signs = view.signs
    pieces = [
        toned(glyphs.mark, Tone.KEY) if signs.marked else _BLANK,
        toned(glyphs.alert, Tone.WAIT) if signs.alert else _BLANK,
        toned(glyphs.unseen, Tone.WARN) if signs.unseen else _BLANK,
        toned(view.glyph, view.tone),
        _BLANK,
    ]
    shown = {placed.column for placed in columns}
    for index, placed in enumerate(columns):
        if index:
            pieces.append(_GAP)
        pieces.extend(_cell(view, placed, Column.OUTPUT in shown, glyphs))
    return tuple(pieces)


PREFIX = 5
"""Cells in front of the first column: the three signs, the state's sign, a space."""


def _cell(view: RowView, placed: Placed, has_output: bool, glyphs: Glyphs) -> Line:
    width = placed.width
    match placed.column:
        case Column.JOB:
            text, tone = view.title, Tone.DIM if view.is_stale else Tone.PLAIN
        case Column.CONNECTION:
            text, tone = view.connection, Tone.DIM
        case Column.STATE:
            text, tone = view.word, Tone.DIM if view.is_stale else view.tone
        case Column.PROGRESS:
            return _progress(view, width, has_output, glyphs)
        case Column.AGE:
            return (toned(view.age.rjust(width)),)
        case Column.SEEN:
            text, tone = view.seen
        case Column.OUTPUT:
            text, tone = view.output
    return (toned(fit(text, width, glyphs.ellipsis), tone),)


def _progress(view: RowView, width: int, has_output: bool, glyphs: Glyphs) -> Line:
    note = view.note
    if not note.text and not has_output:
        note = view.output
    if view.part is None:
        return (toned(fit(note.text, width, glyphs.ellipsis), note.tone),)
    length = min(_BAR, width - _FIGURE)
    full = round(view.part * length)
    rest = width - length - _FIGURE
    return (
        toned(glyphs.bar_full * full, Tone.RUN),
        toned(glyphs.bar_empty * (length - full), Tone.DIM),
        toned(fit(f" {percent_text(view.part)}", _FIGURE)),
        toned(fit(note.text if rest >= _LEAST_NOTE else "", rest, glyphs.ellipsis), note.tone),
    )


def _note(job: Job, now: datetime) -> Piece:
    if job.outcome_unknown:
        return toned(job.snapshot.notice or "sent, outcome unknown", Tone.WARN)
    if job.problem is not None:
        return toned(problem_text(job.problem), Tone.WARN)
    snapshot = job.snapshot
    if snapshot.notice:
        return Piece(snapshot.notice, Tone.DIM if job.state.is_over else Tone.WARN)
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
    latest = {one.output: one.state for one in sorted(job.downloads, key=lambda one: one.id) if one.member is None}
    if DownloadState.FAILED in latest.values():
        return toned(f"{glyphs.bad} not fetched", Tone.BAD)
    files = [output for output in job.snapshot.outputs if output.kind is OutputKind.FILE]
    done = sum(state is DownloadState.DONE for state in latest.values())
    if done:
        return toned(f"{glyphs.ok} fetched" if done >= len(files) else f"{glyphs.ok} {done} of {len(files)}", Tone.GOOD)
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
