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

from tui.engine.locks import lock_database
from tui.engine.storage.batch import Batch
from tui.engine.storage.database import Database
from tui.engine.storage.stored import read_download, read_job, read_moment, unpack_history, unpack_text
from tui.errors import DamagedError, StateError
from tui.model import Download, Event, Job, JobKey

_Row = tuple[Any, ...]
_COMPANIONS = ("", "-wal", "-shm")
_PAGE = 500
_ARCHIVE = ("id", "key", "at", "body", "history", "report")
_EVENTS = ("id", "at", "job", "kind", "text")
_REPORTS = ("job", "text")
_MARKS = ("name", "at")


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
    """Whether any of it cannot be read. Raises StateError where nobody can tell."""
    try:
        board = Database(path)
        try:
            board.check()
            for key in _keys(board):
                board.events(key)
                board.report(key)
        finally:
            board.close()
    except DamagedError:
        return True
    return False


def _keys(board: Database) -> Iterator[JobKey]:
    """All jobs, the archived ones too."""
    yield from (job.key for job in board.load().jobs)
    before: int | None = None
    while True:
        page = board.archived(before, _PAGE)
        yield from (job.key for job in page.jobs)
        if page.before is None:
            return
        before = page.before


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

    def is_of_one(row: _Row) -> bool:
        return row[_EVENTS.index("job")] in keys and bool(read_moment(row[1]))

    board.take_in("events", _EVENTS, _readable(aside, "events", _EVENTS, is_of_one))
    board.take_in("reports", _REPORTS, _readable(aside, "reports", _REPORTS, lambda row: row[0] in keys))
    board.take_in("marks", _MARKS, _readable(aside, "marks", _MARKS, lambda row: bool(read_moment(row[1]))))
    archived = board.take_in(
        "archive", _ARCHIVE, _readable(aside, "archive", _ARCHIVE, lambda row: row[1] not in keys and _is_whole(row))
    )
    events = tuple(Event(now, job.key, "mended", f"read from {aside.name}") for job in jobs)
    board.write([Batch(added=jobs, downloads=downloads, events=events)])
    return Mended(aside, len(jobs), len(downloads), archived)


def _jobs(aside: Path) -> Iterator[Job]:
    for body, _ in _readable(aside, "jobs", ("body", "removed"), lambda row: not row[1] and bool(read_job(row[0]))):
        yield read_job(body)


def _downloads(aside: Path) -> Iterator[Download]:
    for (body,) in _readable(aside, "downloads", ("body",), lambda row: bool(read_download(row[0]))):
        yield read_download(body)


def _is_whole(row: _Row) -> bool:
    """Whether an archived job can be read with all that is its own. Raises msgspec.DecodeError."""
    _, key, at, body, history, report = row
    read_moment(at)
    unpack_history(history, JobKey(key))
    return read_job(body).key == key and (report is None or bool(unpack_text(report)))


def _readable(aside: Path, table: str, columns: tuple[str, ...], is_good: Callable[[_Row], bool]) -> Iterator[_Row]:
    """What can be read from the table's start, and from its end: a broken page in between ends both.

    Some rows may come twice. `is_good` may raise what the readers of `stored` raise.
    """
    query = f"SELECT {', '.join(columns)} FROM {table} ORDER BY rowid"  # noqa: S608  # our own names
    for order in ("ASC", "DESC"):
        try:
            with closing(sqlite3.connect(aside)) as sql:
                for row in sql.execute(f"{query} {order}"):
                    try:
                        if is_good(row):
                            yield row
                    except (msgspec.DecodeError, TypeError):
                        continue
            return
        except sqlite3.Error:
            continue
