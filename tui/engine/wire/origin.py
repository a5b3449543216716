"""Where a connection leads: it carries only requests of the same scheme, host and port."""

from __future__ import annotations

import httpx

Origin = tuple[str, str, int]
"""Scheme, host and port."""


def origin_of(url: httpx.URL) -> Origin:
    """Scheme, host and port of an address; a port that it does not say is the scheme's own."""
    return url.scheme, url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80)
