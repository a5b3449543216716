"""The second generation of EnOS signatures (dossier enos.md, section 1)."""

from __future__ import annotations

import hashlib
from urllib.parse import unquote_plus


def encryption(app_key: str, timestamp: str, app_secret: str) -> str:
    """What the token call is signed with."""
    return hashlib.sha256(f"{app_key}{timestamp}{app_secret}".encode()).hexdigest()


def signature(token: str, raw_query: str, body: bytes, timestamp: str, app_secret: str) -> str:
    """What an API call is signed with: from the query as it was sent, and the body's own bytes.

    A repeated name counts once, with its first value; a name without `=` has the value `null`.
    """
    found: dict[str, str] = {}
    for item in filter(None, raw_query.split("&")):
        name, equals, value = item.partition("=")
        found.setdefault(unquote_plus(name), unquote_plus(value) if equals else "null")
    query = "".join(name + found[name] for name in sorted(found))
    return hashlib.sha256(f"{token}{query}".encode() + body + f"{timestamp}{app_secret}".encode()).hexdigest()
