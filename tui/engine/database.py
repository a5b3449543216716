"""The SQLite file behind the board: schema, migrations, and the few statements there are.

Used by one thread of `store.Store` only. Jobs and downloads are stored whole, as JSON of their dataclasses; every
change carries a revision number, so that another program on the same file can ask "what is new since …?".
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec

from tui.engine.batch import Batch, News
from tui.engine.foreign import with_foreign
from tui.errors import StateError
from tui.model import Download, Event, Job, JobKey

_MIGRATIONS = (
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
)
_BUSY_SECONDS = 5.0


def _to_plain(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(type(value).__name__)


def _from_plain(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(kind.__name__)


_encoder = msgspec.json.Encoder(enc_hook=_to_plain)
_job_decoder = msgspec.json.Decoder(Job, dec_hook=_from_plain)
_download_decoder = msgspec.json.Decoder(Download, dec_hook=_from_plain)


class Database:
    """One connection to `board.sqlite`."""

    def __init__(self, path: Path, patience: float = _BUSY_SECONDS) -> None:
        """Open the file and bring its schema up to date; `patience` is for other programs. Raises StateError."""
        self._path = path
        with self._in_our_words():
            self._sql = sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=False)
        try:
            with self._in_our_words():
                path.chmod(0o600)
                self._switch_to_wal(patience)
                self._sql.execute("PRAGMA synchronous = NORMAL")
                self._migrate()
                self._seen = 0
                self._version = self._data_version()
        except StateError:
            self._sql.close()
            raise

    def load(self) -> News:
        """Everything there is. Raises StateError."""
        self._seen = 0
        return self._newer()

    def news(self) -> News:
        """What other programs wrote since the last look; cheap when there is nothing. Raises StateError."""
        with self._in_our_words():
            version = self._data_version()
        if version == self._version:
            return News()
        self._version = version
        return self._newer()

    def write(self, batches: Iterable[Batch]) -> None:
        """Write all batches in one transaction. Raises StateError; then nothing is written."""
        with self._in_our_words(), self._transaction("IMMEDIATE"):
            before = self._current()
            self._sql.execute("UPDATE revision SET current = ?", (before + 1,))
            for batch in batches:
                self._write_one(batch, before + 1)
        if before == self._seen:  # nobody else wrote in between: what is new is only our own
            self._seen = before + 1

    def report(self, key: JobKey) -> str | None:
        """The kept report of a job. Raises StateError."""
        with self._in_our_words():
            row = self._sql.execute("SELECT text FROM reports WHERE job = ?", (key,)).fetchone()
        return row[0] if row else None

    def events(self, key: JobKey) -> tuple[Event, ...]:
        """A job's history, oldest first. Raises StateError."""
        with self._in_our_words():
            rows = self._sql.execute("SELECT at, kind, text FROM events WHERE job = ? ORDER BY id", (key,)).fetchall()
        return tuple(Event(datetime.fromisoformat(at), key, kind, text) for at, kind, text in rows)

    def marks(self, names: frozenset[str], now: datetime) -> dict[str, datetime]:
        """Since when each of these names stands; a new one stands from `now`, all others are forgotten.

        Raises StateError.
        """
        with self._in_our_words():
            known = self._marks()
            if known.keys() == names:
                return known
            with self._transaction("IMMEDIATE"):
                self._sql.executemany("DELETE FROM marks WHERE name = ?", [(name,) for name in known.keys() - names])
                new = [(name, now.isoformat()) for name in names - known.keys()]
                self._sql.executemany("INSERT OR IGNORE INTO marks VALUES (?, ?)", new)
            return self._marks()

    def rename(self, old: str, new: str) -> News:
        """Give a connection's jobs to one of another name, in one step, with all that is theirs.

        Returns what is new since the last look, that included. Raises StateError; then nothing is changed.
        """
        with self._in_our_words(), self._transaction("IMMEDIATE"):
            revision = self._current() + 1
            self._sql.execute("UPDATE revision SET current = ?", (revision,))
            rows = self._sql.execute("SELECT key, body FROM jobs WHERE NOT removed").fetchall()
            jobs = [(key, _job_decoder.decode(body)) for key, body in rows if key.startswith(f"{old}:")]
            for key, job in jobs:
                self._rename_job(JobKey(key), replace(job, connection=new), revision)
            marks = self._sql.execute("SELECT name FROM marks").fetchall()
            for (name,) in marks:
                if name.startswith(f"auto {old} "):
                    moved = f"auto {new} {name.removeprefix(f'auto {old} ')}"
                    self._sql.execute("UPDATE OR REPLACE marks SET name = ? WHERE name = ?", (moved, name))
        return self._newer()

    def _rename_job(self, old: JobKey, job: Job, revision: int) -> None:
        rows = self._sql.execute("SELECT body FROM downloads WHERE job = ?", (old,)).fetchall()
        downloads = tuple(replace(_download_decoder.decode(body), job=job.key) for (body,) in rows)
        self._write_one(Batch(added=(job,), removed=(old,), downloads=downloads), revision)
        moved = [(one.job, one.id) for one in downloads]
        self._sql.executemany("UPDATE downloads SET job = ? WHERE id = ?", moved)
        self._sql.execute("UPDATE OR REPLACE reports SET job = ? WHERE job = ?", (job.key, old))
        self._sql.execute("UPDATE events SET job = ? WHERE job = ?", (job.key, old))

    def _marks(self) -> dict[str, datetime]:
        rows = self._sql.execute("SELECT name, at FROM marks").fetchall()
        return {name: datetime.fromisoformat(at) for name, at in rows}

    def close(self) -> None:
        """Close the file."""
        self._sql.close()

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, msgspec.DecodeError) as error:
            raise _state_error(self._path, error) from error

    @contextmanager
    def _transaction(self, kind: str = "DEFERRED") -> Iterator[None]:
        self._sql.execute(f"BEGIN {kind}")
        try:
            yield
            self._sql.execute("COMMIT")
        except BaseException:
            if self._sql.in_transaction:  # a full disk may have ended it already
                self._sql.execute("ROLLBACK")
            raise

    def _write_one(self, batch: Batch, revision: int) -> None:
        self._sql.executemany(
            "INSERT INTO jobs VALUES (?, ?, ?, 0) ON CONFLICT (key) DO UPDATE SET "
            "body = excluded.body, revision = excluded.revision, removed = 0",
            [(job.key, _body(job), revision) for job in batch.added],
        )
        self._sql.executemany(
            "UPDATE jobs SET body = ?, revision = ? WHERE key = ? AND NOT removed",
            [(_body(self._unseen(job)), revision, job.key) for job in batch.updated],
        )
        self._sql.executemany(
            "UPDATE jobs SET removed = 1, body = x'', revision = ? WHERE key = ?",
            [(revision, key) for key in batch.removed],
        )
        self._sql.executemany(
            "INSERT INTO downloads VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "body = excluded.body, revision = excluded.revision",
            [(one.id, one.job, _encoder.encode(one), revision) for one in batch.downloads],
        )
        self._sql.executemany(
            "INSERT INTO events (at, job, kind, text) VALUES (?, ?, ?, ?)",
            [(event.at.isoformat(), event.job, event.kind, event.text) for event in batch.events],
        )
        if batch.report:
            self._sql.execute("INSERT OR REPLACE INTO reports VALUES (?, ?)", batch.report)

    def _unseen(self, ours: Job) -> Job:
        """Our version of a job, with what another program wrote of it meanwhile and we have not read yet."""
        query = "SELECT body FROM jobs WHERE key = ? AND revision > ? AND revision < ? AND NOT removed"
        row = self._sql.execute(query, (ours.key, self._seen, self._current())).fetchone()
        return ours if row is None else with_foreign(ours, _job_decoder.decode(row[0]))

    def _newer(self) -> News:
        with self._in_our_words(), self._transaction():
            current = self._current()
            rows = self._sql.execute("SELECT key, body, removed FROM jobs WHERE revision > ?", (self._seen,)).fetchall()
            moved = self._sql.execute("SELECT body FROM downloads WHERE revision > ?", (self._seen,)).fetchall()
            news = News(
                jobs=tuple(_job_decoder.decode(body) for _, body, removed in rows if not removed),
                removed=tuple(JobKey(key) for key, _, removed in rows if removed),
                downloads=tuple(_download_decoder.decode(body) for (body,) in moved),
            )
        self._seen = current
        return news

    def _current(self) -> int:
        return int(self._sql.execute("SELECT current FROM revision").fetchone()[0])

    def _switch_to_wal(self, patience: float) -> None:
        """Done once in the file's life; where two programs do it at once, SQLite refuses one of them at once."""
        end = time.monotonic() + patience
        while True:
            try:
                self._sql.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > end:
                    raise
                time.sleep(0.01)

    def _data_version(self) -> int:
        return int(self._sql.execute("PRAGMA data_version").fetchone()[0])

    def _migrate(self) -> None:
        (version,) = self._sql.execute("PRAGMA user_version").fetchone()
        if version > len(_MIGRATIONS):
            raise StateError(
                f"{self._path} was written by a newer jobdeck",
                hint="use that version, or another folder with --state DIR",
            )
        if version == len(_MIGRATIONS):
            return
        with self._transaction("IMMEDIATE"):
            (version,) = self._sql.execute("PRAGMA user_version").fetchone()  # another program may have been faster
            for number, script in enumerate(_MIGRATIONS[version:], version + 1):
                for statement in script.split(";"):
                    self._sql.execute(statement)
                self._sql.execute(f"PRAGMA user_version = {number}")


def _body(job: Job) -> bytes:
    return _encoder.encode(replace(job, downloads=()))  # downloads have a table of their own


def _state_error(path: Path, error: Exception) -> StateError:
    said = str(error)
    if "disk is full" in said or "disk I/O" in said:
        return StateError(f"{path} cannot be written: {said}", hint="make room on the disk")
    if "readonly" in said or "unable to open" in said or isinstance(error, OSError):
        return StateError(
            f"{path} cannot be opened for writing: {said}", hint="check the folder's permissions, or use --state DIR"
        )
    if "locked" in said:
        return StateError(f"{path} is held by another program: {said}", hint="end that program, then try again")
    return StateError(f"{path} is damaged: {said}", hint="move the file away to start with an empty board")
