"""Jobs as a table for other programs: CSV, Markdown; the same from the board's clipboard and from the command.

A cell that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or a return) gets a `'` in
front, in CSV: titles come from vendors, and a formula can send what else is in the sheet away.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from tui.model import Job
from tui.text import safe_line

COLUMNS = (
    "key",
    "title",
    "connection",
    "vendor",
    "id",
    "state",
    "vendor_status",
    "progress",
    "submitted_at",
    "started_at",
    "finished_at",
    "checked_at",
    "notice",
    "problem",
)
"""The columns of both; named as in a job's JSON, where the same stands."""

_MARKDOWN = ("title", "connection", "state", "vendor_status", "progress", "submitted_at", "finished_at", "key")
"""What a table for people has: the rest would make it too wide to read."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_CELL = 1_000


def as_csv(jobs: Iterable[Job]) -> str:
    """The jobs as CSV with a heading line (RFC 4180; lines end with CRLF)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for job in jobs:
        writer.writerow([harmless(cell) for cell in _cells(job, COLUMNS)])
    return out.getvalue()


def as_markdown(jobs: Iterable[Job]) -> str:
    """The jobs as a Markdown table."""
    rows = [_MARKDOWN, tuple("---" for _ in _MARKDOWN)]
    rows += [tuple(_plain(cell) for cell in _cells(job, _MARKDOWN)) for job in jobs]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def harmless(cell: str) -> str:
    """The cell, as no spreadsheet will reckon with it."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _cells(job: Job, columns: Sequence[str]) -> tuple[str, ...]:
    snapshot = job.snapshot
    values = {
        "key": job.key,
        "title": job.title,
        "connection": job.connection,
        "vendor": job.vendor,
        "id": job.ref.id,
        "state": job.state.value,
        "vendor_status": snapshot.vendor_status,
        "progress": "" if snapshot.progress is None else f"{snapshot.progress:.3f}",
        "submitted_at": _time(snapshot.submitted_at),
        "started_at": _time(snapshot.started_at),
        "finished_at": _time(snapshot.finished_at),
        "checked_at": _time(job.checked_at),
        "notice": snapshot.notice or "",
        "problem": f"{job.problem.kind.value}: {job.problem.message}" if job.problem else "",
    }
    return tuple(safe_line(values[name], _LONGEST_CELL) for name in columns)


def _time(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plain(cell: str) -> str:
    """A cell that Markdown neither splits nor reads: signs with a meaning are escaped."""
    for sign in "\\|`*_<>[]":
        cell = cell.replace(sign, f"\\{sign}")
    return cell
