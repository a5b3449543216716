"""The Timeline tab: a job's stages as bars on one scale, each beside how long it usually lasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len

from tui.model import Job, Stage
from tui.usual import began_at, is_slow, left_of, usual_stage
from tui.widgets.detail_overview import usual_text
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import EMPTY, Line, Tone, fit, line, toned, wrap_words
from tui.wording import coarse_age, duration, left, span

_MOST_NAME = 20
_LEAST_BAR = 8
_COUNTED = 300
_SLOW = 1.5
"""So many times its usual length makes a stage worth a warning."""


@dataclass(frozen=True, slots=True)
class _Bar:
    """One stage as it is drawn; None seconds for one that has not begun."""

    name: str
    begun: datetime | None
    seconds: float
    is_running: bool
    usual: float | None
    is_to_come: bool

    @property
    def figure(self) -> str:
        """How long, in words."""
        if self.begun is None:
            return ""
        return f"{_running_text(self.seconds)} so far" if self.is_running else span(self.seconds)

    @property
    def beside(self) -> str:
        """The usual length, in words."""
        return "" if self.usual is None else f"usual {span(self.usual)}"

    @property
    def is_long(self) -> bool:
        """Whether it took much longer than usual."""
        return self.usual is not None and self.seconds > self.usual * _SLOW and self.seconds > self.usual + 1


@dataclass(frozen=True, slots=True)
class _Rooms:
    """Cells for the names, the bars and the figures, and whether the usual lengths have room."""

    name: int
    bar: int
    figure: int
    beside: bool


def timeline(job: Job, now: datetime, glyphs: Glyphs, width: int) -> list[Line]:
    """The stages; what we saw ourselves where the vendor tells no times."""
    bars = [_bar(job, stage, now) for stage in job.snapshot.stages or _own_stages(job)]
    if any(bar.begun for bar in bars):
        return [*_drawn(bars, glyphs, width), *_foot(job, now, width)]
    bars = [_bar(job, stage, now) for stage in _seen_stages(job)]
    head = line(" The vendor tells no times for this job; this was seen from here.", Tone.DIM)
    return [head, *_drawn(bars, glyphs, width), *_foot(job, now, width)]


def _bar(job: Job, stage: Stage, now: datetime) -> _Bar:
    end = stage.finished_at or now
    seconds = max((end - stage.started_at).total_seconds(), 0.0) if stage.started_at else 0.0
    running = stage.started_at is not None and stage.finished_at is None and not job.state.is_over
    to_come = stage.finished_at is None and not job.state.is_over
    return _Bar(stage.name, stage.started_at, seconds, running, usual_stage(job.usual, stage.name), to_come)


def _drawn(bars: list[_Bar], glyphs: Glyphs, width: int) -> list[Line]:
    room = _rooms(bars, width)
    start = min(bar.begun for bar in bars if bar.begun is not None)
    whole = max((bar.begun - start).total_seconds() + bar.seconds for bar in bars if bar.begun is not None)
    lines: list[Line] = []
    for bar in bars:
        beside = toned(f"  {bar.beside}" if room.beside and bar.beside else "", Tone.DIM)
        if bar.begun is None:
            name = toned(f" {fit(bar.name, room.name, glyphs.ellipsis)} ", Tone.DIM)
            told = "not yet" if bar.is_to_come else "no time told"
            lines.append((name, toned(fit(told, room.bar + room.figure + 1, glyphs.ellipsis), Tone.DIM), beside))
            continue
        before = int((bar.begun - start).total_seconds() / max(whole, 0.001) * room.bar)
        before = min(before, room.bar - 1)
        length = min(max(round(bar.seconds / max(whole, 0.001) * room.bar), 1), room.bar - before)
        tone = Tone.RUN if bar.is_running else Tone.GOOD
        lines.append(
            (
                toned(f" {fit(bar.name, room.name, glyphs.ellipsis)} "),
                toned(" " * before),
                toned(glyphs.bar_full * length, tone),
                toned((glyphs.dot if bar.is_running else "").ljust(room.bar - before - length + 1), tone),
                toned(bar.figure.rjust(room.figure), Tone.WARN if bar.is_long else Tone.PLAIN),
                beside,
            )
        )
    return lines


def _rooms(bars: list[_Bar], width: int) -> _Rooms:
    """The usual lengths go first where there is no room for all."""
    name = min(max(cell_len(bar.name) for bar in bars), _MOST_NAME, width // 3)
    figure = max(len(bar.figure) for bar in bars)
    beside = max(len(bar.beside) for bar in bars)
    bar = width - name - figure - beside - 5
    if bar >= _LEAST_BAR:
        return _Rooms(name, bar, figure, beside > 0)
    return _Rooms(name, max(width - name - figure - 3, 1), figure, False)


def _foot(job: Job, now: datetime, width: int) -> list[Line]:
    """What all of it says together."""
    still = left_of(job, now)
    lines: list[Line] = []
    if is_slow(job, now):
        lines.append(line(" unusually slow", Tone.WARN))
    elif still is not None:
        lines.append(line(f" {left(still)} by an estimate"))
    if job.usual is not None:
        lines += [line(f" {row}", Tone.DIM) for row in wrap_words(usual_text(job.usual), max(width - 2, 8))]
    return [EMPTY, *lines] if lines else []


def _own_stages(job: Job) -> tuple[Stage, ...]:
    """The vendor's times of the job itself, where it tells no stages."""
    snapshot = job.snapshot
    begin, start, end = snapshot.submitted_at, snapshot.started_at, snapshot.finished_at
    stages: list[Stage] = []
    if begin is not None and start is not None:
        stages.append(Stage("waiting", begin, start))
    if start is not None or begin is not None:
        stages.append(Stage("running" if start else "under way", start or begin, end))
    return tuple(stages)


def _seen_stages(job: Job) -> tuple[Stage, ...]:
    """What we saw: tracked, first running, over; as exact as the asking."""
    over = (job.snapshot.finished_at or job.changed_at) if job.state.is_over else None
    running = began_at(job)
    if running is None or running < job.tracked_at:
        return (Stage("tracked", job.tracked_at, over),)
    waited = (Stage("waiting", job.tracked_at, running),) if running > job.tracked_at else ()
    return (*waited, Stage("running", running, over))


def _running_text(seconds: float) -> str:
    """Exact to the second for five minutes, then in coarse steps, so that less is sent."""
    return duration(seconds) if seconds < _COUNTED else coarse_age(seconds)
