"""What the screen knows: the latest version of everything that came through the door."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from tui.engine.facts.jobs import Changes
from tui.engine.present_run import with_downloads
from tui.model import Condition, ConnectionHealth, Download, DownloadState, Job, JobKey, JobState
from tui.screens.catching import Catching
from tui.widgets.header import Totals


@dataclass(frozen=True, slots=True)
class Touched:
    """What a round of changes touched."""

    jobs: tuple[Job, ...]
    gone: tuple[JobKey, ...]
    downloads: tuple[Download, ...]
    lost_downloads: tuple[int, ...]


class Desk:
    """Jobs, connections and downloads by their names. A job carries the latest version of its downloads."""

    def __init__(self) -> None:
        self.jobs: dict[JobKey, Job] = {}
        self.connections: dict[str, ConnectionHealth] = {}
        self.downloads: dict[int, Download] = {}
        self.catching = Catching()
        self._states: Counter[JobState] = Counter()
        self._per_connection: Counter[str] = Counter()

    def apply(self, changes: Changes) -> Touched:
        """Take in what is new; tells what it touched."""
        touched: dict[JobKey, Job] = {}
        told = (one for job in changes.jobs for one in job.downloads if self.downloads.get(one.id) is not one)
        downloads = {one.id: one for one in (*told, *changes.downloads)}
        lost: list[int] = []
        for key in changes.gone:
            lost += self._drop(key)
        for job in changes.jobs:
            self._put(job)
            touched[job.key] = job
        for job in self._with_downloads(changes.downloads):
            touched[job.key] = job
        self.downloads |= downloads
        self.catching.heard(touched.values(), changes.gone)
        if changes.slept is not None:
            self.catching.slept(changes.slept, self._asked())
        for health in changes.connections:
            self._put_health(health)
        for name in changes.connections_gone:
            self.connections.pop(name, None)
            self.catching.drop(name)
        gone = tuple(key for key in changes.gone if key not in touched)
        return Touched(tuple(touched.values()), gone, tuple(downloads.values()), tuple(lost))

    def _put(self, job: Job) -> None:
        old = self.jobs.get(job.key)
        if old is not None:
            self._count(old, -1)
        self._count(job, 1)
        self.jobs[job.key] = job

    def _count(self, job: Job, by: int) -> None:
        """Add to the totals; archived jobs, which are here only for a filter, do not count."""
        if job.archived_at is None:
            self._states[job.state] += by
            self._per_connection[job.connection] += by

    def _put_health(self, health: ConnectionHealth) -> None:
        old = self.connections.get(health.name)
        self.connections[health.name] = health
        if health.condition is Condition.PAUSED:
            self.catching.drop(health.name)
        elif old is not None:
            self.catching.answers_again(old, health, self.jobs.values())

    def _asked(self) -> list[Job]:
        """The jobs that somebody asks for."""
        asked = {name for name, health in self.connections.items() if health.condition is not Condition.PAUSED}
        return [job for job in self.jobs.values() if job.connection in asked]

    def _drop(self, key: JobKey) -> list[int]:
        job = self.jobs.pop(key, None)
        if job is None:
            return []
        self._count(job, -1)
        lost = [one.id for one in self.downloads.values() if one.job == key]
        for one in lost:
            del self.downloads[one]
        return lost

    def _with_downloads(self, downloads: Iterable[Download]) -> Iterator[Job]:
        """The jobs with these new downloads added; each job is rebuilt only once, since it may have thousands."""
        told: dict[JobKey, dict[int, Download]] = {}
        for one in downloads:
            told.setdefault(one.job, {})[one.id] = one
        for key, new in told.items():
            job = self.jobs.get(key)
            known = {one.id: one for one in job.downloads} if job else {}
            if job is None or all(known.get(number) is one for number, one in new.items()):
                continue
            merged = known | new
            self.jobs[key] = with_downloads(job, (merged[number] for number in sorted(merged)))
            yield self.jobs[key]

    @property
    def moving(self) -> list[Download]:
        """The downloads that are under way or wait for it."""
        return [one for one in self.downloads.values() if one.state.is_moving]

    @property
    def paused(self) -> int:
        """How many downloads wait for the user's word."""
        return sum(one.state is DownloadState.PAUSED for one in self.downloads.values())

    @property
    def refused(self) -> list[ConnectionHealth]:
        """The connections whose login is refused, or that lack a secret: they wait for the user."""
        return [one for _, one in sorted(self.connections.items()) if one.condition is Condition.REFUSED]

    def next_ask(self, connection: str) -> datetime | None:
        """When the connection is next asked for one of its jobs; None when it is not by itself."""
        jobs = (job for job in self.jobs.values() if job.connection == connection)
        return min((job.next_check_at for job in jobs if job.next_check_at is not None), default=None)

    @property
    def totals(self) -> Totals:
        """How many jobs stand how."""
        return Totals(dict(self._states), len(self.moving), self.paused)

    @property
    def health(self) -> list[tuple[ConnectionHealth, int]]:
        """The connections by name, each with its number of jobs."""
        return [(self.connections[name], self._per_connection[name]) for name in sorted(self.connections)]
