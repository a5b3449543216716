"""The SQLite file behind the board: schema, migrations, and the few statements there are.

Used by one thread of `store.Store` only. Jobs and downloads are stored whole, as JSON of their dataclasses; every
change carries a revision number, so that another program on the same file can ask "what is new since …?".
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec

from tui.durable import is_full
from tui.engine.changed import changed
from tui.engine.storage.archived import ArchiveTable, Page
from tui.engine.storage.batch import Batch, News, joined
from tui.engine.storage.foreign import with_unseen
from tui.engine.storage.job_rows import JobRows
from tui.engine.storage.migrations import migrate, prepare, refuse_newer
from tui.engine.storage.past_runs import read_runs, rename_runs, write_runs
from tui.engine.storage.rounds import NEWER, NEWER_KEYS, ON_THE_BOARD, ONE, into_rounds, read_asked_job
from tui.engine.storage.stored import download_body, read_download, read_moment
from tui.engine.storage.tidying import Tidied, tidy
from tui.errors import DamagedError, StateError
from tui.model import Event, Job, JobKey, Safe
from tui.open_files import NO_MORE_FILES, RAISE_THE_LIMIT, are_files_used_up, is_out_of_files
from tui.usual import Run

_BUSY_SECONDS = 5.0
_MOST_LOG = 8 * 1024**2
"""So large the write-ahead log stays at most once it is written back, bytes."""
_PAGES_AT_ONCE = 500
_EVER = 2**63 - 1
"""No revision is later."""


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
                prepare(self._sql)
                self._switch_to_wal(patience)
                self._sql.execute("PRAGMA synchronous = NORMAL")
                self._sql.execute(f"PRAGMA journal_size_limit = {_MOST_LOG}")
                migrate(self._sql, path)
                self._jobs = JobRows(self._sql)
                self._archive = ArchiveTable(self._sql, self._jobs)
                self._seen = 0
                self._foreign = False
                self._version = self._data_version()
        except StateError:
            self._sql.close()
            raise

    def load(self) -> News:
        """Everything there is. Raises StateError."""
        return self._newer(whole=True)

    def news(self) -> News:
        """What other programs wrote since the last look; cheap when there is nothing. Raises StateError."""
        with self._in_our_words():
            version = self._data_version()
        if version == self._version:
            return News()
        news = self._newer()
        self._version = version  # not before they are read: what fails is tried again at the next look
        return news

    def write(self, batches: Iterable[Batch]) -> None:
        """Write all batches in one transaction. Raises StateError; then nothing is written."""
        with self._change() as revision:
            whole = tuple(joined(batches))
            theirs = self._unseen(whole, revision) if self._foreign else {}
            for batch in whole:
                self._write_one(batch, revision, theirs)

    def report(self, key: JobKey) -> Safe | None:
        """The kept report of a job. Raises StateError."""
        with self._in_our_words():
            row = self._sql.execute("SELECT text FROM reports WHERE job = ?", (key,)).fetchone()
            return row[0] if row else self._archive.report(key)

    def events(self, key: JobKey) -> tuple[Event, ...]:
        """A job's history, oldest first. Raises StateError."""
        with self._in_our_words():
            rows = self._sql.execute("SELECT at, kind, text FROM events WHERE job = ? ORDER BY id", (key,)).fetchall()
            packed = self._archive.history(key)
            return (*packed, *(Event(read_moment(at), key, kind, text) for at, kind, text in rows))

    def runs(self) -> tuple[Run, ...]:
        """How long jobs took lately, the oldest first. Raises StateError."""
        with self._in_our_words():
            return read_runs(self._sql)

    def claim(self, wishes: Iterable[tuple[Event, datetime]]) -> tuple[bool, ...]:
        """Write down each event that nobody wrote since the moment beside it; says which were. Raises StateError."""
        with self._in_our_words(), self._transaction("IMMEDIATE"):
            return tuple(
                self._sql.execute(
                    "INSERT INTO events (at, job, kind, text) SELECT ?, ?, ?, ? WHERE NOT EXISTS "
                    "(SELECT 1 FROM events WHERE job = ? AND kind = ? AND text = ? AND at >= ?)",
                    (one.at.isoformat(), one.job, one.kind, one.text, one.job, one.kind, one.text, since.isoformat()),
                ).rowcount
                == 1
                for one, since in wishes
            )

    def step_in(self, due: Mapping[JobKey, datetime | None], until: datetime) -> frozenset[JobKey]:
        """Put off until then the next ask of each job that is on the disk still due when it is said to be.

        Returns which: of several programs that do so, one gets it. Raises StateError.
        """
        with self._change() as revision:
            rows = {key: self._sql.execute(ONE, (key,)).fetchone() for key in due}
            there = {key: read_asked_job(*row[2:]) for key, row in rows.items() if row is not None}
            ours = {
                key: changed(job, next_check_at=until) for key, job in there.items() if job.next_check_at == due[key]
            }
            rounds, alone = into_rounds(ours)
            self._jobs.rewrite(alone.values(), revision)
            for one in rounds:
                self._jobs.write_round(one, revision)
        return frozenset(ours)

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
            rows = self._sql.execute(ON_THE_BOARD).fetchall()
            jobs = [(key, read_asked_job(*row)) for key, _, *row in rows if key.startswith(f"{old}:")]
            for key, job in jobs:
                self._rename_job(JobKey(key), replace(job, connection=new), revision)
            self._archive.rename(old, new)
            rename_runs(self._sql, old, new)
            marks = self._sql.execute("SELECT name FROM marks").fetchall()
            for (name,) in marks:
                if name.startswith(f"auto {old} "):
                    moved = f"auto {new} {name.removeprefix(f'auto {old} ')}"
                    self._sql.execute("UPDATE OR REPLACE marks SET name = ? WHERE name = ?", (moved, name))
        return self._newer()

    def archive(self, keys: Iterable[JobKey], now: datetime) -> tuple[JobKey, ...]:
        """Take jobs off the board into the archive; returns which: one that moves stays. Raises StateError."""
        with self._change() as revision:
            return self._archive.put_in(keys, now, revision)

    def bring_back(self, keys: Iterable[JobKey], now: datetime) -> tuple[Job, ...]:
        """Put those of the jobs that are archived back on the board; returns them. Raises StateError."""
        with self._in_our_words():
            known = self._archive.holds(keys)
        if not known:
            return ()
        with self._change() as revision:
            return self._archive.take_out(known, now, revision)

    def archived(self, before: int | None, most: int) -> Page:
        """Some archived jobs. Raises StateError."""
        with self._in_our_words():
            return self._archive.page(before, most)

    def archived_job(self, key: JobKey) -> Job | None:
        """One archived job. Raises StateError."""
        with self._in_our_words():
            return self._archive.job(key)

    def tidy(self, now: datetime, forget_before: datetime | None) -> Tidied:
        """One small step of keeping the file small, see `tidying.tidy`. Raises StateError."""
        with self._in_our_words(), self._transaction("IMMEDIATE"):
            return tidy(self._sql, self._archive, now, forget_before)

    def give_back_room(self) -> None:
        """Give the file's free pages back to the disk, a part at a time. Raises StateError."""
        with self._in_our_words():
            # As a script: `execute` takes one step of it, which is one page.
            self._sql.executescript(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})")

    def check(self) -> None:
        """Read all of the file; takes a second for each 200 MB. Raises DamagedError."""
        with self._in_our_words():
            (said,) = self._sql.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            raise _state_error(self._path, sqlite3.DatabaseError(said))

    def rows(self, table: str, columns: tuple[str, ...]) -> Iterator[tuple[object, ...]]:
        """All rows of a table as they are. Raises StateError."""
        with self._in_our_words():
            yield from self._sql.execute(f"SELECT {', '.join(columns)} FROM {table}")  # noqa: S608  # our own names

    def take_in(self, table: str, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> int:
        """Put rows of another board into a table as they are, those that fit; returns how many. Raises StateError."""
        marks = ", ".join("?" * len(columns))
        query = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608  # our own names
        with self._in_our_words(), self._transaction("IMMEDIATE"):
            return self._sql.executemany(query, rows).rowcount

    def close(self) -> None:
        """Close the file; what is in its log goes into the file itself, where nobody else has it open."""
        self._sql.close()

    def _rename_job(self, old: JobKey, job: Job, revision: int) -> None:
        rows = self._sql.execute("SELECT body FROM downloads WHERE job = ?", (old,)).fetchall()
        downloads = tuple(replace(read_download(body), job=job.key) for (body,) in rows)
        self._write_one(Batch(added=(job,), removed=(old,), downloads=downloads), revision, {})
        moved = [(one.job, one.id) for one in downloads]
        self._sql.executemany("UPDATE downloads SET job = ? WHERE id = ?", moved)
        self._sql.execute("UPDATE OR REPLACE reports SET job = ? WHERE job = ?", (job.key, old))
        self._sql.execute("UPDATE events SET job = ? WHERE job = ?", (job.key, old))

    def _marks(self) -> dict[str, datetime]:
        rows = self._sql.execute("SELECT name, at FROM marks").fetchall()
        return {name: read_moment(at) for name, at in rows}

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
            refuse_newer(self._sql, self._path)
            yield
            self._sql.execute("COMMIT")
        except BaseException:
            self._jobs.forget()
            if self._sql.in_transaction:  # a full disk may have ended it already
                self._sql.execute("ROLLBACK")
            raise

    @contextmanager
    def _change(self) -> Iterator[int]:
        """A write transaction with a new revision number; `news` still finds what others wrote before it."""
        with self._in_our_words(), self._transaction("IMMEDIATE"):
            before = self._current()
            self._foreign = before != self._seen
            if self._foreign:
                self._jobs.forget()
            self._sql.execute("UPDATE revision SET current = ?", (before + 1,))
            yield before + 1
        if not self._foreign:  # nobody else wrote in between: what is new is only our own
            self._seen = before + 1

    def _write_one(self, batch: Batch, revision: int, theirs: Mapping[JobKey, Job]) -> None:
        updated, rounds = with_unseen(batch, theirs)
        self._jobs.put_on(batch.added, revision)
        self._jobs.rewrite(updated, revision, rounds)
        self._jobs.take_off(batch.removed, revision)
        for one in rounds:
            self._jobs.write_round(one, revision)
        self._sql.executemany(
            "INSERT INTO downloads VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "body = excluded.body, revision = excluded.revision",
            [(one.id, one.job, download_body(one), revision) for one in batch.downloads],
        )
        self._sql.executemany(
            "INSERT INTO events (at, job, kind, text) VALUES (?, ?, ?, ?)",
            [(event.at.isoformat(), event.job, event.kind, event.text) for event in batch.events],
        )
        if batch.report:
            self._sql.execute("INSERT OR REPLACE INTO reports VALUES (?, ?)", batch.report)
        write_runs(self._sql, batch.runs)

    def _unseen(self, batches: Iterable[Batch], revision: int) -> dict[JobKey, Job]:
        """Another program's version of the jobs that we are about to change, where we have not read it yet."""
        written = {key for (key,) in self._sql.execute(NEWER_KEYS, (self._seen, revision))}
        ours = {key for batch in batches for key in (*batch.asked, *(job.key for job in batch.updated))}
        ours -= {job.key for batch in batches for job in batch.added}  # of those our word is the last
        rows = {key: self._sql.execute(ONE, (key,)).fetchone() for key in ours & written}
        return {key: read_asked_job(*row[2:]) for key, row in rows.items() if row is not None}

    def _newer(self, *, whole: bool = False) -> News:
        with self._in_our_words(), self._transaction():
            current, forgotten = self._sql.execute("SELECT current, forgotten FROM revision").fetchone()
            missed = self._seen < forgotten
            since = 0 if missed or whole else self._seen
            rows = self._sql.execute(*((ON_THE_BOARD,) if whole else (NEWER, (since, _EVER)))).fetchall()
            moved = self._sql.execute("SELECT body FROM downloads WHERE revision > ?", (since,)).fetchall()
            news = News(
                jobs=tuple(read_asked_job(*row) for _, removed, *row in rows if not removed),
                removed=tuple(JobKey(key) for key, removed, *_ in rows if removed),
                downloads=tuple(read_download(body) for (body,) in moved),
                is_whole=missed and not whole,
            )
        self._seen = current
        self._jobs.forget()
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


def _state_error(path: Path, error: Exception) -> StateError:
    said = str(error)
    if is_full(error) or "disk is full" in said or "disk I/O" in said:
        return StateError(f"{path} cannot be written: {said}", hint="make room on the disk")
    if is_out_of_files(error) or ("unable to open" in said and are_files_used_up()):
        return StateError(f"{path} cannot be opened: {NO_MORE_FILES}", hint=RAISE_THE_LIMIT)
    if "readonly" in said or "unable to open" in said or isinstance(error, OSError):
        return StateError(
            f"{path} cannot be opened for writing: {said}", hint="check the folder's permissions, or use --state DIR"
        )
    if "locked" in said or "locking" in said:
        return StateError(f"{path} is held by another program: {said}", hint="end that program, then try again")
    return DamagedError(f"{path} is damaged: {said}", hint="jobdeck mend puts it aside and keeps what can be read")
