"""A damaged `board.sqlite` is put aside, never deleted, and what can still be read of it goes into a new one."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from tui.engine.border import event_of
from tui.engine.locks import lock_database
from tui.engine.storage.batch import Batch
from tui.engine.storage.database import Database
from tui.engine.storage.past_runs import RUN_COLUMNS, read_run
from tui.engine.storage.rounds import ROUND_COLUMNS, read_asked_job
from tui.engine.storage.stored import read_download, read_job, read_moment, unpack_history, unpack_text
from tui.errors import DamagedError, StateError
from tui.model import Download, Job, JobKey

_Row = tuple[Any, ...]
_COMPANIONS = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Mended:
    """Where the damaged file lies now, and how much of it is on the new board and in its archive."""

    aside: Path
    jobs: int
    downloads: int
    archived: int


def mend(path: Path, now: datetime) -> Mended | None:
    """Put a damaged board aside and begin a new one with what can be read of it; None where nothing is damaged.

    Raises StateError for a board that cannot be opened for another reason, or that another program has open: it is
    left alone.
    """
    looked_at: os.stat_result | None = None
    with suppress(OSError):  # there is none yet, or the database tells why not
        looked_at = path.stat()
    if not _is_damaged(path) or looked_at is None:
        return None
    aside = path.with_name(f"{path.name}.damaged-{now:%Y%m%dT%H%M%SZ}")
    _put_aside(path, looked_at, aside)
    board = Database(path)
    try:
        return _fill(board, aside, now)
    finally:
        board.close()


def _is_damaged(path: Path) -> bool:
    """Whether any of it cannot be read: every row is looked at once. Raises StateError where nobody can tell."""
    try:
        board = Database(path)
        try:
            board.check()
            for table in _TABLES:
                for row in board.rows(table.name, table.columns):
                    if not table.is_whole(row):
                        return True
        finally:
            board.close()
    except DamagedError:
        return True
    return False


def _put_aside(path: Path, looked_at: os.stat_result, aside: Path) -> None:
    try:
        alone = lock_database(path)
        if alone is None:
            raise StateError(
                f"{path} is damaged, and another program has it open", hint="end that one, then jobdeck mend again"
            )
        try:
            if not os.path.samestat(os.fstat(alone), looked_at):
                raise StateError(f"{path} is another file by now", hint="somebody else mended it; look again")
            for companion in _COMPANIONS:
                source = path.with_name(path.name + companion)
                if source.exists():
                    source.rename(aside.with_name(aside.name + companion))
        finally:
            os.close(alone)
    except OSError as error:
        raise StateError(f"{path} cannot be put aside: {error.strerror}", hint="look at its folder") from error


def _fill(board: Database, aside: Path, now: datetime) -> Mended:
    jobs = tuple({job.key: job for job in _jobs(aside)}.values())
    keys = {job.key for job in jobs}
    downloads = tuple({download.id: download for download in _downloads(aside)}.values())
    for table, job in ((_EVENTS, _EVENTS.columns.index("job")), (_REPORTS, _REPORTS.columns.index("job"))):
        board.take_in(table.name, table.columns, (row for row in _readable(aside, table) if row[job] in keys))
    for table in (_MARKS, _RUNS):
        board.take_in(table.name, table.columns, _readable(aside, table))
    off_the_board = (row for row in _readable(aside, _ARCHIVE) if row[_ARCHIVE.columns.index("key")] not in keys)
    archived = board.take_in(_ARCHIVE.name, _ARCHIVE.columns, off_the_board)
    events = tuple(event_of(now, job.key, "mended", f"read from {aside.name}") for job in jobs)
    board.write([Batch(added=jobs, downloads=downloads, events=events)])
    return Mended(aside, len(jobs), len(downloads), archived)


def _jobs(aside: Path) -> Iterator[Job]:
    times = {number: moments for number, *moments in _readable(aside, _ROUNDS)}
    round_of: dict[str, int | None] = dict(_readable(aside, _IN_ROUNDS))
    for key, body, removed in _readable(aside, _JOBS):
        if not removed:
            yield read_asked_job(body, *times.get(round_of.get(key), (None, None, None)))


def _downloads(aside: Path) -> Iterator[Download]:
    return (read_download(body) for (body,) in _readable(aside, _DOWNLOADS))


def _readable(aside: Path, table: _Table) -> Iterator[_Row]:
    """Read the table from its start and from its end, each up to the first broken page.

    Some rows may come twice.
    """
    query = f"SELECT {', '.join(table.columns)} FROM {table.name} ORDER BY rowid"  # noqa: S608  # our own names
    for order in ("ASC", "DESC"):
        try:
            with closing(sqlite3.connect(aside)) as sql:
                yield from filter(table.is_whole, sql.execute(f"{query} {order}"))
            return
        except sqlite3.Error:
            continue


@dataclass(frozen=True, slots=True)
class _Table:
    """What is taken over of a table. `read` takes a row's columns; for damage it raises what `stored` raises."""

    name: str
    columns: tuple[str, ...]
    read: Callable[..., object]

    def is_whole(self, row: _Row) -> bool:
        """Whether the row can be read."""
        try:
            self.read(*row)
        except (msgspec.DecodeError, TypeError):
            return False
        return True


def _read_job(_: str, body: bytes, removed: int) -> None:
    if not removed:
        read_job(body)


def _read_archived(_: int, key: str, at: str, body: bytes, history: bytes, report: bytes | None) -> None:
    """An archived job with all that is its own."""
    read_moment(at)
    unpack_history(history, JobKey(key))
    if report is not None:
        unpack_text(report)
    if read_job(body).key != key:
        raise msgspec.DecodeError(f"another job than {key}")


_JOBS = _Table("jobs", ("key", "body", "removed"), _read_job)
_IN_ROUNDS = _Table("jobs", ("key", "round"), lambda _key, number: msgspec.convert(number, int | None))
"""Read by itself: a file of an older jobdeck has jobs and no rounds."""
_ROUNDS = _Table("rounds", ("id", *ROUND_COLUMNS), lambda _id, *times: [*map(read_moment, times)])
_DOWNLOADS = _Table("downloads", ("body",), read_download)
_EVENTS = _Table("events", ("id", "at", "job", "kind", "text"), lambda _id, at, *_rest: read_moment(at))
_REPORTS = _Table("reports", ("job", "text"), lambda _job, text: msgspec.convert(text, str))
_MARKS = _Table("marks", ("name", "at"), lambda _name, at: read_moment(at))
_RUNS = _Table("runs", ("id", *RUN_COLUMNS), lambda _id, *run: read_run(*run))
_ARCHIVE = _Table("archive", ("id", "key", "at", "body", "history", "report"), _read_archived)
_TABLES = (_JOBS, _IN_ROUNDS, _ROUNDS, _DOWNLOADS, _EVENTS, _REPORTS, _MARKS, _RUNS, _ARCHIVE)
