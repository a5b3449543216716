"""Catching up: after a sleep or a dead link, how many of the jobs that were due then have been asked since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tui.engine.facts.jobs import Slept
from tui.model import Condition, ConnectionHealth, Job, JobKey
from tui.widgets.header import CatchingUp
from tui.wording import coarse_age

LEAST_SECONDS = 30.0
"""A link that was down for less is not worth a word."""

_ANSWERING = frozenset({Condition.OK, Condition.SLOW})


class Catching:
    """The latest such gap. A job counts as asked once its planned next ask has changed."""

    def __init__(self) -> None:
        self._why = ""
        self._due = 0
        self._left: dict[JobKey, datetime | None] = {}

    @property
    def told(self) -> CatchingUp | None:
        """What the board says of it; None when everybody has been asked."""
        return CatchingUp(self._why, self._due - len(self._left), self._due) if self._left else None

    def slept(self, slept: Slept, jobs: Iterable[Job]) -> None:
        """The machine slept: the jobs that were due meanwhile are to be asked."""
        late = [job for job in jobs if job.next_check_at is not None and job.next_check_at <= slept.at]
        self._begin(f"asleep for {coarse_age(slept.seconds)}", late)

    def answers_again(self, old: ConnectionHealth, new: ConnectionHealth, jobs: Iterable[Job]) -> None:
        """A connection's health has changed: where it answers again, its jobs are to be asked."""
        if old.condition is not Condition.DOWN or new.condition not in _ANSWERING or not (old.since and new.since):
            return
        seconds = (new.since - old.since).total_seconds()
        if seconds >= LEAST_SECONDS:
            waiting = [job for job in jobs if job.connection == new.name and job.problem and not job.state.is_over]
            self._begin(f"{new.name} was down for {coarse_age(seconds)}", waiting)

    def heard(self, jobs: Iterable[Job], gone: Iterable[JobKey] = ()) -> None:
        """These jobs have changed, or are no more."""
        if not self._left:
            return
        for job in jobs:
            if job.key in self._left and self._left[job.key] != job.next_check_at:
                del self._left[job.key]
        for key in gone:
            self._left.pop(key, None)

    def drop(self, connection: str) -> None:
        """Nobody asks on this connection any more: paused by the user, or taken away."""
        for key in [key for key in self._left if key.startswith(f"{connection}:")]:
            del self._left[key]
            self._due -= 1

    def _begin(self, why: str, jobs: list[Job]) -> None:
        self._why, self._due = why, len(jobs)
        self._left = {job.key: job.next_check_at for job in jobs}
