"""`jobdeck download JOB`."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from pathlib import Path

from tui.cli.as_json import fetched_json, one_line
from tui.cli.context import complete, opened
from tui.cli.terminal import is_terminal, tell
from tui.engine.board import BoardChange
from tui.engine.engine import Engine
from tui.engine.extract import extract
from tui.engine.pick import pick
from tui.errors import ExitCode, UsageError
from tui.model import Download, DownloadState, Job
from tui.wording import duration, size


def run(options: Namespace) -> int:
    """Fetch a job's outputs; prints the final paths."""
    return complete(_download(options, Path(options.to).expanduser() if options.to else None))


async def _download(options: Namespace, folder: Path | None) -> int:
    async with opened(options) as engine:
        job = await _ready(engine, pick(options.job, engine.board.jobs.values()))
        if is_terminal(sys.stderr):
            engine.board.listen(_show_progress)
        queued = await engine.download(job.key, tuple(options.output), folder)
        done = await engine.downloads.wait(tuple(one.id for one in queued))
        worst = ExitCode.OK
        for download in done:
            if download.state is DownloadState.DONE and download.path:
                _print(download, options)
                if options.extract:
                    tell(f"jobdeck: unpacked into {await asyncio.to_thread(extract, download.path)}")
            else:
                tell(f"jobdeck: {download.output}: {download.message or download.state}")
                worst = max(worst, engine.downloads.exit_code(download.id))
    return int(worst)


async def _ready(engine: Engine, job: Job) -> Job:
    """The job with its outputs known: one that was not over when last seen is asked first."""
    if job.state.is_over:
        return job
    job = await engine.ask_now(job.key)
    if not job.state.is_over:
        raise UsageError(
            f"{job.title} is not over: {job.snapshot.vendor_status or job.state}",
            hint=f"wait with: jobdeck watch {job.key} --download DIR",
        )
    return job


def _print(download: Download, options: Namespace) -> None:
    print(one_line(fetched_json(download)) if options.json else download.path, flush=True)


def _show_progress(change: BoardChange) -> None:
    for download in change.downloads:
        if download.state is not DownloadState.RUNNING:
            sys.stderr.write("\r\x1b[K")
            continue
        whole = f" of {size(download.size)}" if download.size else ""
        speed = f"  {size(int(download.speed))}/s" if download.speed else ""
        left = ""
        if download.size and download.speed:
            left = f"  {duration((download.size - download.bytes) / download.speed)} left"
        sys.stderr.write(f"\r\x1b[K{download.output}  {size(download.bytes)}{whole}{speed}{left}")
    sys.stderr.flush()
