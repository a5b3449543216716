"""`jobdeck download JOB`."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from pathlib import Path

from tui.cli.as_json import fetched_json, one_line
from tui.cli.context import complete, opened, whole_path
from tui.cli.fetching import shown_progress, trouble_of
from tui.cli.inside import take_members
from tui.cli.notes import note
from tui.cli.terminal import tell
from tui.engine.engine import Engine
from tui.engine.fetching.extract import extract
from tui.engine.pasting.pick import pick
from tui.errors import DownloadError, ExitCode, JobdeckError
from tui.model import Download, DownloadState, Job, JobState


def run(options: Namespace) -> int:
    """Fetch a job's outputs; prints the final paths."""
    return complete(_download(options, whole_path(options.to) if options.to else None))


async def _download(options: Namespace, folder: Path | None) -> int:
    async with opened(options) as engine:
        job = await _ready(engine, pick(options.job, engine.board.jobs.values()))
        fetch = _members if options.member else _files
        code = await fetch(engine, job, options, folder)
    if job.state in (JobState.FAILED, JobState.CANCELLED):
        tell(f"jobdeck: {job.title}: the job ended as {job.state}: a file may be part of it, or an earlier run's")
        code = max(code, ExitCode.FAILED)
    return int(code)


async def _files(engine: Engine, job: Job, options: Namespace, folder: Path | None) -> ExitCode:
    with shown_progress(engine, lambda key: key == job.key, quiet=options.quiet):
        queued = await engine.job_desk.download(job.key, tuple(options.output), folder)
        done = await engine.downloads.wait(tuple(one.id for one in queued))
    worst = ExitCode.OK
    for download in done:
        if download.state is DownloadState.DONE and download.path:
            _print(download, options)
            if options.extract:
                note(options, f"unpacked into {await asyncio.to_thread(extract, download.path)}")
        else:
            tell(f"jobdeck: {trouble_of(download)}")
            worst = max(worst, engine.downloads.exit_code(download.id))
    await engine.after.finish()
    return worst


async def _members(engine: Engine, job: Job, options: Namespace, folder: Path | None) -> ExitCode:
    with shown_progress(engine, lambda key: key == job.key, quiet=options.quiet):
        try:
            await take_members(engine, job, options, folder)
        except JobdeckError:  # those before the trouble are there
            await engine.after.finish()
            raise
        await engine.after.finish()
    return ExitCode.OK


async def _ready(engine: Engine, job: Job) -> Job:
    """The job with its outputs known: one that was not over when last seen is asked first."""
    if job.state.is_over:
        return job
    job = await engine.asks.ask_now(job.key)
    if not job.state.is_over:
        raise DownloadError(
            f"{job.title} is not over: {job.snapshot.vendor_status or job.state}",
            hint=f"wait with: jobdeck watch {job.key} --download DIR",
        )
    return job


def _print(download: Download, options: Namespace) -> None:
    print(one_line(fetched_json(download)) if options.json else download.path, flush=True)
