"""Whether two addresses belong to one server, so that a login is never carried away from its own."""

from __future__ import annotations

import httpx


def same_origin(one: str, other: str) -> bool:
    """Whether two absolute URLs have the same scheme, host and port; False for what is no URL."""
    try:
        return _origin(one) == _origin(other)
    except httpx.InvalidURL:
        return False


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = httpx.URL(url)
    return parts.scheme, parts.host, parts.port
