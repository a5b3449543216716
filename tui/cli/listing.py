"""`jobdeck list [FILTER]`."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TextIO

from tui.cli.as_json import job_json
from tui.cli.columns import Column, lay_out
from tui.cli.context import archived, complete, now, settings_of, stored
from tui.cli.job_text import note_text, progress_text, title_text
from tui.cli.notes import note
from tui.cli.paint import Paint, ellipsis
from tui.cli.terminal import width
from tui.errors import ExitCode, UsageError
from tui.filter import NONE_SAVED, Filter, FilterError, Saved, parse
from tui.model import Job
from tui.tables import as_csv
from tui.wording import age

_COLUMNS = (
    Column("KEY", least=22),
    Column("TITLE", least=12),
    Column("STATE"),
    Column("VENDOR SAYS", least=8, spare=5),
    Column("PROGRESS", spare=3),
    Column("AGE", spare=1),
    Column("SEEN", spare=4),
    Column("NOTE", least=11, spare=2),
)
_STATE, _NOTE = 2, 7


def run(options: Namespace) -> int:
    """Print what is stored; asks no vendor."""
    return complete(_list(options))


async def _list(options: Namespace) -> int:
    settings = settings_of(options)
    wanted = _filter(" ".join(map(str.strip, options.filter)), settings.filters if settings else NONE_SAVED)
    moment = now()
    jobs = [job for job in await stored(options) if wanted.matches(job, moment)]
    if wanted.archived:
        jobs += await archived(options, wanted)
    jobs.sort(key=lambda job: (job.state.is_over, -(job.snapshot.submitted_at or job.tracked_at).timestamp()))
    if options.json:
        print(json.dumps([job_json(job, moment) for job in jobs], indent=2, ensure_ascii=False))
    elif options.csv:
        sys.stdout.write(as_csv(jobs))
    elif jobs:
        for line in job_table(jobs, moment, sys.stdout):
            print(line)
    else:
        filtered = "no job on the board fits the filter" if options.filter else "the board is empty"
        note(options, f"{filtered}; jobdeck track REF puts a job on it")
    return int(ExitCode.OK)


def _filter(text: str, saved: Saved) -> Filter:
    """Read the filter. Raises UsageError, the wrong term marked where it stands."""
    try:
        return parse(text, saved)
    except FilterError as error:
        first, last = error.column, error.column + error.length
        marked = f"{text[:first]}>>>{text[first:last]}<<<{text[last:]}"
        told = error.message if text.strip() == text[first:last] else f"{error.message}, in: {marked}"
        raise UsageError(told, hint=error.hint) from None


def job_table(jobs: Sequence[Job], moment: datetime, stream: TextIO) -> Iterator[str]:
    """The jobs as aligned lines, cut to the stream's width and coloured where it leads to a terminal."""
    paint = Paint(stream)

    def painted(row: int, column: int, text: str) -> str:
        if row < 0:
            return paint.heading(text)
        if column == _STATE:
            return paint.state(jobs[row].state, text)
        return paint.bad(text) if column == _NOTE and jobs[row].problem else text

    rows = [_row(job, moment) for job in jobs]
    return lay_out(_COLUMNS, rows, width(stream), paint=painted, ellipsis=ellipsis(stream))


def _row(job: Job, moment: datetime) -> tuple[str, ...]:
    stale = " stale" if job.is_stale(moment) else ""
    return (
        job.key,
        title_text(job),
        job.state.value,
        job.snapshot.vendor_status,
        progress_text(job),
        age(job.snapshot.submitted_at or job.tracked_at, moment),
        (age(job.checked_at, moment) if job.checked_at else "never") + stale,
        note_text(job),
    )
