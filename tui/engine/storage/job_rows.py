"""Rows of the table `jobs`: the jobs on the board, as JSON of their dataclass; what is taken off leaves a trace."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from tui.engine.storage.rounds import Round
from tui.engine.storage.stored import job_body
from tui.model import Job, JobKey


@dataclass(frozen=True, slots=True)
class _Members:
    """All jobs that point to a row of `rounds`."""

    number: int
    keys: set[JobKey]


class JobRows:
    """Whoever changes rows on the board, or to which round one points, does it here.

    So it knows which jobs share a round without reading them all at each ask: what it read of a round holds
    until a job leaves it, or until `forget` because somebody else may have written.
    """

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql
        self._round_of: dict[JobKey, _Members] = {}

    def forget(self) -> None:
        """Forget which jobs share a round: another program may have changed that on the disk."""
        self._round_of.clear()

    def put_on(self, jobs: Iterable[Job], revision: int) -> None:
        """Put jobs on the board that may be new or come back."""
        rows = [(job.key, job_body(job), revision) for job in jobs]
        self._sql.executemany(
            "INSERT INTO jobs (key, body, revision, removed) VALUES (?, ?, ?, 0) ON CONFLICT (key) DO UPDATE SET "
            "body = excluded.body, revision = excluded.revision, removed = 0, round = NULL",
            rows,
        )
        self._leave(key for key, *_ in rows)

    def rewrite(self, jobs: Iterable[Job], revision: int, rounds: Collection[Round] = ()) -> None:
        """Write jobs anew that are still on the board; those of the `rounds`, which are written next, stay in them."""
        in_rounds = {key for one in rounds for key in one.jobs}
        bodies = [(job_body(job), job.key) for job in jobs]
        # A round's revision is its jobs' too: theirs stays, and so does its place in the index.
        together = [row for row in bodies if row[1] in in_rounds]
        self._sql.executemany("UPDATE jobs SET body = ? WHERE key = ? AND NOT removed", together)
        alone = [(body, revision, key) for body, key in bodies if key not in in_rounds]
        query = "UPDATE jobs SET body = ?, revision = ?, round = NULL WHERE key = ? AND NOT removed"
        self._sql.executemany(query, alone)
        self._leave(key for *_, key in alone)

    def take_off(self, keys: Collection[JobKey], revision: int) -> None:
        """Take jobs off the board; the trace tells other programs."""
        query = "UPDATE jobs SET removed = 1, body = x'', round = NULL, revision = ? WHERE key = ?"
        self._sql.executemany(query, [(revision, key) for key in keys])
        self._leave(keys)

    def write_round(self, one: Round, revision: int) -> None:
        """Have all its jobs, and no others, share a row with its times."""
        first, job = next(iter(one.jobs.items()))
        times = [moment.isoformat() for moment in (job.checked_at, job.next_check_at, job.fresh_until) if moment]
        members = self._round_of.get(first) or self._read_round_of(first)
        if members is not None and members.keys == one.jobs.keys():
            query = "UPDATE rounds SET revision = ?, checked_at = ?, next_check_at = ?, fresh_until = ? WHERE id = ?"
            self._sql.execute(query, (revision, *times, members.number))
            return
        query = "INSERT INTO rounds (revision, checked_at, next_check_at, fresh_until) VALUES (?, ?, ?, ?)"
        number = self._sql.execute(query, (revision, *times)).lastrowid
        query = "UPDATE jobs SET round = ? WHERE key = ? AND NOT removed"
        self._sql.executemany(query, [(number, key) for key in one.jobs])
        self._leave(one.jobs)

    def _read_round_of(self, key: JobKey) -> _Members | None:
        query = "SELECT round, key FROM jobs WHERE round = (SELECT round FROM jobs WHERE key = ?)"
        rows = self._sql.execute(query, (key,)).fetchall()
        if not rows:
            return None
        members = _Members(rows[0][0], {JobKey(key) for _, key in rows})
        self._round_of.update(dict.fromkeys(members.keys, members))
        return members

    def _leave(self, keys: Iterable[JobKey]) -> None:
        """Note that these jobs point to no round, or to one that is not read yet."""
        for key in keys:
            members = self._round_of.pop(key, None)
            if members is not None:
                members.keys.discard(key)
