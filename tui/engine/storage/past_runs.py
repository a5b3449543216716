"""Past runs in the database, a short row each: what usual durations are made of without a look at any history."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec

from tui.engine.storage.usuals import MOST_OF_A_KIND
from tui.model import JobKey, UsualStage
from tui.usual import Kind, Run

MOST = 20_000
"""So many runs are kept of all kinds together, the latest: where every job has a name of its own, kinds are many."""

RUN_COLUMNS = ("job", "connection", "kind", "seconds", "stages")

_stages = msgspec.json.Decoder(tuple[UsualStage, ...])


def write_runs(sql: sqlite3.Connection, runs: Iterable[Run]) -> None:
    """Put runs in, and take out what is more than is kept. Raises sqlite3.Error."""
    for run in runs:
        kind = (run.kind.connection, run.kind.name)
        sql.execute(
            "INSERT OR REPLACE INTO runs (job, connection, kind, seconds, stages) VALUES (?, ?, ?, ?, ?)",
            (run.job, *kind, run.seconds, msgspec.json.encode(run.stages)),
        )
        sql.execute(
            "DELETE FROM runs WHERE connection = ? AND kind = ? AND id <= "
            "(SELECT id FROM runs WHERE connection = ? AND kind = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
            (*kind, *kind, MOST_OF_A_KIND),
        )
        sql.execute("DELETE FROM runs WHERE id <= (SELECT max(id) FROM runs) - ?", (MOST,))


def read_runs(sql: sqlite3.Connection) -> tuple[Run, ...]:
    """All that are kept, the oldest first. Raises sqlite3.Error and msgspec.DecodeError."""
    rows = sql.execute(f"SELECT {', '.join(RUN_COLUMNS)} FROM runs ORDER BY id")  # noqa: S608  # our own names
    return tuple(read_run(*row) for row in rows)


def read_run(job: str, connection: str, kind: str, seconds: float, stages: bytes) -> Run:
    """One row. Raises msgspec.DecodeError."""
    return Run(JobKey(job), Kind(connection, kind), msgspec.convert(seconds, float), _stages.decode(stages))


def rename_runs(sql: sqlite3.Connection, old: str, new: str) -> None:
    """Give a connection's runs to one of another name. Raises sqlite3.Error."""
    sql.execute(
        "UPDATE OR REPLACE runs SET job = ? || substr(job, ?), connection = ? WHERE connection = ?",
        (new, len(old) + 1, new, old),
    )
