"""The jobs that are off the board and not forgotten: one packed row each, with their downloads, history and report.

Statements on the database's connection; `Database` puts them into transactions and into our words.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from tui.engine.border import event_of
from tui.engine.storage.job_rows import JobRows
from tui.engine.storage.rounds import ONE, read_asked_job
from tui.engine.storage.stored import (
    download_body,
    pack_history,
    pack_text,
    read_download,
    read_job,
    read_moment,
    unpack_history,
    unpack_text,
    whole_job_body,
)
from tui.model import Event, Job, JobKey, Safe

_MOST_LINES = 500
"""So many lines of its history are kept of an archived job: the first and the last ones."""
_FIRST_LINES = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Some archived jobs, those archived last first; `before` asks on, None at the end."""

    jobs: tuple[Job, ...]
    before: int | None


class ArchiveTable:
    """Rows of the table `archive`."""

    def __init__(self, sql: sqlite3.Connection, on_the_board: JobRows) -> None:
        self._sql = sql
        self._on_the_board = on_the_board

    def put_in(self, keys: Iterable[JobKey], now: datetime, revision: int) -> tuple[JobKey, ...]:
        """Take these jobs off the board into the archive; one that moves again, or whose files move, stays."""
        return tuple(key for key in keys if self._put_in(key, now, revision))

    def _put_in(self, key: JobKey, now: datetime, revision: int) -> bool:
        row = self._sql.execute(ONE, (key,)).fetchone()
        job = read_asked_job(*row[2:]) if row else None
        if job is None or not job.state.is_over:
            return False
        rows = self._sql.execute("SELECT body FROM downloads WHERE job = ? ORDER BY id", (key,)).fetchall()
        downloads = tuple(read_download(body) for (body,) in rows)
        if not all(download.state.is_over for download in downloads):
            return False
        whole = replace(job, downloads=downloads, archived_at=now, next_check_at=None)
        (report,) = self._sql.execute("SELECT text FROM reports WHERE job = ?", (key,)).fetchone() or (None,)
        history = pack_history(_condensed(self._rows_of(key)))
        packed = None if report is None else pack_text(report)
        self._sql.execute(
            "INSERT OR REPLACE INTO archive (key, at, body, history, report) VALUES (?, ?, ?, ?, ?)",
            (key, now.isoformat(), whole_job_body(whole), history, packed),
        )
        self._on_the_board.take_off((key,), revision)
        delete_what_is_of(self._sql, key)
        return True

    def take_out(self, keys: Iterable[JobKey], now: datetime, revision: int) -> tuple[Job, ...]:
        """Put archived jobs back on the board, as they were, with all that is theirs; returns them."""
        return tuple(job for key in keys if (job := self._take_out(key, now, revision)) is not None)

    def _take_out(self, key: JobKey, now: datetime, revision: int) -> Job | None:
        row = self._sql.execute("SELECT body, history, report FROM archive WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        body, history, report = row
        job = replace(read_job(body), archived_at=None, brought_back_at=now)
        self._on_the_board.put_on((job,), revision)
        self._sql.executemany(
            "INSERT OR REPLACE INTO downloads VALUES (?, ?, ?, ?)",
            [(one.id, key, download_body(one), revision) for one in job.downloads],
        )
        self._sql.executemany(
            "INSERT INTO events (at, job, kind, text) VALUES (?, ?, ?, ?)",
            [(event.at.isoformat(), key, event.kind, event.text) for event in unpack_history(history, key)],
        )
        if report is not None:
            self._sql.execute("INSERT OR REPLACE INTO reports VALUES (?, ?)", (key, unpack_text(report)))
        self._sql.execute("DELETE FROM archive WHERE key = ?", (key,))
        return job

    def page(self, before: int | None, most: int) -> Page:
        """The next archived jobs."""
        query = "SELECT id, body FROM archive WHERE id < ? ORDER BY id DESC LIMIT ?"
        rows = self._sql.execute(query, (2**63 - 1 if before is None else before, most)).fetchall()
        return Page(tuple(read_job(body) for _, body in rows), rows[-1][0] if len(rows) == most else None)

    def job(self, key: JobKey) -> Job | None:
        """One archived job."""
        row = self._sql.execute("SELECT body FROM archive WHERE key = ?", (key,)).fetchone()
        return read_job(row[0]) if row else None

    def holds(self, keys: Iterable[JobKey]) -> tuple[JobKey, ...]:
        """Which of these are archived."""
        query = "SELECT 1 FROM archive WHERE key = ?"
        if not self._sql.execute("SELECT 1 FROM archive LIMIT 1").fetchone():
            return ()
        return tuple(key for key in keys if self._sql.execute(query, (key,)).fetchone())

    def history(self, key: JobKey) -> tuple[Event, ...]:
        """The history of an archived job; empty where it is not archived."""
        row = self._sql.execute("SELECT history FROM archive WHERE key = ?", (key,)).fetchone()
        return unpack_history(row[0], key) if row else ()

    def report(self, key: JobKey) -> Safe | None:
        """The report of an archived job."""
        row = self._sql.execute("SELECT report FROM archive WHERE key = ?", (key,)).fetchone()
        return unpack_text(row[0]) if row and row[0] is not None else None

    def forget(self, before: datetime, most: int) -> int:
        """Delete what was archived before; returns how many rows, at most `most`."""
        query = "DELETE FROM archive WHERE id IN (SELECT id FROM archive WHERE at < ? LIMIT ?)"
        return self._sql.execute(query, (before.isoformat(), most)).rowcount

    def rename(self, old: str, new: str) -> None:
        """Give a connection's archived jobs to one of another name."""
        start = f"{old}:"
        rows = self._sql.execute(
            "SELECT id, body FROM archive WHERE substr(key, 1, ?) = ?", (len(start), start)
        ).fetchall()
        for number, body in rows:
            job = replace(read_job(body), connection=new)
            moved = replace(job, downloads=tuple(replace(one, job=job.key) for one in job.downloads))
            self._sql.execute(
                "UPDATE OR REPLACE archive SET key = ?, body = ? WHERE id = ?",
                (job.key, whole_job_body(moved), number),
            )

    def _rows_of(self, key: JobKey) -> tuple[Event, ...]:
        rows = self._sql.execute("SELECT at, kind, text FROM events WHERE job = ? ORDER BY id", (key,)).fetchall()
        return tuple(Event(read_moment(at), key, kind, text) for at, kind, text in rows)


def delete_what_is_of(sql: sqlite3.Connection, key: JobKey) -> None:
    """A job's downloads, history and report."""
    sql.execute("DELETE FROM downloads WHERE job = ?", (key,))
    sql.execute("DELETE FROM events WHERE job = ?", (key,))
    sql.execute("DELETE FROM reports WHERE job = ?", (key,))


def _condensed(events: tuple[Event, ...]) -> tuple[Event, ...]:
    left_out = len(events) - _MOST_LINES
    if left_out <= 0:
        return events
    first, last = events[:_FIRST_LINES], events[_FIRST_LINES - _MOST_LINES :]
    note = event_of(last[0].at, last[0].job, "left out", f"{left_out} lines of this history were not kept")
    return (*first, note, *last)
