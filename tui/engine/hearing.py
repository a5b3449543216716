"""What a vendor's answer makes of a job; what one round of answers changes is gathered, to be written at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from tui.engine.border import Border, event_of
from tui.engine.changed import changed, changer
from tui.engine.next_ask import NextAsk
from tui.engine.runs import run_of
from tui.engine.storage.batch import Batch
from tui.engine.storage.rounds import into_rounds
from tui.engine.storage.usuals import Usuals
from tui.model import Event, Job, JobKey, JobState, Snapshot
from tui.usual import Run, first_running

Plan = Callable[[Job], NextAsk]
"""Says when a job that has just answered is asked next."""
_asked_anew: Callable[..., Job] = changer(Job, "checked_at", "next_check_at", "fresh_until")


@dataclass(slots=True)
class Heard:
    """All jobs of one round, as they are now and in the order of their answers.

    In `changed` are those of which more than the times changed.
    """

    at: datetime
    plan: Plan
    jobs: dict[JobKey, Job] = field(default_factory=dict)
    changed: dict[JobKey, Job] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    def batch(self) -> Batch:
        """All of it; a job that is alone with its times is written whole."""
        rounds, alone = into_rounds(self.jobs)
        updated = self.changed | alone
        return Batch(updated=tuple(updated.values()), events=tuple(self.events), runs=tuple(self.runs), rounds=rounds)


class Hearing:
    """Knows each job's last answer, and how long jobs of its kind usually run."""

    def __init__(self, usuals: Usuals) -> None:
        self._usuals = usuals
        self._border = Border()

    def hear(self, key: JobKey, job: Job, snapshot: Snapshot, heard: Heard) -> Job:
        """The job as it is after a good answer, which goes into `heard` too."""
        told = self._border.inert(key, snapshot)
        if job.problem is None and (told is job.snapshot or (told == job.snapshot and job.changed_at is not None)):
            return self._confirmed(key, job, heard)
        if told.state is JobState.UNKNOWN:  # a word that the vendor does not document: the job stays as it is
            told = replace(told, state=job.snapshot.state)
        moved = (job.state, job.snapshot.vendor_status) != (told.state, told.vendor_status)
        heard_now = changed(
            job,
            snapshot=told,
            checked_at=heard.at,
            changed_at=heard.at if moved or job.changed_at is None else job.changed_at,
            problem=None,
            seen_running_at=first_running(job, told, heard.at),
        )
        run = run_of(heard_now) if moved else None
        runs = () if run is None else (run,)
        usual = self._usuals.of(heard_now)
        self._usuals.take(runs)
        next_ask = heard.plan(heard_now)
        made = changed(heard_now, usual=usual, next_check_at=next_ask.at, fresh_until=next_ask.fresh_until)
        heard.jobs[key] = heard.changed[key] = made
        heard.events += _events(key, job, made, heard.at, moved=moved)
        heard.runs += runs
        return made

    def forget(self, keys: Iterable[JobKey]) -> None:
        """These jobs are gone."""
        for key in keys:
            self._border.forget(key)

    def _confirmed(self, key: JobKey, job: Job, heard: Heard) -> Job:
        """The vendor repeats its last answer, as it does for most jobs: as a rule only the job's times change."""
        next_ask = heard.plan(job)
        running = job.seen_running_at if job.state is JobState.RUNNING else first_running(job, job.snapshot, heard.at)
        usual = self._usuals.of_same(key, job)
        made = _asked_anew(job, heard.at, next_ask.at, next_ask.fresh_until)
        if running != job.seen_running_at or usual != job.usual:
            made = heard.changed[key] = changed(made, seen_running_at=running, usual=usual)
        heard.jobs[key] = made
        return made


def _events(key: JobKey, before: Job, after: Job, now: datetime, *, moved: bool) -> list[Event]:
    """The lines for the job's history."""
    events = []
    if moved:
        said = after.snapshot.vendor_status or "no word"
        events.append(event_of(now, key, "state", f"{after.state} ({said})"))
    if before.problem:
        events.append(event_of(now, key, "answer", "the vendor answers again"))
    return events
