"""When a job that has just answered is asked next."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from tui.engine.schedule import fresh_for, wait_after_answer
from tui.model import Connection, Job


@dataclass(frozen=True, slots=True)
class NextAsk:
    """When a job is asked next (None: not by itself), and until when its last answer counts as fresh."""

    at: datetime | None = None
    fresh_until: datetime | None = None


def plan_next(job: Job, connection: Connection, now: datetime, rng: random.Random) -> NextAsk:
    """The next ask of a job that answered at `now`; a job that is over is not asked again by itself."""
    if job.state.is_over:
        return NextAsk()
    quiet = (now - (job.changed_at or now)).total_seconds()
    wait = wait_after_answer(quiet, connection, rng)
    fresh = fresh_for(wait, connection.timeout)
    return NextAsk(now + timedelta(seconds=wait), now + timedelta(seconds=fresh))
