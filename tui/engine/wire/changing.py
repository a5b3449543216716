"""Which requests may be sent a second time, over a fresh connection: those that change nothing at a vendor."""

from __future__ import annotations

import httpx

_SAFE = ("GET", "HEAD")
"""What changes nothing, unless it is marked."""
_CHANGING = "jobdeck_changing"


def mark_changing(request: httpx.Request, *, changes: bool = True) -> None:
    """The request changes something at the vendor, though it be a GET; or it does not, though it be a POST."""
    request.extensions[_CHANGING] = changes


def changes_something(request: httpx.Request) -> bool:
    """Whether sending the request twice may do something twice."""
    return bool(request.extensions.get(_CHANGING, request.method not in _SAFE))
