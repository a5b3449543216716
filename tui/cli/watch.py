"""`jobdeck watch [JOB...]`."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from tui.cli.context import complete, now, opened, whole_path
from tui.cli.fetching import trouble_of
from tui.cli.live_view import LiveView
from tui.cli.redraw import can_redraw
from tui.cli.terminal import tell
from tui.cli.watch_view import LineView, View
from tui.engine.board import BoardChange
from tui.engine.engine import Engine
from tui.engine.fetching.missing import not_in_folder, results
from tui.engine.pasting.pick import pick
from tui.errors import ExitCode
from tui.model import Download, DownloadState, Job, JobKey, JobState, ProblemKind

_REFUSED = frozenset({ProblemKind.AUTH, ProblemKind.FORBIDDEN})
_WORST_FIRST = (ExitCode.CREDENTIALS, ExitCode.UNREACHABLE, ExitCode.FAILED, ExitCode.OK)
_MOST_REASONS = 5
"""So many of the reasons why jobs did not answer are told at the end."""


def run(options: Namespace) -> int:
    """Follow jobs until all are over; the exit code tells the worst outcome."""
    return complete(_watch(options))


async def _watch(options: Namespace) -> int:
    async with opened(options) as engine:
        jobs = [pick(text, engine.board.jobs.values()) for text in dict.fromkeys(options.jobs)]
        jobs = jobs or list(engine.board.jobs.values())
        for job in jobs:
            engine.config.connection(job.connection)  # a job that nobody can be asked about is told at once
        view = view_of(engine, jobs, as_json=options.json, quiet=options.quiet)
        watch = Watch(engine, jobs, view, folder=whole_path(options.download) if options.download else None)
        return int(await watch.run(options.timeout))


def view_of(engine: Engine, jobs: list[Job], *, as_json: bool, quiet: bool) -> View:
    """Live on a terminal that can be drawn over; lines everywhere else."""
    keys = frozenset(job.key for job in jobs)
    if can_redraw(sys.stdout) and not as_json and not quiet:
        return LiveView(engine.board, keys, engine.clock, glyphs=engine.config.ui.glyphs)
    return LineView(engine, keys, as_json=as_json, quiet=quiet)


class Watch:
    """Follows some jobs to their ends, and says how it all ended."""

    def __init__(self, engine: Engine, jobs: list[Job], view: View, *, folder: Path | None = None) -> None:
        self._engine = engine
        self._keys = frozenset(job.key for job in jobs)
        self._view = view
        self._folder = folder
        self._began = now()
        self._seen: dict[JobKey, JobState] = {}
        self._outcomes: dict[JobKey, ExitCode] = {}
        self._downloads: dict[JobKey, asyncio.Task[tuple[Download, ...]]] = {}
        self._settled = asyncio.Event()
        self._unheard: OSError | None = None

    async def run(self, seconds: float | None) -> ExitCode:
        """Follow until all are over, or for so many seconds."""
        jobs = [self._engine.board.jobs[key] for key in sorted(self._keys)]
        self._seen = {job.key: job.state for job in jobs}
        self._view.begin(jobs)
        self._engine.board.listen(self._hear)
        try:
            async with asyncio.timeout(seconds):
                with self._view.follow():
                    await self._begin(jobs)
                    await self._settled.wait()
                    if self._unheard:
                        raise self._unheard
                    await self._finish_downloads()
                await self._engine.after.finish()
        except TimeoutError:
            self._tell_what_is_left()
            return self._worst(ExitCode.UNREACHABLE)
        return self._worst(ExitCode.OK)

    async def _begin(self, jobs: list[Job]) -> None:
        self._engine.start(self._keys)
        await self._engine.refresh(self._keys)
        self._hear(BoardChange(jobs=tuple(job for job in jobs if job.outcome_unknown)))  # nobody is asked for these

    def _tell_what_is_left(self) -> None:
        """How many are not over or did not answer, and why, once for each connection and reason."""
        jobs = [self._engine.board.jobs[key] for key in sorted(self._keys - self._outcomes.keys())]
        unasked = sum(job.state.is_over for job in jobs)
        more = f"; {unasked} that ended before did not answer" if unasked else ""
        tell(f"jobdeck: time is up; {len(jobs) - unasked} of {len(self._keys)} jobs are not over{more}")
        for line in reasons(jobs):
            tell(f"  {line}")

    def _worst(self, at_least: ExitCode) -> ExitCode:
        codes = {at_least, *self._outcomes.values()}
        return next(code for code in _WORST_FIRST if code in codes)

    def _hear(self, change: BoardChange) -> None:
        try:
            for job in change.jobs:
                if job.key in self._keys:
                    self._follow(job)
        except OSError as error:  # nobody reads stdout any more
            self._unheard = error
            self._settled.set()
        for key in change.gone:
            if key in self._keys:
                self._outcomes.setdefault(key, ExitCode.OK)  # taken off the board by somebody else
        self._note_end()

    def _follow(self, job: Job) -> None:
        if self._seen[job.key] is not job.state:
            self._seen[job.key] = job.state
            self._view.change(job)
        if job.key in self._outcomes:
            return
        outcome = _outcome(job, self._began)
        if outcome is None:
            return
        self._outcomes[job.key] = outcome
        self._view.end(job)
        if job.problem and (outcome is ExitCode.CREDENTIALS or job.is_given_up):
            self._view.say(f"{job.key}: {job.problem.message}")
        if self._folder and outcome is ExitCode.OK and results(job):
            self._downloads[job.key] = asyncio.create_task(self._download(job.key, self._folder))

    async def _download(self, key: JobKey, folder: Path) -> tuple[Download, ...]:
        wanted = not_in_folder(self._engine.board.jobs[key], folder)
        if not wanted:
            return ()
        queued = await self._engine.download(key, wanted, folder)
        return tuple(await asyncio.gather(*(self._fetched(key, one) for one in queued)))

    async def _fetched(self, key: JobKey, queued: Download) -> Download:
        (done,) = await self._engine.downloads.wait((queued.id,))
        if done.state is DownloadState.DONE and done.path:
            self._view.fetched(key, done.path)
        return done

    async def _finish_downloads(self) -> None:
        for key, task in self._downloads.items():
            for download in await task:
                if download.state is not DownloadState.DONE:
                    self._view.say(f"{key}: {trouble_of(download)}")
                    self._outcomes[key] = ExitCode.FAILED

    def _note_end(self) -> None:
        if len(self._outcomes) == len(self._keys):
            self._settled.set()


def reasons(jobs: Iterable[Job]) -> list[str]:
    """Why jobs did not answer: each connection's reasons once, and of very many only how many more there are."""
    told = list(dict.fromkeys(f"{job.connection}: {job.problem.message}" for job in jobs if job.problem))
    more = len(told) - _MOST_REASONS
    return [*told[:_MOST_REASONS], *([f"and {more} more reasons: jobdeck list shows them"] if more > 0 else [])]


def _outcome(job: Job, began: datetime) -> ExitCode | None:
    """The exit code that this job stands for, once it is over and was asked in this run; None before."""
    if job.outcome_unknown:
        return ExitCode.UNREACHABLE
    if job.problem and job.problem.kind in _REFUSED:
        return ExitCode.CREDENTIALS
    if job.is_given_up:
        return ExitCode.FAILED
    if not job.state.is_over:
        return None
    asked = job.problem is not None or (job.checked_at is not None and job.checked_at >= began)
    expired = job.state is JobState.EXPIRED  # by our own count: nobody will answer for it again
    if not (asked or expired):
        return None
    return ExitCode.OK if job.state is JobState.SUCCEEDED else ExitCode.FAILED
