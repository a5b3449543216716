"""The schema of `board.sqlite`, and how a file of an older jobdeck gets it: forward only, in one transaction.

Before an older file is changed, a copy of it is put beside it (`board.sqlite.v2.bak`), so that the older jobdeck can
be gone back to. A program that is older than the file refuses it; one that has it open while a newer one migrates it
is told at its next change.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from tui.durable import sync_file
from tui.errors import StateError

SCHEMA = (
    """
    CREATE TABLE revision (current INTEGER NOT NULL);
    INSERT INTO revision VALUES (0);
    CREATE TABLE jobs (key TEXT PRIMARY KEY, body BLOB NOT NULL, revision INTEGER NOT NULL, removed INTEGER NOT NULL);
    CREATE INDEX jobs_by_revision ON jobs (revision);
    CREATE TABLE downloads (
        id INTEGER PRIMARY KEY, job TEXT NOT NULL, body BLOB NOT NULL, revision INTEGER NOT NULL
    );
    CREATE INDEX downloads_by_revision ON downloads (revision);
    CREATE INDEX downloads_by_job ON downloads (job);
    CREATE TABLE reports (job TEXT PRIMARY KEY, text TEXT NOT NULL);
    CREATE TABLE events (
        id INTEGER PRIMARY KEY, at TEXT NOT NULL, job TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL
    );
    CREATE INDEX events_by_job ON events (job);
    """,
    """
    CREATE TABLE marks (name TEXT PRIMARY KEY, at TEXT NOT NULL)
    """,
    """
    CREATE TABLE archive (
        id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, at TEXT NOT NULL, body BLOB NOT NULL,
        history BLOB NOT NULL, report BLOB
    );
    CREATE INDEX archive_by_time ON archive (at);
    CREATE INDEX jobs_taken_off ON jobs (removed) WHERE removed;
    ALTER TABLE revision ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0
    """,
    """
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY, job TEXT NOT NULL UNIQUE, connection TEXT NOT NULL, kind TEXT NOT NULL,
        seconds REAL NOT NULL, stages BLOB NOT NULL
    );
    CREATE INDEX runs_by_kind ON runs (connection, kind)
    """,
    """
    UPDATE jobs SET body = CAST(replace(CAST(body AS TEXT), '"watched":true', '"alert":true') AS BLOB) WHERE NOT removed
    """,
    """
    CREATE TABLE rounds (
        id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, checked_at TEXT NOT NULL, next_check_at TEXT NOT NULL,
        fresh_until TEXT NOT NULL
    );
    ALTER TABLE jobs ADD COLUMN round INTEGER;
    CREATE INDEX jobs_by_round ON jobs (round) WHERE round IS NOT NULL
    """,
)
"""One script for each version. `jobs.removed` is 0 for a job on the board; 1 for one that was taken off, so that other
programs hear of it; later the second at which tidying first saw that. `jobs.round` is whose times count instead of
those in the body, see `rounds`. `revision.forgotten` is up to which revision
such rows are gone: who has not looked since then has to read everything."""

VERSION = len(SCHEMA)
_GIVES_ROOM_BACK = 3
"""Files of this version and later were made so that they can shrink."""


def prepare(sql: sqlite3.Connection) -> None:
    """Choose, before the first table is made, that free room in the file can be given back bit by bit."""
    if not sql.execute("PRAGMA page_count").fetchone()[0]:
        sql.execute("PRAGMA auto_vacuum = INCREMENTAL")


def migrate(sql: sqlite3.Connection, path: Path) -> None:
    """Bring the file up to date. Raises StateError for one of a newer jobdeck; sqlite3.Error, OSError."""
    version = _version_of(sql)
    if version > VERSION:
        raise StateError(
            f"{path} was written by a newer jobdeck", hint="use that version, or another folder with --state DIR"
        )
    if version == VERSION:
        return
    sql.execute("BEGIN IMMEDIATE")
    try:
        version = _version_of(sql)  # another program may have been faster
        if 0 < version < VERSION:
            _back_up(path, version)
        for script in SCHEMA[version:]:
            for statement in script.split(";"):
                sql.execute(statement)
        if version < VERSION:
            sql.execute(f"PRAGMA user_version = {VERSION}")
        sql.execute("COMMIT")
    except BaseException:
        if sql.in_transaction:  # a full disk may have ended it already
            sql.execute("ROLLBACK")
        raise
    if 0 < version < _GIVES_ROOM_BACK:
        _repack(sql)


def _repack(sql: sqlite3.Connection) -> None:
    """Write a file of an older schema anew, so that room in it can be given back; not while others have it open."""
    with suppress(sqlite3.Error):
        sql.execute("PRAGMA auto_vacuum = INCREMENTAL")
        sql.execute("VACUUM")


def refuse_newer(sql: sqlite3.Connection, path: Path) -> None:
    """Raises StateError when another program has brought the file to a schema that is not ours any more."""
    if _version_of(sql) != VERSION:
        raise StateError(
            f"{path} was taken over by a newer jobdeck", hint="end this one and start the newer; nothing was lost"
        )


def _version_of(sql: sqlite3.Connection) -> int:
    return int(sql.execute("PRAGMA user_version").fetchone()[0])


def _back_up(path: Path, version: int) -> None:
    """Copy what the file holds; who calls has it locked against changes. Raises sqlite3.Error, OSError."""
    copy = path.with_name(f"{path.name}.v{version}.bak")
    fresh = copy.with_name(f"{copy.name}.new")
    fresh.unlink(missing_ok=True)
    os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    try:
        with closing(sqlite3.connect(path)) as there, closing(sqlite3.connect(fresh)) as here:
            there.backup(here)
            here.execute("PRAGMA journal_mode = DELETE")  # one file, complete in itself
        sync_file(fresh)
        fresh.replace(copy)
    except (sqlite3.Error, OSError):
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise
