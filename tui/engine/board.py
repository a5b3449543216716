"""The tracked jobs: the one place that changes them, and tells who listens.

Memory is changed first, then the change is written, then listeners hear of it. Only the figures of a moving download
are told before they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tui.clock import Clock
from tui.engine.border import event_of, inert_error, inert_report, with_notice
from tui.engine.changed import changed
from tui.engine.hearing import Heard, Hearing, Plan
from tui.engine.known_downloads import KnownDownloads
from tui.engine.present_run import with_downloads
from tui.engine.runs import run_of
from tui.engine.storage.batch import Batch, News
from tui.engine.storage.rounds import Round
from tui.engine.storage.store import Store
from tui.engine.storage.usuals import Usuals
from tui.engine.unbroken import unbroken
from tui.engine.writing import Writing
from tui.errors import AskError, StateError, UsageError
from tui.model import Download, Inert, Job, JobKey, JobState, Problem, ProblemKind, ReportInfo, Safe, Sent, Snapshot
from tui.redact import beside

GONE_AFTER = 3
"""So many "unknown job" answers in a row mean that the vendor has really forgotten it."""


@dataclass(frozen=True, slots=True)
class BoardChange:
    """What listeners hear: jobs as they are now, and the keys of those taken off."""

    jobs: tuple[Job, ...] = ()
    gone: tuple[JobKey, ...] = ()
    downloads: tuple[Download, ...] = ()
    rounds: tuple[Round, ...] = ()
    """Those of the jobs that were asked together from here and are due together."""


Listener = Callable[[BoardChange], None]


class Board:
    """All jobs by key. Every coroutine may raise StateError when the disk does not take the change."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._jobs: dict[JobKey, Job] = {}
        self._downloads = KnownDownloads()
        self._usuals = Usuals()
        self._hearing = Hearing(self._usuals)
        self._misses: dict[JobKey, int] = {}
        self._listeners: list[Listener] = []
        self._writing = Writing(store, self._jobs)

    @property
    def jobs(self) -> Mapping[JobKey, Job]:
        """The jobs as they are now."""
        return self._jobs

    @property
    def downloads(self) -> Mapping[int, Download]:
        """All downloads, also of jobs that were taken off."""
        return self._downloads.all

    def job(self, key: JobKey) -> Job:
        """One job as it is now. Raises UsageError when it is not on the board."""
        job = self._jobs.get(key)
        if job is None:
            raise UsageError(f"{key} is not on the board", hint="see jobdeck list, and jobdeck list is:archived")
        return job

    def listen(self, listener: Listener) -> None:
        """Have `listener` called after each change that was written."""
        self._listeners.append(listener)

    async def load(self) -> None:
        """Read everything from the disk."""
        self._take(await self._store.load())

    async def load_usual(self) -> None:
        """Learn how long jobs of each kind took before; only who asks vendors needs it."""
        self._usuals.take(run for job in self._jobs.values() if (run := run_of(job)) is not None)
        self._usuals.take(await self._store.runs())

    async def look(self) -> None:
        """Take over what another program wrote on the same state folder."""
        await unbroken(
            self._writing.look(self._store.news, self._take_over)
        )  # what is read once is not told a second time

    async def rename(self, old: str, new: str) -> None:
        """Give a connection's jobs to one of another name; nobody asks for them meanwhile."""
        await self._writing.look(lambda: self._store.rename(old, new), self._take_over)
        self._usuals.rename(old, new)

    async def add(self, jobs: Iterable[Job], why: str) -> None:
        """Put jobs on the board; one that is there already keeps what is known of it."""
        jobs = tuple(jobs)
        if any(job.key in self._jobs for job in jobs):
            await self.look()  # another program may have changed it, or archived it
        await self.bring_back([job.key for job in jobs if job.key not in self._jobs])
        fresh = [job.key for job in jobs if job.key not in self._jobs]
        added = []
        for job in jobs:
            known = self._jobs.get(job.key)
            merged = job if known is None else _merge(known, job)
            self._jobs[job.key] = merged
            added.append(self._with_downloads(job.key) or merged)
        events = tuple(event_of(self._clock.now(), job.key, "tracked", why) for job in added)
        try:
            await self._write(Batch(added=tuple(added), events=events))
        except StateError:
            for key in fresh:
                self._jobs.pop(key, None)
            raise

    async def become(self, key: JobKey, job: Job, why: str) -> None:
        """Put a job on the board in place of the line of its start, in one step; the line's history comes along."""
        history = await self._store.events(key)
        await self.look()
        await self.bring_back([job.key] if job.key not in self._jobs else [])
        known, line = self._jobs.get(job.key), self._jobs.pop(key, None)
        self._jobs[job.key] = job if known is None else _merge(known, job)
        events = (
            *(replace(event, job=job.key) for event in history),
            event_of(self._clock.now(), job.key, "tracked", why),
        )
        try:
            await self._write(Batch(added=(self._jobs[job.key],), removed=(key,), events=events))
        except StateError:
            self._jobs.pop(job.key)
            self._jobs |= {one.key: one for one in (known, line) if one is not None}
            raise

    async def remove(self, keys: Iterable[JobKey]) -> tuple[Job, ...]:
        """Take jobs off the board; returns them as they were."""
        removed = tuple(job for key in keys if (job := self._jobs.pop(key, None)) is not None)
        now = self._clock.now()
        events = tuple(event_of(now, job.key, "untracked", "taken off the board") for job in removed)
        try:
            await self._write(Batch(removed=tuple(job.key for job in removed), events=events))
        except StateError:
            self._jobs |= {job.key: job for job in removed}
            raise
        self._forget(job.key for job in removed)
        return removed

    async def archive(self, keys: Iterable[JobKey]) -> tuple[Job, ...]:
        """Put jobs that are over into the archive, their files' downloads with them; returns them as they were.

        One that another program moved meanwhile, or whose files move, stays.
        """
        resting = (key for key in keys if all(one.state.is_over for one in self._downloads.of(key)))
        gone = {key: job for key in resting if (job := self._jobs.pop(key, None)) is not None}
        archived: tuple[JobKey, ...] = ()
        try:
            archived = await self._store.archive(tuple(gone), self._clock.now())
        finally:
            self._jobs |= {key: job for key, job in gone.items() if key not in archived}
        self._forget(archived)
        for key in archived:
            self._downloads.forget(key)
        if archived:
            self._tell(BoardChange(gone=archived))
        return tuple(gone[key] for key in archived)

    async def bring_back(self, keys: Iterable[JobKey]) -> tuple[Job, ...]:
        """Put those of the jobs that are archived back on the board; returns them."""
        keys = tuple(keys)
        return await unbroken(self._brought_back(keys)) if keys else ()

    async def _brought_back(self, keys: tuple[JobKey, ...]) -> tuple[Job, ...]:
        back = await self._store.bring_back(keys, self._clock.now())
        if change := self._take(News(jobs=back, downloads=tuple(one for job in back for one in job.downloads))):
            self._tell(change)
        return tuple(self._jobs[job.key] for job in back)

    async def answered(self, key: JobKey, snapshot: Snapshot, plan: Plan) -> None:
        """Apply a vendor's good answer; `plan` says when the job as it is then is asked next."""
        await self.all_answered(((key, snapshot),), plan)

    async def all_answered(self, answers: Iterable[tuple[JobKey, Snapshot]], plan: Plan) -> None:
        """Several at once; a fault of ours over one of them is raised when the others are kept."""
        heard = Heard(self._clock.now(), plan)
        fault: Exception | None = None
        for key, snapshot in answers:
            job = self._jobs.get(key)
            if job is None:
                continue  # untracked while the vendor was asked
            self._misses.pop(key, None)
            try:
                self._jobs[key] = job = self._hearing.hear(key, job, snapshot, heard)
            except Exception as error:  # noqa: BLE001  # a border: it is raised below
                fault = error
                continue
            if self._writing.is_behind(key):
                heard.changed[key] = job
        await self._write_heard(heard.batch())
        if fault:
            raise fault

    def why_behind(self, keys: Iterable[JobKey]) -> StateError | None:
        """Why the disk does not hold what the vendors said of some of these jobs; None when it does."""
        return self._writing.why_behind(keys)

    async def write_left_over(self) -> None:
        """Write what the vendors said while the disk took nothing, and tell of it."""
        await self._write_or_keep(self._writing.take_left_over())

    async def step_in(self, jobs: Mapping[JobKey, Job], until: datetime) -> frozenset[JobKey]:
        """Take over asks that another program planned and missed: put them off to `until`; returns those we got.

        A job that the disk does not hold as it is here is ours: nothing there can say whose it is.
        """
        behind = frozenset(key for key in jobs if self._writing.is_behind(key))
        due = {key: job.next_check_at for key, job in jobs.items() if key not in behind}
        return behind | await unbroken(self._stepped_in(due, until)) if due else behind

    async def _stepped_in(self, due: Mapping[JobKey, datetime | None], until: datetime) -> frozenset[JobKey]:
        ours = await self._store.step_in(due, until)
        for key in ours & self._jobs.keys():
            self._jobs[key] = changed(self._jobs[key], next_check_at=until)
        return ours

    async def reopened(self, key: JobKey) -> None:
        """A job that was over begins anew at its vendor: what was known of it holds no more, and it is asked again."""
        job = self._jobs.get(key)
        if job is None:
            return
        now, fresh = self._clock.now(), with_notice(Inert(Snapshot(title=job.snapshot.title)), "reset; not asked since")
        self._jobs[key] = replace(
            job,
            snapshot=fresh,
            changed_at=now,
            begun_anew_at=now,
            seen_running_at=None,
            next_check_at=None,
            problem=None,
        )
        self._with_downloads(key)
        await self._write(Batch(updated=(self._jobs[key],)))

    async def failed(self, key: JobKey, error: AskError, retry_at: datetime | None) -> None:
        """Note that an ask went wrong; the vendor's last word stays, except that a forgotten job is expired.

        One that the vendor never told of was not forgotten, but named wrongly: it is given up, not expired.
        """
        job, now = self._jobs.get(key), self._clock.now()
        if job is None:
            return
        if error.kind is ProblemKind.GONE and self._is_forgotten(key):
            if job.checked_at is not None:
                await self._expire(job, now)
                return
            if job.order_body is None:  # one that was started from here will be known soon
                retry_at = None
        if job.state.is_over:
            retry_at = None  # asked by hand; by itself nobody asks for it again
        message = inert_error(error)
        same = job.problem is not None and job.problem.kind is error.kind
        since = job.problem.since if job.problem and same else now
        self._jobs[key] = replace(job, problem=Problem(error.kind, message, since, retry_at), next_check_at=retry_at)
        events = () if same else (event_of(now, key, "problem", f"{error.kind}: {message}"),)
        await self._write_heard(Batch(updated=(self._jobs[key],), events=events))

    async def attach(self, key: JobKey, outputs: tuple[str, ...]) -> None:
        """Add output files that the user names to a job's reference."""
        job = self._jobs[key]
        named = tuple(dict.fromkeys((*job.ref.outputs, *outputs)))
        self._jobs[key] = replace(job, ref=replace(job.ref, outputs=named))
        event = event_of(self._clock.now(), key, "outputs", f"attached {', '.join(outputs)}")
        await self._write(Batch(updated=(self._jobs[key],), events=(event,)))

    async def set_alert(self, keys: Iterable[JobKey], *, on: bool) -> None:
        """Set an alert on jobs, or take it off; what another program wrote lately is read before."""
        await self.look()
        others = [job for key in keys if (job := self._jobs.get(key)) is not None and job.alert is not on]
        self._jobs |= {job.key: replace(job, alert=on) for job in others}
        await self._write(Batch(updated=tuple(self._jobs[job.key] for job in others)))

    async def keep_report(self, key: JobKey, told: str) -> Safe:
        """Keep a job's report; returns it as it is kept, harmless for a terminal."""
        text = await beside(inert_report, told)
        job = self._jobs.get(key)
        if job is not None:
            info = ReportInfo(self._clock.now(), len(text.encode()))
            self._jobs[key] = replace(job, report=info)
            await self._write(Batch(updated=(self._jobs[key],), report=(key, text)))
        return text

    async def note(self, key: JobKey, kind: str, text: str) -> None:
        """Add a line to a job's history."""
        await self._store.write(Batch(events=(event_of(self._clock.now(), key, kind, text),)))

    async def mark_sent(self, key: JobKey, sent: Sent | None, text: str, notice: str | None, kind: str = "") -> None:
        """Write down what is sent to change a job, or (None) that this is settled; `notice` stands until it answers.

        What another program wrote lately is read before: it may have a copy of what is settled now.
        """
        await self.look()
        job = self._jobs.get(key)
        if job is None:
            return
        self._jobs[key] = replace(job, sent=sent, snapshot=with_notice(job.snapshot, notice))
        event = event_of(self._clock.now(), key, sent.action if sent else kind, text)
        await self._write(Batch(updated=(self._jobs[key],), events=(event,)))

    async def put_start(self, key: JobKey, change: Callable[[Job], Job], text: str | None = None) -> None:
        """Change what is known of a lost start, with a line for its history; news is read before."""
        await self.look()
        job = self._jobs.get(key)
        if job is None or not job.outcome_unknown:
            return
        self._jobs[key] = change(job)
        events = () if text is None else (event_of(self._clock.now(), key, "look-up", text),)
        await self._write(Batch(updated=(self._jobs[key],), events=events))

    async def put_download(self, download: Download, event: str | None = None) -> None:
        """Set a download's present state, with a line for the job's history if something happened."""
        await self.put_downloads([(download, event)])

    async def put_downloads(self, changes: Sequence[tuple[Download, str | None]]) -> None:
        """Several at once, each with its line."""
        now = self._clock.now()
        downloads = tuple(download for download, _ in changes)
        for download in downloads:
            self.note_download(download)
        events = tuple(event_of(now, download.job, "download", event) for download, event in changes if event)
        jobs = tuple(job for key in {one.job for one in downloads} if (job := self._with_downloads(key)))
        await self._writing.write(Batch(downloads=downloads, events=events))
        self._tell(BoardChange(jobs=jobs, downloads=downloads))

    def show_progress(self, *downloads: Download) -> None:
        """Tell of moving downloads without writing them down; the disk is told once a second by their owner."""
        for download in downloads:
            self.note_download(download)
        self.tell_downloads(one.id for one in downloads)

    def note_download(self, download: Download) -> None:
        """Set a download's present state; nobody hears of it yet."""
        self._downloads.note(download)

    def tell_downloads(self, numbers: Iterable[int]) -> None:
        """Tell of these downloads as they are now."""
        downloads = tuple(one for number in numbers if (one := self._downloads.all.get(number)))
        jobs = tuple(job for key in {one.job for one in downloads} if (job := self._with_downloads(key)))
        self._tell(BoardChange(jobs=jobs, downloads=downloads))

    def _forget(self, keys: Iterable[JobKey]) -> None:
        gone = tuple(keys)
        self._writing.forget(gone)
        self._hearing.forget(gone)
        for key in gone:
            self._misses.pop(key, None)

    def _is_forgotten(self, key: JobKey) -> bool:
        self._misses[key] = self._misses.get(key, 0) + 1
        return self._misses[key] >= GONE_AFTER

    async def _expire(self, job: Job, now: datetime) -> None:
        self._misses.pop(job.key, None)
        forgotten = with_notice(job.snapshot, "the vendor does not know this job any more")
        snapshot = replace(forgotten, state=JobState.EXPIRED)
        self._jobs[job.key] = replace(job, snapshot=snapshot, problem=None, changed_at=now, next_check_at=None)
        event = event_of(now, job.key, "state", "expired: the vendor does not know it any more")
        await self._write_heard(Batch(updated=(self._jobs[job.key],), events=(event,)))

    async def _write_heard(self, batch: Batch) -> None:
        """Write what a vendor said, and what the disk did not take before, e.g. of a job that was asked by hand."""
        await self._write_or_keep(batch)
        if self._writing.has_left_over:
            await self.write_left_over()

    async def _write_or_keep(self, batch: Batch) -> None:
        """Write what a vendor said; nobody says it a second time, so it is kept where the disk does not take it."""
        try:
            await self._write(batch)
        except StateError:
            self._writing.keep(batch)
            raise

    async def _write(self, batch: Batch) -> None:
        if not (batch.added or batch.updated or batch.removed or batch.rounds or batch.events):
            return
        await self._writing.write(batch)
        keys = {job.key for job in (*batch.added, *batch.updated)} | batch.asked.keys()
        now_there = tuple(self._jobs[key] for key in keys if key in self._jobs)
        gone = tuple(key for key in batch.removed if key not in self._jobs)
        self._tell(BoardChange(jobs=now_there, gone=gone, rounds=tuple(map(self._as_it_is, batch.rounds))))

    def _as_it_is(self, one: Round) -> Round:
        """The round without what was changed, or taken off, while it was written."""
        return Round({key: job for key, job in one.jobs.items() if self._jobs.get(key) is job})

    def _take_over(self, news: News) -> None:
        self._usuals.take(run for job in news.jobs if (run := run_of(job)) is not None)
        if change := self._take(news):
            self._tell(change)

    def _take(self, news: News) -> BoardChange | None:
        for download in news.downloads:
            self.note_download(download)
        for job in news.jobs:
            known = self._jobs.get(job.key)
            if known is None or known.checked_at != job.checked_at:  # the vendor knew it when another program asked
                self._misses.pop(job.key, None)
            self._jobs[job.key] = job
        gone = tuple(key for key in news.removed if self._jobs.pop(key, None))
        self._forget(gone)
        touched = {job.key for job in news.jobs} | {download.job for download in news.downloads}
        jobs = tuple(one for key in touched if (one := self._with_downloads(key)))
        return BoardChange(jobs, gone, news.downloads) if jobs or gone or news.downloads else None

    def _with_downloads(self, key: JobKey) -> Job | None:
        job = self._jobs.get(key)
        if job is None:
            return None
        self._jobs[key] = with_downloads(job, self._downloads.of(key))
        return self._jobs[key]

    def _tell(self, change: BoardChange) -> None:
        for listener in self._listeners:
            listener(change)


def _merge(known: Job, again: Job) -> Job:
    """A job that comes a second time: what the user says now wins, what the vendor said and what started it stays."""
    outputs = tuple(dict.fromkeys((*known.ref.outputs, *again.ref.outputs)))
    ref = replace(
        again.ref,
        outputs=outputs,
        url=again.ref.url or known.ref.url,
        expires_at=again.ref.expires_at or known.ref.expires_at,
    )
    started_by = known if known.order_body is not None else again
    return replace(
        known,
        ref=ref,
        tracked_at=min(known.tracked_at, again.tracked_at),
        given_title=again.given_title or known.given_title,
        order_body=started_by.order_body,
        order_place=started_by.order_place,
        callback=known.callback or again.callback,
        alert=known.alert or again.alert,
    )
