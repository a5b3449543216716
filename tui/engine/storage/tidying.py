"""Keeping `board.sqlite` small: what nobody will ask for again goes, a little at a time."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from tui.engine.storage.archived import ArchiveTable, delete_what_is_of
from tui.engine.storage.rounds import forget_rounds

KEEP_TRACES = timedelta(days=7)
"""How long a job that was taken off the board leaves its history and a trace: its user may want it back, and another
program may not have looked since."""
_MOST_ROWS = 500
"""So many rows are deleted in one step."""
_INCREMENTAL = 2
_FEW_PAGES = 256
"""So many free pages are kept: they are soon used again."""
_MOST_LINES = 1000
"""So many lines of history are kept of one job on the board."""


@dataclass(frozen=True, slots=True)
class Tidied:
    """What one step did: whether nothing is left to do, and whether much of the file can be given back."""

    is_done: bool
    has_room_to_give: bool


def tidy(sql: sqlite3.Connection, archive: ArchiveTable, now: datetime, forget_before: datetime | None) -> Tidied:
    """One step, inside a transaction: forget empty rounds, old traces, old archived jobs and endless histories."""
    at = int(now.timestamp())
    forget_rounds(sql)
    done = _note_when_removed(sql, at)
    done = _forget_traces(sql, at - int(KEEP_TRACES.total_seconds())) and done
    if forget_before is not None:
        done = archive.forget(forget_before, _MOST_ROWS) < _MOST_ROWS and done
    done = done and _shorten_histories(sql)  # last: it looks at all of them
    return Tidied(done, _has_room_to_give(sql))


def _has_room_to_give(sql: sqlite3.Connection) -> bool:
    (mode,), (free,), (pages,) = (
        sql.execute(f"PRAGMA {name}").fetchone() for name in ("auto_vacuum", "freelist_count", "page_count")
    )
    return bool(mode == _INCREMENTAL and free > max(_FEW_PAGES, pages // 10))


def _note_when_removed(sql: sqlite3.Connection, at: int) -> bool:
    query = "UPDATE jobs SET removed = ? WHERE rowid IN (SELECT rowid FROM jobs WHERE removed = 1 LIMIT ?)"
    return sql.execute(query, (at, _MOST_ROWS)).rowcount < _MOST_ROWS


def _forget_traces(sql: sqlite3.Connection, before: int) -> bool:
    rows = sql.execute(
        "SELECT key, revision FROM jobs WHERE removed AND removed < ? LIMIT ?", (before, _MOST_ROWS)
    ).fetchall()
    for key, _ in rows:
        delete_what_is_of(sql, key)
        sql.execute("DELETE FROM jobs WHERE key = ?", (key,))
    if rows:
        newest = max(revision for _, revision in rows)
        sql.execute("UPDATE revision SET forgotten = MAX(forgotten, ?)", (newest,))
    return len(rows) < _MOST_ROWS


def _shorten_histories(sql: sqlite3.Connection) -> bool:
    """Keep only the last lines of a history that grew endless, e.g. with a connection that breaks every minute."""
    long = sql.execute(
        "SELECT job, COUNT(*) FROM events GROUP BY job HAVING COUNT(*) > ? LIMIT 1", (2 * _MOST_LINES,)
    ).fetchone()
    if long is None:
        return True
    job, count = long
    sql.execute(
        "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE job = ? ORDER BY id LIMIT ?)",
        (job, count - _MOST_LINES),
    )
    return False
