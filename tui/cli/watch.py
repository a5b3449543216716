"""`jobdeck watch [JOB...]`."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Set as AbstractSet
from pathlib import Path

from tui.cli.context import complete, now, opened, whole_path
from tui.cli.fetching import trouble_of
from tui.cli.live_view import LiveView
from tui.cli.outcome import outcome_of, outcome_of_lost, reasons, worst
from tui.cli.redraw import can_redraw
from tui.cli.terminal import tell
from tui.cli.watch_view import LineView, View
from tui.engine.board import BoardChange
from tui.engine.engine import Engine
from tui.engine.fetching.missing import not_in_folder
from tui.engine.lost.verdict import is_found
from tui.engine.pasting.pick import pick
from tui.errors import ExitCode
from tui.model import Condition, ConnectionHealth, Download, DownloadState, Job, JobKey, JobState


def run(options: Namespace) -> int:
    """Follow jobs until all are over; the exit code tells the worst outcome."""
    return complete(_watch(options))


async def _watch(options: Namespace) -> int:
    async with opened(options) as engine:
        jobs = [pick(text, engine.board.jobs.values()) for text in dict.fromkeys(options.jobs)]
        jobs = jobs or list(engine.board.jobs.values())
        for job in jobs:
            engine.config.connection(job.connection)  # a job that nobody can be asked about is told at once
        keys = {job.key for job in jobs}
        view = view_of(engine, keys, as_json=options.json, quiet=options.quiet)
        watch = Watch(engine, keys, view, folder=whole_path(options.download) if options.download else None)
        return int(await watch.run(options.timeout))


def view_of(engine: Engine, keys: AbstractSet[JobKey], *, as_json: bool, quiet: bool) -> View:
    """Live on a terminal that can be drawn over; lines everywhere else."""
    if can_redraw(sys.stdout) and not as_json and not quiet:
        return LiveView(engine.board, keys, engine.clock, glyphs=engine.config.ui.glyphs)
    return LineView(engine, keys, as_json=as_json, quiet=quiet)


class Watch:
    """Follows some jobs to their ends, and says how it all ended.

    A lost start is followed until its vendor's list has said all that it will; then the job that it is found to be.
    """

    def __init__(self, engine: Engine, keys: set[JobKey], view: View, *, folder: Path | None = None) -> None:
        """`keys` are the jobs, here and wherever else they were given to: found ones are put in."""
        self._engine = engine
        self._keys = keys
        self._view = view
        self._folder = folder
        self._began = now()
        self._lost: dict[JobKey, Job] = {}
        self._seen: dict[JobKey, tuple[JobState, str | None]] = {}
        self._outcomes: dict[JobKey, ExitCode] = {}
        self._downloads: dict[JobKey, asyncio.Task[tuple[Download, ...]]] = {}
        self._settled = asyncio.Event()
        self._unheard: OSError | None = None
        self._told = ""
        """The trouble with the disk that was told last."""

    async def run(self, seconds: float | None) -> ExitCode:
        """Follow until all are over, or for so many seconds."""
        jobs = [self._engine.board.jobs[key] for key in sorted(self._keys)]
        self._lost = {job.key: job for job in jobs if job.outcome_unknown}
        self._seen = {job.key: _look_of(job) for job in jobs}
        self._view.begin(jobs)
        self._engine.board.listen(self._hear)
        self._engine.health.listen(self._hear_health)
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
            if trouble := self._engine.board.why_behind(self._keys):
                raise trouble from None
            self._tell_what_is_left()
            return worst({ExitCode.UNREACHABLE, *self._outcomes.values()})
        return worst({ExitCode.OK, *self._outcomes.values()})

    async def _begin(self, jobs: list[Job]) -> None:
        self._engine.start(self._keys)
        await self._engine.asks.refresh(job.key for job in jobs if self._is_to_ask(job))
        self._hear(BoardChange(jobs=tuple(job for job in jobs if job.outcome_unknown and not job.lost)))

    def _is_to_ask(self, job: Job) -> bool:
        """Whether it is to be asked for now; a lost start may be due by itself, or cannot be looked up at all."""
        if not job.outcome_unknown:
            return True
        due = self._engine.search.due_at(job)
        return job.lost is not None and (due is None or due > now())

    def _tell_what_is_left(self) -> None:
        """How many are not over or did not answer, and why, once for each connection and reason."""
        jobs = [self._engine.board.jobs[key] for key in sorted(self._keys - self._outcomes.keys())]
        unasked = sum(job.state.is_over for job in jobs)
        more = f"; {unasked} that ended before did not answer" if unasked else ""
        tell(f"jobdeck: time is up; {len(jobs) - unasked} of {len(self._keys)} jobs are not over{more}")
        for line in reasons(jobs):
            tell(f"  {line}")

    def _hear(self, change: BoardChange) -> None:
        self._take_found(change)
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

    def _hear_health(self, health: ConnectionHealth) -> None:
        """Where the login is refused, no start is looked up any more; what the disk does not take is not seen here."""
        if (trouble := self._engine.board.why_behind(self._keys)) and str(trouble) != self._told:
            self._told = str(trouble)
            self._view.say(trouble.told)
        lines = (self._engine.board.jobs.get(key) for key in self._keys)
        lost = tuple(line for line in lines if line and line.lost and line.connection == health.name)
        if lost and health.condition is Condition.REFUSED:
            self._hear(BoardChange(jobs=lost))

    def _take_found(self, change: BoardChange) -> None:
        """A lost start that was found is followed as the job that it is."""
        for line in [self._lost[key] for key in change.gone if key in self._lost]:
            if found := next((job.key for job in change.jobs if is_found(job, line)), None):
                del self._lost[line.key]
                self._keys.discard(line.key)
                self._outcomes.pop(line.key, None)
                self._keys.add(found)

    def _follow(self, job: Job) -> None:
        if self._seen.get(job.key) != _look_of(job):
            self._seen[job.key] = _look_of(job)
            self._view.change(job)
        if job.key in self._outcomes:
            return
        outcome = self._outcome(job)
        if outcome is None:
            return
        self._outcomes[job.key] = outcome
        self._view.end(job)
        if job.problem and (outcome is ExitCode.CREDENTIALS or job.is_given_up or job.outcome_unknown):
            self._view.say(f"{job.key}: {job.problem.message}")
        if self._folder and outcome is ExitCode.OK and job.results:
            self._downloads[job.key] = asyncio.create_task(self._download(job.key, self._folder))

    def _outcome(self, job: Job) -> ExitCode | None:
        if not job.outcome_unknown:
            return outcome_of(job, self._began)
        is_settled = self._engine.search.due_at(job) is None
        is_refused = self._engine.poller.condition(job.connection) is Condition.REFUSED
        return outcome_of_lost(job, self._began, is_settled=is_settled, is_refused=is_refused)

    async def _download(self, key: JobKey, folder: Path) -> tuple[Download, ...]:
        wanted = not_in_folder(self._engine.board.jobs[key], folder)
        if not wanted:
            return ()
        queued = await self._engine.job_desk.download(key, wanted, folder)
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


def _look_of(job: Job) -> tuple[JobState, str | None]:
    """What makes a line of its own: the state, and of a lost start all that is found out about it."""
    return job.state, job.snapshot.notice if job.outcome_unknown else None
