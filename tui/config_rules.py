"""The tables `[retention]` and `[callbacks]` of config.toml: how long jobs are kept, and where vendors may post."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from tui._toml_table import Table

_SPAN = re.compile(r"(?P<number>\d{1,6})(?P<unit>[mhdwy])")
_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}
_LONGEST = timedelta(days=36_500)
_LISTEN = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9.-]+)):(?P<port>\d{1,5})")
_HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Retention:
    """What becomes of jobs that are over; None is never."""

    archive_after: timedelta | None = timedelta(days=30)
    """So long a job stays on the board after its end; then it is in the archive, where `is:archived` finds it."""
    forget_after: timedelta | None = None
    """So long it stays in the archive."""


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Where vendors may post that a job moved; nowhere without an address."""

    listen: tuple[str, int] | None = None
    """A local address and a port."""
    public_url: str = ""
    """What vendors are told to post to: it leads to `listen`."""


def retention_of(table: Table) -> Retention:
    """Read `[retention]`. Raises ConfigError."""
    rules = Retention(
        archive_after=_span(table, "archive_after", Retention().archive_after),
        forget_after=_span(table, "forget_after", None),
    )
    table.refuse_typos()
    return rules


def callbacks_of(table: Table) -> Callbacks:
    """Read `[callbacks]`. Raises ConfigError."""
    callbacks = Callbacks(_listen(table), _public_url(table))
    table.refuse_typos()
    if callbacks.public_url and callbacks.listen is None:
        raise table.error("public_url", 'needs listen too, e.g. listen = "127.0.0.1:8765"')
    if callbacks.listen and not callbacks.public_url:
        raise table.error("listen", "needs public_url too: the address under which vendors reach it")
    return callbacks


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


def _listen(table: Table) -> tuple[str, int] | None:
    text = table.text("listen", "off")
    if text == "off":
        return None
    match = _LISTEN.fullmatch(text)
    if match is None or int(match["port"]) > _HIGHEST_PORT:
        raise table.error("listen", 'must be an address and a port, e.g. "127.0.0.1:8765", or "off"')
    return match["six"] or match["host"], int(match["port"])


def _public_url(table: Table) -> str:
    url = table.text("public_url", "off")
    if url == "off":
        return ""
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or re.search(r"[\s\x00-\x1f\"'<>?#@]", url):
        raise table.error("public_url", "must be a full address without a query, e.g. https://ops.example/jobdeck")
    return url.rstrip("/")
