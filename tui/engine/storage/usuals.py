"""How long each kind of job usually runs, from the latest runs of the kind; what is told of it is made when needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tui.engine.runs import kind_of
from tui.model import Job, JobKey, Usual
from tui.usual import Kind, Run, usual_of

MOST_OF_A_KIND = 50
"""So many runs of a kind count, the latest."""


class Usuals:
    """The past runs of all kinds."""

    def __init__(self) -> None:
        self._runs: dict[Kind, dict[JobKey, Run]] = {}
        self._usual: dict[Kind, Usual | None] = {}
        self._told: set[JobKey] = set()
        """Jobs to which `of_same` has told what still holds."""

    def take(self, runs: Iterable[Run]) -> None:
        """Take in runs, the older ones first; one of a job that is known already takes its place."""
        for run in runs:
            self._told.clear()
            known = self._runs.setdefault(run.kind, {})
            known.pop(run.job, None)
            known[run.job] = run
            if len(known) > MOST_OF_A_KIND:
                del known[next(iter(known))]
            self._usual.pop(run.kind, None)

    def of(self, job: Job) -> Usual | None:
        """How long jobs of this one's kind usually run; None while too few have run."""
        kind = kind_of(job)
        if kind not in self._runs:
            return None
        if kind not in self._usual:
            self._usual[kind] = usual_of(tuple(self._runs[kind].values()))
        return self._usual[kind]

    def of_same(self, key: JobKey, job: Job) -> Usual | None:
        """What `of` tells of a job that has not changed since it was last asked; a look-up only, while it holds."""
        if key in self._told:
            return job.usual
        self._told.add(key)
        return self.of(job)

    def rename(self, old: str, new: str) -> None:
        """A connection has another name now."""
        moved = [kind for kind in self._runs if kind.connection == old]
        for kind in moved:
            self._usual.pop(kind, None)
            runs = self._runs.pop(kind).values()
            theirs = Kind(new, kind.name)
            self.take(replace(run, job=JobKey(f"{new}{run.job.removeprefix(old)}"), kind=theirs) for run in runs)
