"""The table `[retention]`: how long jobs are kept."""

from __future__ import annotations

import re
from datetime import timedelta

from tui.config.settings import Retention
from tui.config.toml_table import Table

_SPAN = re.compile(r"(?P<number>\d{1,6})(?P<unit>[mhdwy])")

_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}

_LONGEST = timedelta(days=36_500)


def retention_of(table: Table) -> Retention:
    """Read `[retention]`. Raises ConfigError."""
    rules = Retention(
        archive_after=_span(table, "archive_after", Retention().archive_after),
        forget_after=_span(table, "forget_after", None),
    )
    table.refuse_typos()
    return rules


def _span(table: Table, name: str, default: timedelta | None) -> timedelta | None:
    if name not in table.names():
        table.optional_text(name)
        return default
    text = table.text_or_zero(name)
    if text in ("0", "never"):
        return None
    match = _SPAN.fullmatch(text)
    if match is None or not timedelta() < int(match["number"]) * _UNITS[match["unit"]] <= _LONGEST:
        raise table.error(name, 'must be a length of time, e.g. "30d", "12h", "2y", or "never"')
    return int(match["number"]) * _UNITS[match["unit"]]
