"""One row holds the times of all jobs that were asked together; each job's row points to it.

Most jobs say at each ask what they said the last time. So that this costs one row and not one for each, what such an
answer changes (when they were asked, and when they are next) stands in their round and not in their own rows. A job's
row that is written again points to no round: its body tells its times itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tui.engine.changed import changed
from tui.engine.storage.stored import read_job, read_moment
from tui.model import Job, JobKey

ROUND_COLUMNS = ("checked_at", "next_check_at", "fresh_until")
"""Of the table `rounds`, as `read_asked_job` takes them."""
_ROW = "jobs.key, jobs.removed, jobs.body, rounds.checked_at, rounds.next_check_at, rounds.fresh_until"
_NEWER = """
    SELECT {0} FROM jobs LEFT JOIN rounds ON rounds.id = jobs.round WHERE jobs.revision > ?1 AND jobs.revision < ?2
    UNION ALL SELECT {0} FROM rounds CROSS JOIN jobs ON jobs.round = rounds.id
    WHERE rounds.revision > ?1 AND rounds.revision < ?2 AND +jobs.revision <= ?1
"""
ON_THE_BOARD = f"SELECT {_ROW} FROM jobs LEFT JOIN rounds ON rounds.id = jobs.round WHERE NOT jobs.removed"  # noqa: S608  # our own names
"""All jobs, each row its key, 0 and what `read_asked_job` takes."""
NEWER = _NEWER.format(_ROW)
"""The same of what was written, or asked, between two revisions; those taken off have no 0."""
NEWER_KEYS = _NEWER.format("jobs.key")
"""Only the keys of them."""
ONE = f"{ON_THE_BOARD} AND jobs.key = ?"
"""The same of one job."""


@dataclass(frozen=True, slots=True)
class Round:
    """Jobs that were asked at the same moment and are due at the same moment, as they are since."""

    jobs: Mapping[JobKey, Job]


def into_rounds(jobs: Mapping[JobKey, Job]) -> tuple[tuple[Round, ...], dict[JobKey, Job]]:
    """Jobs that were just asked: those that share their times with another, in their order, and those alone."""
    alike: dict[tuple[datetime | None, ...], dict[JobKey, Job]] = {}
    for key, job in jobs.items():
        alike.setdefault((job.checked_at, job.next_check_at, job.fresh_until), {})[key] = job
    rounds = {times: Round(some) for times, some in alike.items() if len(some) > 1 and all(times)}
    alone = {key: job for times, some in alike.items() if times not in rounds for key, job in some.items()}
    return tuple(rounds.values()), alone


def read_asked_job(body: bytes, checked_at: str | None, next_check_at: str | None, fresh_until: str | None) -> Job:
    """A job on the board, from the columns of these statements behind key and `removed`. Raises msgspec.DecodeError."""
    job = read_job(body)
    if checked_at is None or next_check_at is None or fresh_until is None:
        return job
    return changed(
        job,
        checked_at=read_moment(checked_at),
        next_check_at=read_moment(next_check_at),
        fresh_until=read_moment(fresh_until),
    )


def forget_rounds(sql: sqlite3.Connection) -> None:
    """Delete those to which no job points any more."""
    sql.execute("DELETE FROM rounds WHERE id NOT IN (SELECT round FROM jobs WHERE round IS NOT NULL)")
