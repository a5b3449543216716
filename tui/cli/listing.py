"""`jobdeck list [FILTER]`."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from datetime import datetime

from tui.cli.as_json import job_json
from tui.cli.columns import Column, lay_out
from tui.cli.context import complete, now, stored
from tui.cli.terminal import tell, width
from tui.errors import ExitCode
from tui.filter import parse
from tui.model import Job, JobState
from tui.wording import age

_COLUMNS = (
    Column("KEY", least=20),
    Column("TITLE", least=12),
    Column("STATE"),
    Column("VENDOR SAYS", least=8),
    Column("PROGRESS"),
    Column("AGE"),
    Column("SEEN"),
    Column("NOTE", least=8),
)


def run(options: Namespace) -> int:
    """Print what is stored; asks no vendor and reads no config."""
    return complete(_list(options))


async def _list(options: Namespace) -> int:
    wanted = parse(" ".join(options.filter))
    moment = now()
    jobs = [job for job in await stored(options) if wanted.matches(job, moment)]
    jobs.sort(key=lambda job: (job.state.is_over, -(job.snapshot.submitted_at or job.tracked_at).timestamp()))
    if options.json:
        print(json.dumps([job_json(job, moment) for job in jobs], indent=2, ensure_ascii=False))
    elif jobs:
        rows = [_row(job, moment) for job in jobs]
        for line in lay_out(_COLUMNS, rows, width(sys.stdout)):
            print(line)
    else:
        filtered = "no job on the board fits the filter" if options.filter else "the board is empty"
        tell(f"jobdeck: {filtered}; jobdeck track REF puts a job on it")
    return int(ExitCode.OK)


def _row(job: Job, moment: datetime) -> tuple[str, ...]:
    said = job.snapshot
    note = job.problem.message if job.problem else said.notice or ""
    stale = " stale" if job.is_stale(moment) else ""
    return (
        job.key,
        "" if job.title == job.ref.id else job.title,
        said.state.value if said.state is not JobState.UNKNOWN or job.checked_at else "not asked",
        said.vendor_status,
        "" if said.progress is None else f"{said.progress:.0%}",
        age(said.submitted_at or job.tracked_at, moment),
        (age(job.checked_at, moment) if job.checked_at else "never") + stale,
        note,
    )
