"""When a job that has just answered is asked next."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from tui.engine.next_ask import NextAsk
from tui.engine.polling.schedule import fresh_for, wait_after_answer
from tui.model import Connection, Job

LAST_MINUTES = timedelta(minutes=15)
"""For so long before its result dies, a job that is over is asked again, so that its notice counts down."""


def plan_next(job: Job, connection: Connection, now: datetime, rng: random.Random) -> NextAsk:
    """The next ask of a job that answered at `now`; one that is over is left alone, unless its result is dying."""
    if job.state.is_over:
        return NextAsk(_next_look_at_result(job, connection, now))
    # A change in the future was seen before the wall clock was set back: it is old, too.
    quiet = abs((now - (job.changed_at or now)).total_seconds())
    wait = wait_after_answer(quiet, connection, rng)
    fresh = fresh_for(wait, connection.timeout)
    return NextAsk(now + timedelta(seconds=wait), now + timedelta(seconds=fresh))


def _next_look_at_result(job: Job, connection: Connection, now: datetime) -> datetime | None:
    deaths = [output.expires_at for output in job.snapshot.outputs if output.expires_at and output.expires_at > now]
    if not deaths or any(download.is_whole for download in job.downloads):
        return None
    death = min(deaths)
    if death - now > LAST_MINUTES:
        return death - LAST_MINUTES
    return min(now + timedelta(seconds=connection.max_interval), death + timedelta(seconds=1))
