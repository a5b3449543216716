"""The Overview tab: everything that matters of a job now, one field a line."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from tui.model import DownloadState, Job, Usual
from tui.underway import percent_text
from tui.usual import began_at, is_slow, left_of, so_far
from tui.widgets.fields import Field, lined_up
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import Line, Tone
from tui.widgets.rows import STATE_TONES, state_word
from tui.widgets.words import clock_text, problem_text, time_text
from tui.wording import and_more, coarse_age, left, span
from tui.wording import size as size_text

_ONLY_WHEN = "next ask in"
"""Begins a reason that only counts down to the next ask: its time of day is shown instead, which does not tick."""
_MOST_NAMES = 3
"""So many outputs are named; the Outputs tab has them all."""


def overview(job: Job, now: datetime, glyphs: Glyphs, width: int, why_not_asked: str | None = None) -> list[Line]:
    """The vendor's word and our problem stand apart. `why_not_asked` is why the vendor is not asked right now."""
    fields = [*_standing(job, now, glyphs), *_pace(job, now), *_asking(job, now, why_not_asked), *_identity(job)]
    fields += _times(job)
    fields += [Field(stat.name.replace("_", " "), f"{stat.value}") for stat in job.snapshot.stats]
    fields += _results(job)
    return lined_up(fields, width, glyphs)


def usual_text(usual: Usual) -> str:
    """`usually 1m12s, nine of ten within 1m40s (12 runs)`."""
    return f"usually {span(usual.seconds)}, nine of ten within {span(usual.most)} ({usual.runs} runs)"


def _standing(job: Job, now: datetime, glyphs: Glyphs) -> list[Field]:
    snapshot = job.snapshot
    state = f"{glyphs.states[job.state]} {state_word(job)}"
    if snapshot.progress is not None and not job.state.is_over:
        state += f"  {percent_text(snapshot.progress)}"
    fields = [Field("State", state, STATE_TONES[job.state])]
    if snapshot.notice:
        fields.append(Field("Notice", snapshot.notice, Tone.WARN))
    if job.problem is not None:
        again = f", again at {clock_text(job.problem.retry_at)}" if job.problem.retry_at else ", not asked again"
        fields.append(Field("Last ask", problem_text(job.problem), Tone.WARN))
        since = clock_text(job.problem.since)
        if not _is_today(job.problem.since, now):
            since = time_text(job.problem.since)
        fields.append(Field("", f"since {since}{again}", Tone.DIM))
    return fields


def _pace(job: Job, now: datetime) -> list[Field]:
    """How long it has run, how long it may still run, and how long such jobs run."""
    fields: list[Field] = []
    ran, still = so_far(job, now), left_of(job, now)
    if ran is not None:
        told = f"for {coarse_age(ran)}" if ran >= 60 else "for less than a minute"
        if is_slow(job, now):
            fields.append(Field("Runs", f"{told}: unusually slow", Tone.WARN))
        elif still is not None:
            fields.append(Field("Runs", f"{told}, {left(still)} by an estimate"))
        else:
            fields.append(Field("Runs", f"{told}, longer than usual" if job.usual else told))
    if job.usual is not None and not job.state.is_over:
        fields.append(Field("Such jobs" if ran is None else "", usual_text(job.usual), Tone.DIM))
    return fields


def _asking(job: Job, now: datetime, why_not_asked: str | None) -> list[Field]:
    """The last good answer, and when or why not the next is asked for."""
    if job.checked_at is None:
        told = "never"
    else:
        moment = time_text(job.checked_at)
        told = f"at {moment[11:] if _is_today(job.checked_at, now) else moment}"
        told += ", stale" if job.is_stale(now) else ""
    fields = [Field("Seen", told, Tone.WARN if job.is_stale(now) else Tone.PLAIN)]
    if why_not_asked is not None and not why_not_asked.startswith(_ONLY_WHEN):
        fields.append(Field("Next ask", why_not_asked, Tone.DIM if job.state.is_over else Tone.PLAIN))
    elif not job.state.is_over and job.next_check_at is not None:
        fields.append(Field("Next ask", f"at {time_text(job.next_check_at)[11:]}"))
    return fields


def _is_today(moment: datetime, now: datetime) -> bool:
    """Whether the time alone says enough."""
    return time_text(moment)[:10] == time_text(now)[:10]


def _identity(job: Job) -> list[Field]:
    fields = [Field("Id", job.ref.id), Field("Connection", f"{job.connection} ({job.vendor})")]
    if job.given_title and job.snapshot.title:
        fields.insert(0, Field("Vendor's name", job.snapshot.title))
    return fields


def _times(job: Job) -> list[Field]:
    snapshot = job.snapshot
    moments = (
        ("Submitted", snapshot.submitted_at),
        ("Started", snapshot.started_at),
        ("Ended", snapshot.finished_at),
        ("Archived", job.archived_at),
    )
    fields = [Field(name, time_text(moment)) for name, moment in moments if moment is not None]
    if snapshot.submitted_at is None:
        fields.append(Field("Tracked", time_text(job.tracked_at)))
    if snapshot.started_at is None and job.seen_running_at is not None:
        fields.append(Field("Seen running", f"since {time_text(job.seen_running_at)}"))
    begun, end = began_at(job), snapshot.finished_at or job.changed_at
    if job.state.is_over and begun is not None and end is not None and end >= begun:
        fields.append(Field("Took", f"{span((end - begun).total_seconds())}{_compared(job, begun, end)}"))
    return fields


def _compared(job: Job, begun: datetime, end: datetime) -> str:
    """How a finished run stands beside the usual one."""
    if job.usual is None:
        return ""
    took = (end - begun).total_seconds()
    if took > job.usual.most:
        return ", longer than nine of ten"
    return f", usual {span(job.usual.seconds)}"


def _results(job: Job) -> list[Field]:
    """Outputs, what became of them here, and the report, each in short."""
    outputs, fields = job.snapshot.outputs, list[Field]()
    if outputs:
        names = ", ".join(output.name for output in outputs[:_MOST_NAMES])
        named = f"{names} {and_more(len(outputs) - _MOST_NAMES)}".rstrip()
        known = [output.size for output in outputs if output.size is not None]
        size = f"  {size_text(sum(known))}" if known and len(known) == len(outputs) else ""
        fields.append(Field("Outputs", f"{named}{size}"))
    states = Counter(one.state for one in job.downloads)
    if states:
        told = ", ".join(f"{states[state]} {state.value}" for state in DownloadState if states[state])
        tone = Tone.BAD if states[DownloadState.FAILED] else Tone.PLAIN
        fields.append(Field("Downloads", told, tone))
    if job.report is not None:
        fields.append(Field("Report", f"{size_text(job.report.size)}, read {time_text(job.report.read_at)}, kept"))
    return fields
