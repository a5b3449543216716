"""How long a job of its kind usually runs, and what that says of one that runs now. Pure arithmetic, no state."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from tui.model import Job, JobKey, JobState, Safe, Snapshot, Stage, Usual, UsualStage

LEAST_RUNS = 3
"""From fewer runs nothing is told."""
_SLOW = 1.5
_SLOW_SECONDS = 5.0
"""A job is asked every few seconds at best, so by less it cannot be called slow."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What makes jobs comparable: the connection, and the vendor's own name for what they do."""

    connection: str
    name: str


@dataclass(frozen=True, slots=True)
class Run:
    """How long one job took that succeeded; seconds, the stages by name."""

    job: JobKey
    kind: Kind
    seconds: float
    stages: tuple[UsualStage, ...] = ()


def began_at(job: Job) -> datetime | None:
    """When the job began to run: the vendor's word, else what we saw; None while it waits or where nobody knows."""
    return job.snapshot.started_at or job.seen_running_at


def first_running(job: Job, told: Snapshot, now: datetime) -> datetime | None:
    """When a job was first seen running, given what its vendor tells at `now`.

    One that runs when it is first asked began before, unless it was started or reset from here. What moved while
    nobody asked (the board was closed, the laptop slept, the line was down) tells no length: None.
    """
    ended = told.state.is_over and told.finished_at is None
    if job.is_stale(now) and (ended or job.state is JobState.WAITING):
        return None
    if told.state is not JobState.RUNNING or job.seen_running_at is not None:
        return job.seen_running_at
    if job.state is JobState.WAITING:
        return now
    if job.state is not JobState.UNKNOWN:
        return None
    is_ours = job.order_body is not None or job.order_place is not None
    return job.begun_anew_at or (job.tracked_at if is_ours and job.checked_at is None else None)


def seconds_of(stage: Stage) -> float | None:
    """How long a stage took; None while it is not over, or where the vendor's times run backwards."""
    if stage.started_at is None or stage.finished_at is None or stage.finished_at < stage.started_at:
        return None
    return (stage.finished_at - stage.started_at).total_seconds()


def usual_of(runs: Sequence[Run]) -> Usual | None:
    """What past runs of one kind say together; None when there are too few."""
    if len(runs) < LEAST_RUNS:
        return None
    totals = [run.seconds for run in runs]
    lasted: dict[Safe, list[float]] = {}
    for run in runs:
        for stage in run.stages:
            lasted.setdefault(stage.name, []).append(stage.seconds)
    stages = (UsualStage(name, median(each)) for name, each in lasted.items() if len(each) >= LEAST_RUNS)
    return Usual(len(runs), median(totals), _ninety(totals), tuple(stages))


def so_far(job: Job, now: datetime) -> float | None:
    """Seconds for which the job has run; None unless it runs and its start is known."""
    begun = began_at(job)
    if begun is None or job.state is not JobState.RUNNING:
        return None
    return max((now - begun).total_seconds(), 0.0)


def left_of(job: Job, now: datetime) -> float | None:
    """Seconds that the job may still need: to the median, behind that to where nine of ten were done; None beyond."""
    ran = so_far(job, now)
    if ran is None or job.usual is None:
        return None
    return next((end - ran for end in (job.usual.seconds, job.usual.most) if ran < end), None)


def eta_of(job: Job, now: datetime) -> datetime | None:
    """When the job may be done, as `left_of` tells."""
    left = left_of(job, now)
    return None if left is None else now + timedelta(seconds=left)


def is_slow(job: Job, now: datetime) -> bool:
    """Whether the job runs half as long again as nine of ten of its kind did."""
    ran = so_far(job, now)
    if ran is None or job.usual is None:
        return False
    return ran > max(job.usual.most * _SLOW, job.usual.most + _SLOW_SECONDS)


def usual_stage(usual: Usual | None, name: str) -> float | None:
    """The median of one stage, seconds."""
    stages: Iterable[UsualStage] = usual.stages if usual else ()
    return next((stage.seconds for stage in stages if stage.name == name), None)


def _ninety(values: Iterable[float]) -> float:
    ordered = sorted(values)
    return ordered[math.ceil(0.9 * len(ordered)) - 1]
