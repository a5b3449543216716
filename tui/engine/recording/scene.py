"""The board as a recording knows it at one moment: built line by line, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from tui.engine.changed import changed
from tui.engine.facts.jobs import Changes
from tui.engine.present_run import with_downloads
from tui.engine.recording.lines import Asked, Line
from tui.model import ConnectionHealth, Download, Job, JobKey

_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(slots=True)
class Scene:
    """Jobs (without their downloads), connections and downloads by their names."""

    jobs: dict[JobKey, Job] = field(default_factory=dict)
    connections: dict[str, ConnectionHealth] = field(default_factory=dict)
    downloads: dict[int, Download] = field(default_factory=dict)

    def take(self, line: Line) -> None:
        """Go on by one line."""
        if line.whole:
            self.jobs, self.connections, self.downloads = {}, {}, {}
        if line.gone:
            for key in line.gone:
                self.jobs.pop(key, None)
            self.downloads = {number: one for number, one in self.downloads.items() if one.job not in line.gone}
        self.jobs |= {job.key: job for job in line.jobs}
        for asked in line.asked:
            self._note_asked(asked)
        self.connections |= {health.name: health for health in line.connections}
        for name in line.connections_gone:
            self.connections.pop(name, None)
        self.downloads |= {one.id: one for one in line.downloads}

    def _note_asked(self, asked: Asked) -> None:
        job = self.jobs.get(asked.key)
        if job is not None:
            self.jobs[asked.key] = changed(
                job,
                checked_at=asked.checked_at,
                next_check_at=asked.next_check_at,
                fresh_until=asked.fresh_until,
            )

    def whole(self, at: datetime) -> Line:
        """A line that holds all of it."""
        return Line(
            at=at,
            whole=True,
            jobs=tuple(self.jobs.values()),
            connections=tuple(self.connections.values()),
            downloads=tuple(self.downloads.values()),
        )

    def copy(self) -> Scene:
        """A copy, which later lines do not change."""
        return Scene(dict(self.jobs), dict(self.connections), dict(self.downloads))


def difference(old: Scene, new: Scene) -> Changes:
    """What has to be told to whoever knows the old scene.

    A job that lost a download, since time went back, is told as gone and as new at once.
    """
    downloads = _different(old.downloads, new.downloads)
    lost = {one.job for number, one in old.downloads.items() if number not in new.downloads}
    touched = {*_different(old.jobs, new.jobs), *(one.job for one in downloads.values()), *lost} & new.jobs.keys()
    of_jobs: dict[JobKey, list[Download]] = {key: [] for key in touched}
    for one in new.downloads.values():
        if one.job in of_jobs:
            of_jobs[one.job].append(one)
    return Changes(
        jobs=tuple(
            with_downloads(job, of_jobs[key]) if of_jobs[key] else job
            for key, job in new.jobs.items()
            if key in touched
        ),
        gone=tuple(key for key in old.jobs if key not in new.jobs or key in lost),
        connections=tuple(_different(old.connections, new.connections).values()),
        connections_gone=tuple(name for name in old.connections if name not in new.connections),
        downloads=tuple(downloads.values()),
    )


def _different(old: Mapping[_K, _V], new: Mapping[_K, _V]) -> dict[_K, _V]:
    """What is new or another; the same objects are not looked into."""
    return {key: one for key, one in new.items() if (before := old.get(key)) is not one and before != one}
