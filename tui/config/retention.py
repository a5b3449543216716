"""The table `[retention]`: how long jobs are kept."""

from __future__ import annotations

from datetime import timedelta

from tui.config.settings import Retention
from tui.config.toml_table import Table
from tui.moments import span_of

_LONGEST = timedelta(days=36_500).total_seconds()


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
    seconds = span_of(text)
    if seconds is None or not 1 <= seconds <= _LONGEST:
        raise table.error(name, 'must be a length of time, e.g. "30d", "12h", "2y", or "never"')
    return timedelta(seconds=seconds)
