"""The jobs that one emulated vendor knows, for as long as it remembers them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Generic, Protocol, TypeVar

from tui.emulators.script import Run
from tui.emulators.worldtime import WorldTime


class Scripted(Protocol):
    """Anything that goes along a script."""

    @property
    def run(self) -> Run:
        """Its way."""
        ...


Id = TypeVar("Id", bound=Hashable)
Job = TypeVar("Job", bound=Scripted)


class Roster(Generic[Id, Job]):
    """Jobs by id; `retention` is the seconds for which a finished one is known."""

    def __init__(self, time: WorldTime, retention: float) -> None:
        self.retention = retention
        self._time = time
        self._jobs: dict[Id, Job] = {}

    def __len__(self) -> int:
        return len(self._jobs)

    def __iter__(self) -> Iterator[Job]:
        return (job for job in self._jobs.values() if not self._is_past(job))

    def add(self, key: Id, job: Job) -> None:
        """Know a job."""
        self._jobs[key] = job

    def find(self, key: Id) -> Job | None:
        """The job, or None when there is none or it is forgotten."""
        job = self._jobs.get(key)
        return None if job is None or self._is_past(job) else job

    def forget(self) -> list[Job]:
        """Drop what is past, and return it."""
        past = {key: job for key, job in self._jobs.items() if self._is_past(job)}
        for key in past:
            del self._jobs[key]
        return list(past.values())

    def _is_past(self, job: Job) -> bool:
        return self._time.seconds() > job.run.end + self.retention
