"""When a job that has just answered is asked next."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from tui.engine.next_ask import NextAsk
from tui.engine.polling.schedule import fresh_for, off_by, usual_wait
from tui.model import Connection, Job

LAST_MINUTES = timedelta(minutes=15)
"""For so long before its result dies, a job that is over is asked again, so that its notice counts down."""


def plan_next(job: Job, connection: Connection, now: datetime, rng: random.Random) -> NextAsk:
    """The next ask of a job that answered at `now`; one that is over is left alone, unless its result is dying."""
    return Planning(connection, now, rng.random()).of(job)


class Planning:
    """The next asks of jobs that answered together at `now`: by one throw of chance, as quiet ones stay together."""

    def __init__(self, connection: Connection, now: datetime, chance: float) -> None:
        self._connection = connection
        self._now = now
        self._chance = chance
        self._known: dict[float, NextAsk] = {}

    def of(self, job: Job) -> NextAsk:
        """See `plan_next`."""
        if job.state.is_over:
            return NextAsk(_next_look_at_result(job, self._connection, self._now))
        # A change in the future was seen before the wall clock was set back: it is old, too.
        quiet = abs((self._now - (job.changed_at or self._now)).total_seconds())
        usual = usual_wait(quiet, self._connection)
        if usual not in self._known:
            wait = off_by(usual, self._connection, self._chance)
            fresh = fresh_for(wait, self._connection.timeout)
            self._known[usual] = NextAsk(self._now + timedelta(seconds=wait), self._now + timedelta(seconds=fresh))
        return self._known[usual]


def _next_look_at_result(job: Job, connection: Connection, now: datetime) -> datetime | None:
    deaths = [one.expires_at for one in job.snapshot.outputs if one.expires_at and job.lacks(one, now)]
    if not deaths:
        return None
    death = min(deaths)
    if death - now > LAST_MINUTES:
        return death - LAST_MINUTES
    return min(now + timedelta(seconds=connection.max_interval), death + timedelta(seconds=1))
