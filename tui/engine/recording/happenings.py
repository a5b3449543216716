"""New lines of jobs' histories, read beside the store's own work."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from tui.engine.border import event_of
from tui.model import Event, JobKey

_PATIENCE = 0.5
_MOST = 50_000
"""Lines at once: of a longer history the newest."""


class Happenings:
    """For one thread. Where the database cannot be read, nothing is new; the next look finds it."""

    def __init__(self, database: Path) -> None:
        self._address = f"file:{quote(str(database.absolute()))}?mode=ro"
        self._sql: sqlite3.Connection | None = None
        self._last = 0

    def new(self) -> tuple[Event, ...]:
        """What has come since the last look, oldest first; at first all there is."""
        try:
            if self._sql is None:
                self._sql = sqlite3.connect(self._address, uri=True, timeout=_PATIENCE)
            rows = self._sql.execute(
                "SELECT id, at, job, kind, text FROM events WHERE id > ? ORDER BY id DESC LIMIT ?", (self._last, _MOST)
            ).fetchall()
            events = tuple(
                event_of(datetime.fromisoformat(at), JobKey(job), kind, text) for _, at, job, kind, text in rows[::-1]
            )
        except (sqlite3.Error, ValueError, TypeError):
            return ()
        self._last = rows[0][0] if rows else self._last
        return events

    def close(self) -> None:
        """Let go of the database."""
        if self._sql is not None:
            self._sql.close()
