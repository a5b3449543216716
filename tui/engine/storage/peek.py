"""A quick look at the jobs' names while another program may be writing: for the shell's completion alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import msgspec

from tui.engine.storage.stored import read_job
from tui.model import Job

_PATIENCE = 0.05
_MOST = 200


def jobs_like(database: Path, start: str) -> tuple[Job, ...]:
    """Jobs whose key or id begins so, the latest of many; none where the file is not there or cannot be read now."""
    address = f"file:{quote(str(database.absolute()))}?mode=ro"
    text = start.replace("[", "[[]").replace("*", "[*]").replace("?", "[?]")
    query = "SELECT body FROM jobs WHERE removed = 0 AND (key GLOB ?1 OR key GLOB ?2) ORDER BY revision DESC LIMIT ?3"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE)) as sql:
            rows = sql.execute(query, (f"{text}*", f"*:{text}*", _MOST)).fetchall()
        return tuple(read_job(body) for (body,) in rows)
    except (sqlite3.Error, msgspec.DecodeError):
        return ()
