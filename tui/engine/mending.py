"""A damaged `board.sqlite` is put aside, never deleted, and what can still be read of it goes into a new one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from tui.engine.batch import Batch
from tui.engine.database import Database
from tui.engine.stored import read_download, read_job
from tui.errors import DamagedError, StateError
from tui.model import Download, Event, Job

_T = TypeVar("_T")
_COMPANIONS = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Mended:
    """Where the damaged file lies now, and how much of it is on the new board."""

    aside: Path
    jobs: int
    downloads: int


def mend(path: Path, now: datetime) -> Mended | None:
    """Put a damaged board aside and begin a new one with what can be read of it; None where nothing is damaged.

    Raises StateError for a board that cannot be opened for another reason, which is left alone.
    """
    try:
        board = Database(path)
        try:
            board.load()
            board.check()
        finally:
            board.close()
    except DamagedError:
        aside = path.with_name(f"{path.name}.damaged-{now:%Y%m%dT%H%M%SZ}")
    else:
        return None
    try:
        for companion in _COMPANIONS:
            source = path.with_name(path.name + companion)
            if source.exists():
                source.rename(aside.with_name(aside.name + companion))
    except OSError as error:
        raise StateError(f"{path} cannot be put aside: {error.strerror}", hint="look at its folder") from error
    jobs, downloads = tuple(_jobs(aside)), tuple(_downloads(aside))
    events = tuple(Event(now, job.key, "mended", f"read from {aside.name}") for job in jobs)
    board = Database(path)
    try:
        board.write([Batch(added=jobs, downloads=downloads, events=events)])
    finally:
        board.close()
    return Mended(aside, len(jobs), len(downloads))


def _jobs(aside: Path) -> Iterator[Job]:
    seen = set()
    for job in _readable(aside, "SELECT rowid, body FROM jobs WHERE NOT removed", read_job):
        if job.key not in seen:
            seen.add(job.key)
            yield job


def _downloads(aside: Path) -> Iterator[Download]:
    found = _readable(aside, "SELECT id, body FROM downloads", read_download)
    yield from {download.id: download for download in found}.values()


def _readable(aside: Path, query: str, read: Callable[[bytes], _T]) -> Iterator[_T]:
    """What can be read from the table's start, and from its end: a broken page in between ends both."""
    for order in ("ASC", "DESC"):
        try:
            with closing(sqlite3.connect(aside)) as sql:
                for _, body in sql.execute(f"{query} ORDER BY 1 {order}"):
                    try:
                        yield read(body)
                    except (msgspec.DecodeError, TypeError):
                        continue
        except sqlite3.Error:
            continue
