"""What the detail's tabs say about a job: functions from a job to toned lines, for a width in cells."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len

from tui.engine.facts.archives import Inventory
from tui.model import Download, DownloadState, Event, Job, Output, OutputKind, Stage, Verified
from tui.text import safe_block
from tui.underway import history_of, percent_text, under_way
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import EMPTY, Line, Piece, Tone, fit, line, wrap, wrap_words
from tui.widgets.rows import STATE_TONES, state_word
from tui.widgets.words import clock_text, dies_text, problem_text, span_text, time_text
from tui.wording import size as size_text

_LEAST_LABEL, _MOST_LABEL = 12, 24
"""Cells of the names at the left."""

_NONE_HELD: Mapping[int, Inventory] = {}

_PRETTY_LIMIT = 200_000
"""Characters up to which a raw JSON reply is indented for reading."""


@dataclass(frozen=True, slots=True)
class _Field:
    """A named fact; a field without a name goes on with the one above."""

    name: str
    value: str
    tone: Tone = Tone.PLAIN


def overview(job: Job, now: datetime, glyphs: Glyphs, width: int) -> list[Line]:
    """Everything that matters now, one field a line; the vendor's word and our problem stand apart."""
    fields = [*_standing(job, glyphs), *_identity(job), *_times(job)]
    fields.append(_Field("Last word", _freshness(job, now), Tone.WARN if job.is_stale(now) else Tone.PLAIN))
    fields += [_Field(stat.name.replace("_", " "), f"{stat.value}") for stat in job.snapshot.stats]
    if job.snapshot.outputs:
        fields.append(_Field("Outputs", ", ".join(output.name for output in job.snapshot.outputs)))
    if job.report is not None:
        fields.append(_Field("Report", f"{size_text(job.report.size)}, read {time_text(job.report.read_at)}"))
    return _lined_up(fields, width, glyphs)


def _lined_up(fields: Sequence[_Field], width: int, glyphs: Glyphs) -> list[Line]:
    """The fields' values below each other, behind the longest name that a narrow pane has room for."""
    longest = max(cell_len(field.name) for field in fields)
    label = max(min(longest, _MOST_LABEL, width // 2), _LEAST_LABEL)
    lines: list[Line] = []
    for field in fields:
        for index, row in enumerate(wrap_words(field.value, max(width - label - 2, 8))):
            name = fit(field.name if index == 0 else "", label, glyphs.ellipsis)
            lines.append((Piece(f" {name} ", Tone.DIM), Piece(row, field.tone)))
    return lines


def _standing(job: Job, glyphs: Glyphs) -> list[_Field]:
    snapshot = job.snapshot
    state = f"{glyphs.states[job.state]} {state_word(job)}"
    if snapshot.progress is not None and not job.state.is_over:
        state += f"  {percent_text(snapshot.progress)}"
    fields = [_Field("State", state, STATE_TONES[job.state])]
    if snapshot.notice:
        fields.append(_Field("Notice", snapshot.notice, Tone.WARN))
    if job.problem is not None:
        again = f", again at {clock_text(job.problem.retry_at)}" if job.problem.retry_at else ", not asked again"
        fields.append(_Field("Last ask", problem_text(job.problem), Tone.WARN))
        fields.append(_Field("", f"since {clock_text(job.problem.since)}{again}", Tone.DIM))
    return fields


def _identity(job: Job) -> list[_Field]:
    return [_Field("Id", job.ref.id), _Field("Connection", f"{job.connection} ({job.vendor})")]


def _times(job: Job) -> list[_Field]:
    snapshot = job.snapshot
    moments = (("Submitted", snapshot.submitted_at), ("Started", snapshot.started_at), ("Ended", snapshot.finished_at))
    fields = [_Field(name, time_text(moment)) for name, moment in moments if moment is not None]
    if snapshot.submitted_at is None:
        fields.append(_Field("Tracked", time_text(job.tracked_at)))
    if snapshot.started_at and snapshot.finished_at:
        fields.append(_Field("Took", span_text((snapshot.finished_at - snapshot.started_at).total_seconds())))
    return fields


def _freshness(job: Job, now: datetime) -> str:
    if job.checked_at is None:
        return "none yet"
    told = f"told at {time_text(job.checked_at)[11:]}"
    if job.is_stale(now):
        told += ", stale"
    if job.state.is_over or job.next_check_at is None:
        return told
    return f"{told}, asked again at {time_text(job.next_check_at)[11:]}"


def timeline(job: Job, now: datetime, glyphs: Glyphs, width: int) -> list[Line]:
    """The stages as bars on one scale; the times of the job itself where the vendor tells no stages."""
    stages = job.snapshot.stages or _own_stages(job)
    begun = [stage.started_at for stage in stages if stage.started_at is not None]
    if not begun:
        return [line(" The vendor tells no times for this job.", Tone.DIM)]
    start = min(begun)
    ends = [stage.finished_at or now for stage in stages if stage.started_at is not None]
    whole = max((max(ends) - start).total_seconds(), 0.001)
    room = max(width - 36, 8)
    lines: list[Line] = []
    for stage in stages:
        name = Piece(f" {fit(stage.name, 16, glyphs.ellipsis)} ")
        if stage.started_at is None:
            lines.append((Piece(name.text, Tone.DIM), Piece("not yet", Tone.DIM)))
            continue
        seconds = max(((stage.finished_at or now) - stage.started_at).total_seconds(), 0.0)
        before = min(int((stage.started_at - start).total_seconds() / whole * room), room - 1)
        length = min(max(round(seconds / whole * room), 1), room - before)
        under_way = stage.finished_at is None and not job.state.is_over
        figure = f" {span_text(seconds)}{' so far' if under_way else ''}"
        bar = Piece(glyphs.bar_full * length, Tone.RUN if under_way else Tone.GOOD)
        lines.append((name, Piece(" " * before), bar, Piece(figure)))
    return lines


def _own_stages(job: Job) -> tuple[Stage, ...]:
    snapshot = job.snapshot
    begin, start, end = snapshot.submitted_at, snapshot.started_at, snapshot.finished_at
    stages: list[Stage] = []
    if begin is not None and start is not None:
        stages.append(Stage("waiting", begin, start))
    if start is not None or begin is not None:
        stages.append(Stage("running" if start else "under way", start or begin, end))
    return tuple(stages)


def outputs(
    job: Job, now: datetime, glyphs: Glyphs, width: int, held: Mapping[int, Inventory] = _NONE_HELD
) -> list[Line]:
    """Each output with its kind, size and value, how long it can be had, what became of it here and what it holds."""
    if not job.snapshot.outputs:
        text = "This job has no outputs." if job.state.is_over else "No outputs yet; they come when the job is done."
        return [line(f" {text}", Tone.DIM)]
    lines: list[Line] = []
    for output in job.snapshot.outputs:
        lines += _one_output(output, width)
        lines += _its_end(job, output, now)
        lines += _its_downloads(job, output, glyphs, width, held)
    return lines


def _one_output(output: Output, width: int) -> list[Line]:
    size = f", {size_text(output.size)}" if output.size is not None else ""
    what = "" if output.kind is OutputKind.FILE else f"  {output.kind.value}"
    lines: list[Line] = [
        (Piece(f" {row}", Tone.STRONG), Piece(f"{what}{size}" if index == 0 else "", Tone.DIM))
        for index, row in enumerate(wrap(output.name, max(width - 20, 8)))
    ]
    if output.value:
        lines += [(Piece("   "), Piece(row)) for row in wrap(output.value, max(width - 4, 8))]
    if output.sha1:
        lines.append((Piece("   sha1 ", Tone.DIM), Piece(output.sha1, Tone.DIM)))
    return lines


def _its_end(job: Job, output: Output, now: datetime) -> list[Line]:
    """Until when it must be fetched; nothing once it is here."""
    fetched = any(one.output == output.name and one.state is DownloadState.DONE for one in job.downloads)
    if output.expires_at is None or fetched:
        return []
    return [line(f"   {dies_text(output.expires_at, now)}", Tone.WARN)]


def _its_downloads(job: Job, output: Output, glyphs: Glyphs, width: int, held: Mapping[int, Inventory]) -> list[Line]:
    lines: list[Line] = []
    for one in job.downloads:
        if one.output != output.name:
            continue
        told = f"{glyphs.downloads[one.state]} {', '.join(_told_of(one))}"
        lines += [(Piece("   "), Piece(row, Tone.DIM)) for row in wrap_words(told, max(width - 4, 8))]
        if one.id in held:
            lines += _its_files(held[one.id], width)
    return lines


def _told_of(one: Download) -> list[str]:
    """Everything there is to say of a download."""
    words = [one.state.value, *under_way(one)]
    if one.state is DownloadState.DONE and one.verified is not None:
        words.append(f"{one.verified.value} checked" if one.verified is not Verified.NONE else "unchecked")
    return [*words, *history_of(one), str(one.path) if one.path is not None else f"to {one.folder}"]


def _its_files(inventory: Inventory, width: int) -> list[Line]:
    """The files in a fetched archive."""
    told = [f"{one.name}  {size_text(one.size)}{'  ' + one.what if one.what else ''}" for one in inventory.files]
    if inventory.more:
        told.append(f"and {inventory.more} more")
    return [(Piece("     "), Piece(row)) for text in told for row in wrap(text, max(width - 6, 8))]


def history(events: Sequence[Event], width: int) -> list[Line]:
    """What happened to the job, the latest first."""
    lines: list[Line] = []
    for event in reversed(events):
        for index, row in enumerate(wrap_words(event.text, max(width - 23, 8))):
            when = time_text(event.at) if index == 0 else ""
            lines.append((Piece(f" {when:<21}", Tone.DIM), Piece(row)))
    return lines or [line(" Nothing has happened yet.", Tone.DIM)]


def raw(job: Job, width: int) -> list[Line]:
    """The vendor's last reply, its secrets masked; JSON is indented."""
    text = job.snapshot.raw
    if not text:
        return [line(" The vendor has not answered yet.", Tone.DIM)]
    if len(text) <= _PRETTY_LIMIT and text.lstrip().startswith(("{", "[")):
        text = _indented(text)
    return text_lines(text, width)


def _indented(text: str) -> str:
    try:
        return safe_block(json.dumps(json.loads(text), indent=2, ensure_ascii=False))
    except (ValueError, RecursionError):
        return text


def text_lines(text: str, width: int) -> list[Line]:
    """A plain text, broken to the width."""
    return [(Piece(" "), Piece(row)) if row else EMPTY for row in wrap(text, max(width - 2, 1))]
