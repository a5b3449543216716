"""What the detail's tabs say about a job: functions from a job to toned lines, for a width in cells."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from tui.model import DownloadState, Event, Job, Output, OutputKind, Stage
from tui.text import safe_block
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import EMPTY, Line, Piece, Tone, fit, line, wrap, wrap_words
from tui.widgets.rows import STATE_TONES, state_word
from tui.widgets.words import clock_text, percent_text, problem_text, ratio, size_text, span_text, time_text

_LABEL = 12
"""Cells of the names at the left."""

_PRETTY_LIMIT = 200_000
"""Characters up to which a raw JSON reply is indented for reading."""


def _field(name: str, value: str, width: int, tone: Tone = Tone.PLAIN) -> list[Line]:
    rows = wrap_words(value, max(width - _LABEL - 2, 8))
    return [
        (Piece(f" {(name if index == 0 else ''):<{_LABEL}} ", Tone.DIM), Piece(row, tone))
        for index, row in enumerate(rows)
    ]


def overview(job: Job, now: datetime, glyphs: Glyphs, width: int) -> list[Line]:
    """Everything that matters now, one field a line; the vendor's word and our problem stand apart."""
    snapshot = job.snapshot
    state = f"{glyphs.states[job.state]} {state_word(job)}"
    if snapshot.progress is not None and not job.state.is_over:
        state += f"  {percent_text(snapshot.progress)}"
    lines = _field("State", state, width, STATE_TONES[job.state])
    if snapshot.notice:
        lines += _field("Notice", snapshot.notice, width, Tone.WARN)
    if job.problem is not None:
        lines += _field("Last ask", problem_text(job.problem), width, Tone.WARN)
        again = f", again at {clock_text(job.problem.retry_at)}" if job.problem.retry_at else ", not asked again"
        lines += _field("", f"since {clock_text(job.problem.since)}{again}", width, Tone.DIM)
    lines += _field("Id", job.ref.id, width)
    lines += _field("Connection", f"{job.connection} ({job.vendor})", width)
    lines += _times(job, width)
    lines += _field("Last word", _freshness(job, now), width, Tone.WARN if job.is_stale(now) else Tone.PLAIN)
    for stat in snapshot.stats:
        lines += _field(stat.name.replace("_", " ")[:_LABEL], f"{stat.value}", width)
    if snapshot.outputs:
        lines += _field("Outputs", ", ".join(output.name for output in snapshot.outputs), width)
    if job.report is not None:
        lines += _field("Report", f"{size_text(job.report.size)}, read {time_text(job.report.read_at)}", width)
    return lines


def _times(job: Job, width: int) -> list[Line]:
    snapshot = job.snapshot
    lines: list[Line] = []
    moments = (("Submitted", snapshot.submitted_at), ("Started", snapshot.started_at), ("Ended", snapshot.finished_at))
    for name, moment in moments:
        if moment is not None:
            lines += _field(name, time_text(moment), width)
    if snapshot.submitted_at is None:
        lines += _field("Tracked", time_text(job.tracked_at), width)
    if snapshot.started_at and snapshot.finished_at:
        lines += _field("Took", span_text((snapshot.finished_at - snapshot.started_at).total_seconds()), width)
    return lines


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


def outputs(job: Job, glyphs: Glyphs, width: int) -> list[Line]:
    """Each output with its kind, size and value, and what became of it here."""
    if not job.snapshot.outputs:
        text = "This job has no outputs." if job.state.is_over else "No outputs yet; they come when the job is done."
        return [line(f" {text}", Tone.DIM)]
    lines: list[Line] = []
    for output in job.snapshot.outputs:
        lines += _one_output(output, width)
        lines += _its_downloads(job, output, glyphs, width)
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


def _its_downloads(job: Job, output: Output, glyphs: Glyphs, width: int) -> list[Line]:
    lines: list[Line] = []
    for one in job.downloads:
        if one.output != output.name:
            continue
        part = ratio(one)
        words = [glyphs.downloads[one.state], one.state.value]
        if not one.state.is_over and part is not None:
            words.append(percent_text(part))
        if one.state is DownloadState.DONE and one.verified is not None:
            words.append(f"{one.verified.value} checked" if one.verified.value != "none" else "unchecked")
        if one.message:
            words.append(one.message)
        if one.path is not None:
            words.append(str(one.path))
        lines += [(Piece("   "), Piece(row, Tone.DIM)) for row in wrap_words(" ".join(words), max(width - 4, 8))]
    return lines


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
