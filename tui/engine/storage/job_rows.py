"""Rows of the table `jobs`: the jobs on the board, as JSON of their dataclass; what is taken off leaves a trace."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable

from tui.engine.storage.stored import job_body
from tui.model import Job, JobKey


def put_on(sql: sqlite3.Connection, jobs: Iterable[Job], revision: int) -> None:
    """Put jobs on the board that may be new or come back."""
    sql.executemany(
        "INSERT INTO jobs (key, body, revision, removed) VALUES (?, ?, ?, 0) ON CONFLICT (key) DO UPDATE SET "
        "body = excluded.body, revision = excluded.revision, removed = 0, round = NULL",
        [(job.key, job_body(job), revision) for job in jobs],
    )


def rewrite(sql: sqlite3.Connection, jobs: Iterable[Job], revision: int, in_rounds: Collection[JobKey]) -> None:
    """Write jobs anew that are still on the board; those `in_rounds` stay in them."""
    rows = [(job_body(job), revision, (key := job.key) in in_rounds, key) for job in jobs]
    sql.executemany(
        "UPDATE jobs SET body = ?, revision = ?, round = CASE WHEN ? THEN round END WHERE key = ? AND NOT removed", rows
    )


def take_off(sql: sqlite3.Connection, keys: Iterable[JobKey], revision: int) -> None:
    """Take jobs off the board; the trace tells other programs."""
    query = "UPDATE jobs SET removed = 1, body = x'', round = NULL, revision = ? WHERE key = ?"
    sql.executemany(query, [(revision, key) for key in keys])
