"""The table `[callbacks]`: where vendors may post."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from tui.config.settings import Callbacks
from tui.config.toml_table import Table

_LISTEN = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9.-]+)):(?P<port>\d{1,5})")

_HIGHEST_PORT = 65_535


def callbacks_of(table: Table) -> Callbacks:
    """Read `[callbacks]`. Raises ConfigError."""
    callbacks = Callbacks(_listen(table), _public_url(table))
    table.refuse_typos()
    if callbacks.public_url and callbacks.listen is None:
        raise table.error("public_url", 'needs listen too, e.g. listen = "127.0.0.1:8765"')
    if callbacks.listen and not callbacks.public_url:
        raise table.error("listen", "needs public_url too: the address under which vendors reach it")
    return callbacks


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
