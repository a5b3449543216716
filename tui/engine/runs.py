"""What a finished job tells of its kind: which one that is, by its vendor's word, and how long the job took."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from tui import vendors
from tui.errors import ConfigError
from tui.model import Job, JobState, Reference, Safe, Snapshot, UsualStage
from tui.usual import Kind, Run, began_at, seconds_of
from tui.vendors.contract import TellsKinds


def kind_of(job: Job) -> Kind:
    """The kind of a job; where its vendor tells none, or is not known any more, a connection's jobs are one kind."""
    try:
        word_of = _word_of(job.vendor)
    except ConfigError:
        return Kind(job.connection, "")
    return Kind(job.connection, word_of(job.ref, job.snapshot))


def run_of(job: Job) -> Run | None:
    """What a finished job tells of its kind; None unless it succeeded and its start is known."""
    begun, end = began_at(job), job.snapshot.finished_at or job.changed_at
    if job.state is not JobState.SUCCEEDED or begun is None or end is None or end < begun:
        return None
    stages: dict[Safe, float] = {}
    for stage in job.snapshot.stages:
        seconds = seconds_of(stage)
        if seconds is not None:
            stages[stage.name] = stages.get(stage.name, 0.0) + seconds
    lasted = tuple(UsualStage(name, seconds) for name, seconds in stages.items())
    return Run(job.key, kind_of(job), (end - begun).total_seconds(), lasted)


@cache  # seeing what a vendor can do takes longer than the answer, which each new state of a job needs
def _word_of(name: str) -> Callable[[Reference, Snapshot], str]:
    vendor = vendors.load(name)
    return vendor.kind_of if isinstance(vendor, TellsKinds) else _no_word


def _no_word(_: Reference, __: Snapshot) -> str:
    return ""
