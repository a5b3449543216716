"""`jobdeck show JOB`."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from tui.cli.as_json import job_json
from tui.cli.context import complete, now, opened, settings_of, stored_job
from tui.cli.inside import contents_json, contents_lines
from tui.cli.paint import Paint
from tui.engine.pasting.pick import pick
from tui.errors import ExitCode, UsageError
from tui.model import Job, OutputKind
from tui.text import safe_line
from tui.underway import history_of, percent_text, under_way
from tui.usual import is_slow, left_of
from tui.wording import age, left, size, span, when

if TYPE_CHECKING:
    from tui.engine.engine import Engine
    from tui.engine.facts.archives import Contents, PackedFile

_LONGEST = 100_000
"""Characters of a link that is revealed."""
_ALERT = 'its end is told, also with notify.when = "alert"; not in quiet hours'


def run(options: Namespace) -> int:
    """Show one job as it is stored; `--refresh`, `--report`, `--reveal` and `--inside` may ask its vendor."""
    return complete(_show(options))


async def _show(options: Namespace) -> int:
    settings = settings_of(options)
    job, kept_report = await stored_job(options, options.job)
    if job.archived_at:
        _print_archived(job, kept_report, options)
        return int(ExitCode.OK)
    if not (options.refresh or options.report or options.reveal or options.inside):
        _print(job, options, {})
        return int(ExitCode.OK)
    async with opened(options, settings) as engine:
        job = pick(job.key, engine.board.jobs.values())
        if options.refresh:
            job = await engine.asks.ask_now(job.key)
        if options.report:
            text = await engine.asking.report(job.key)
            _print_report(engine.board.jobs[job.key], text, options)
        elif options.inside:
            _print_inside(job, options, await engine.inside.look(job.key, options.inside))
        else:
            _print(job, options, await _revealed(engine, job) if options.reveal else {})
    return int(ExitCode.OK)


def _print(job: Job, options: Namespace, revealed: Mapping[str, str]) -> None:
    if options.json:
        print(json.dumps(job_json(job, now(), revealed), indent=2, ensure_ascii=False))
    else:
        print("\n".join(show_lines(job, revealed)))


def _print_archived(job: Job, report: str | None, options: Namespace) -> None:
    """What the archive holds of it, its report too; nothing is asked for. Raises UsageError."""
    if options.report and report is not None:
        _print_report(job, report, options)
    elif options.refresh or options.report or options.reveal or options.inside:
        lacking = "no report of it was kept" if options.report else "its vendor is not asked"
        raise UsageError(
            f"{job.key} is in the archive: {lacking}", hint="bring it back: jobdeck track, or B on the board"
        )
    else:
        _print(job, options, {})


def _print_report(job: Job, text: str, options: Namespace) -> None:
    if options.json:
        print(json.dumps(job_json(job, now()) | {"report_text": text}, indent=2, ensure_ascii=False))
    else:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")


def _print_inside(job: Job, options: Namespace, contents: Contents) -> None:
    if options.json:
        told = job_json(job, now()) | {"inside": contents_json(options.inside, contents)}
        print(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        print("\n".join(contents_lines(contents)))


async def _revealed(engine: Engine, job: Job) -> dict[str, str]:
    found: dict[str, str] = {}
    for output in job.snapshot.outputs:
        if output.kind is OutputKind.LINK and (value := await engine.asking.reveal(job.key, output)):
            found[output.name] = value
    return found


def show_lines(job: Job, revealed: Mapping[str, str]) -> Iterator[str]:
    """All that is known of a job, for people; `revealed` are its links in full, by their names."""
    said, moment = job.snapshot, now()
    paint = Paint(sys.stdout)
    yield paint.heading(job.title)
    state = paint.state(said.state, said.state.value)
    rows = [
        ("key", job.key),
        ("vendor", f"{job.vendor} ({job.connection})"),
        ("state", f"{state} ({said.vendor_status})" if said.vendor_status else state),
        ("notice", said.notice),
        ("progress", None if said.progress is None else percent_text(said.progress)),
        ("submitted", when(said.submitted_at)),
        ("started", when(said.started_at)),
        ("finished", when(said.finished_at)),
        ("pace", _pace(job, moment)),
        ("seen", f"{age(job.checked_at, moment)} ago" if job.checked_at else "never"),
        ("archived", when(job.archived_at)),
        ("alert", _ALERT if job.alert and not job.state.is_over else None),
        ("problem", job.problem and paint.bad(f"{job.problem.kind}: {job.problem.message}")),
        ("report", job.report and f"{size(job.report.size)}, read {when(job.report.read_at)}"),
    ]
    for name, value in rows:
        if value:
            yield f"  {name:<10} {value}"
    for stage in said.stages:
        yield f"  stage      {stage.name}: {when(stage.started_at) or '-'} to {when(stage.finished_at) or '-'}"
    for stat in said.stats:
        yield f"  stat       {stat.name}: {stat.value}"
    for output in said.outputs:
        value = safe_line(revealed[output.name], _LONGEST) if output.name in revealed else output.value
        extra = " ".join(filter(None, (size(output.size), value)))
        yield f"  output     {output.name} ({output.kind}){' ' if extra else ''}{extra}"
    held = _held(job)
    for download in job.downloads:
        check = f", checked by {download.verified}" if download.verified else ""
        told = ", ".join([f"{download.state}{check}", *under_way(download), *history_of(download)])
        yield f"  download   {download.path or download.name}: {told}"
        for packed in held.get(download.id, ()):
            yield f"             {packed.name}  {size(packed.size)}  {packed.what or ''}".rstrip()


def _pace(job: Job, moment: datetime) -> str:
    """What may be left, and how long such jobs run; an estimate."""
    usual = job.usual
    if usual is None:
        return ""
    told = f"such jobs usually run {span(usual.seconds)}, nine of ten within {span(usual.most)}"
    still = left_of(job, moment)
    if is_slow(job, moment):
        return f"unusually slow; {told}"
    return f"{left(still)} by an estimate; {told}" if still is not None else told


def _held(job: Job) -> Mapping[int, tuple[PackedFile, ...]]:
    """What the fetched archives hold, by the number of their download."""
    if not any(download.is_whole for download in job.downloads):
        return {}
    from tui import vendors  # noqa: PLC0415  # an HTTP client is loaded for these jobs only
    from tui.engine.inventory import inventories  # noqa: PLC0415

    return {held.download: held.files for held in inventories(job, vendors.load(job.vendor))}
