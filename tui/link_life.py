"""How long a signed address lives, as it says itself; the signature is the server's business."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from tui.moments import usable

AHEAD = timedelta(seconds=60)
"""A link with less than this left is renewed before it is used once more."""
_LONGEST = 7 * 24 * 3600
"""Seconds that S3 and Google sign for at most; a link that says more was signed by somebody else."""


def s3_dies_at(url: str) -> datetime | None:
    """When a link that S3 signed (`X-Amz-Date` and `X-Amz-Expires`) stops working, UTC; None for any other."""
    return _signed(_query(url), "x-amz")


def dies_at(url: str) -> datetime | None:
    """When the address stops working, UTC; None where it does not say.

    S3 says `X-Amz-Date` and `X-Amz-Expires`, Google `X-Goog-…`, older S3 and CloudFront `Expires`, Azure `se`.
    """
    query = _query(url)
    try:
        if "expires" in query:
            return usable(datetime.fromtimestamp(int(query["expires"]), UTC))
        if "se" in query:
            return usable(datetime.fromisoformat(query["se"]))
    except (ValueError, OverflowError, OSError):
        return None
    return _signed(query, "x-amz") or _signed(query, "x-goog")


def _signed(query: Mapping[str, str], whose: str) -> datetime | None:
    begun, life = query.get(f"{whose}-date", ""), query.get(f"{whose}-expires", "")
    if not (life.isascii() and life.isdigit() and len(life) < 7 and int(life) <= _LONGEST):
        return None
    try:
        return datetime.strptime(begun, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) + timedelta(seconds=int(life))
    except (ValueError, OverflowError):
        return None


def _query(url: str) -> dict[str, str]:
    try:
        return {name.lower(): value for name, value in parse_qsl(urlsplit(url).query)}
    except ValueError:
        return {}


def is_dying(url: str, made_at: datetime, now: datetime) -> bool:
    """Whether the address had better be renewed; one that lives shortly is used for half of its life."""
    end = dies_at(url)
    if end is None or end <= made_at:  # dead when it was made: then our clock is wrong, not the link
        return False
    return end - now < min(AHEAD, (end - made_at) / 2)
