"""The SQLite file behind the board: schema, migrations, and the few statements there are.

Used by one thread of `store.Store` only. Jobs and downloads are stored whole, as JSON of their dataclasses; every
change carries a revision number, so that another program on the same file can ask "what is new since …?".
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import msgspec

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
)
_BUSY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be written together. `added` jobs may be new or come back; `updated` ones must still be there."""

    added: tuple[Job, ...] = ()
    updated: tuple[Job, ...] = ()
    removed: tuple[JobKey, ...] = ()
    downloads: tuple[Download, ...] = ()
    events: tuple[Event, ...] = ()
    report: tuple[JobKey, str] | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What another program wrote."""

    jobs: tuple[Job, ...] = ()
    removed: tuple[JobKey, ...] = ()
    downloads: tuple[Download, ...] = ()


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

    def __init__(self, path: Path) -> None:
        """Open the file and bring its schema up to date. Raises StateError."""
        self._path = path
        try:
            self._sql = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            path.chmod(0o600)
            self._sql.execute("PRAGMA journal_mode = WAL")
            self._sql.execute("PRAGMA synchronous = NORMAL")
            self._migrate()
            self._seen = 0
            self._version = self._data_version()
        except (sqlite3.Error, OSError) as error:
            raise _state_error(path, error) from error

    def load(self) -> News:
        """Everything there is."""
        self._seen = 0
        return self._newer()

    def news(self) -> News:
        """What other programs wrote since the last look; cheap when there is nothing."""
        version = self._data_version()
        if version == self._version:
            return News()
        self._version = version
        return self._newer()

    def write(self, batches: Iterable[Batch]) -> None:
        """Write all batches in one transaction. Raises StateError; then nothing is written."""
        try:
            self._sql.execute("BEGIN IMMEDIATE")
            try:
                before: int = self._sql.execute("SELECT current FROM revision").fetchone()[0]
                self._sql.execute("UPDATE revision SET current = ?", (before + 1,))
                for batch in batches:
                    self._write_one(batch, before + 1)
            except BaseException:
                self._sql.execute("ROLLBACK")
                raise
            self._sql.execute("COMMIT")
        except sqlite3.Error as error:
            raise _state_error(self._path, error) from error
        if before == self._seen:  # nobody else wrote in between: what is new is only our own
            self._seen = before + 1

    def report(self, key: JobKey) -> str | None:
        """The kept report of a job."""
        row = self._sql.execute("SELECT text FROM reports WHERE job = ?", (key,)).fetchone()
        return row[0] if row else None

    def events(self, key: JobKey) -> tuple[Event, ...]:
        """A job's history, oldest first."""
        rows = self._sql.execute("SELECT at, kind, text FROM events WHERE job = ? ORDER BY id", (key,))
        return tuple(Event(datetime.fromisoformat(at), key, kind, text) for at, kind, text in rows)

    def close(self) -> None:
        """Close the file."""
        self._sql.close()

    def _write_one(self, batch: Batch, revision: int) -> None:
        self._sql.executemany(
            "INSERT INTO jobs VALUES (?, ?, ?, 0) ON CONFLICT (key) DO UPDATE SET "
            "body = excluded.body, revision = excluded.revision, removed = 0",
            [(job.key, _body(job), revision) for job in batch.added],
        )
        self._sql.executemany(
            "UPDATE jobs SET body = ?, revision = ? WHERE key = ? AND NOT removed",
            [(_body(job), revision, job.key) for job in batch.updated],
        )
        self._sql.executemany(
            "UPDATE jobs SET removed = 1, revision = ? WHERE key = ?", [(revision, key) for key in batch.removed]
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

    def _newer(self) -> News:
        self._sql.execute("BEGIN")
        try:
            (current,) = self._sql.execute("SELECT current FROM revision").fetchone()
            jobs, removed = [], []
            rows = self._sql.execute("SELECT key, body, removed FROM jobs WHERE revision > ?", (self._seen,))
            for key, body, is_removed in rows:
                if is_removed:
                    removed.append(JobKey(key))
                else:
                    jobs.append(_job_decoder.decode(body))
            downloads = self._sql.execute("SELECT body FROM downloads WHERE revision > ?", (self._seen,)).fetchall()
        except (sqlite3.Error, msgspec.DecodeError) as error:
            raise _state_error(self._path, error) from error
        finally:
            self._sql.execute("COMMIT")
        self._seen = current
        return News(tuple(jobs), tuple(removed), tuple(_download_decoder.decode(body) for (body,) in downloads))

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
        self._sql.execute("BEGIN IMMEDIATE")
        (version,) = self._sql.execute("PRAGMA user_version").fetchone()  # another program may have been faster
        for number, script in enumerate(_MIGRATIONS[version:], version + 1):
            for statement in script.split(";"):
                self._sql.execute(statement)
            self._sql.execute(f"PRAGMA user_version = {number}")
        self._sql.execute("COMMIT")


def _body(job: Job) -> bytes:
    return _encoder.encode(replace(job, downloads=()))  # downloads have a table of their own


def _state_error(path: Path, error: Exception) -> StateError:
    said = str(error)
    if "disk is full" in said or "disk I/O" in said:
        return StateError(f"{path} cannot be written: {said}", hint="make room on the disk")
    if "readonly" in said or "unable to open" in said or isinstance(error, PermissionError):
        return StateError(
            f"{path} cannot be opened for writing: {said}", hint="check the folder's permissions, or use --state DIR"
        )
    if "locked" in said:
        return StateError(f"{path} is held by another program: {said}", hint="end that program, then try again")
    return StateError(f"{path} is damaged: {said}", hint="move the file away to start with an empty board")
