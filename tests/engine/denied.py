"""A disk that takes no change for a while, as a full one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from tui.engine.board import Board


@contextmanager
def full_disk(board: Board) -> Iterator[None]:
    """The board's disk takes no change for as long."""
    sql = board._store._database._sql
    sql.set_authorizer(lambda what, *_: sqlite3.SQLITE_DENY if what == sqlite3.SQLITE_UPDATE else 0)
    try:
        yield
    finally:
        sql.set_authorizer(None)
