"""How long a signed address lives, as it says itself; the signature is the server's business."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

AHEAD = timedelta(seconds=60)
"""A link with less than this left is renewed before it is used once more."""
_LONGEST = 10 * 365 * 24 * 3600


def dies_at(url: str) -> datetime | None:
    """When the address stops working, UTC; None where it does not say.

    S3 says `X-Amz-Date` and `X-Amz-Expires`, older S3 and CloudFront `Expires`, Azure `se`, Google `X-Goog-…`.
    """
    try:
        query = {name.lower(): value for name, value in parse_qsl(urlsplit(url).query)}
        for date, life in (("x-amz-date", "x-amz-expires"), ("x-goog-date", "x-goog-expires")):
            if date in query and life in query:
                begun = datetime.strptime(query[date], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
                return begun + timedelta(seconds=min(int(query[life]), _LONGEST))
        if "expires" in query:
            return datetime.fromtimestamp(int(query["expires"]), UTC)
        if "se" in query:
            end = datetime.fromisoformat(query["se"])
            return end if end.tzinfo else end.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        pass  # no signed address that we know
    return None


def is_dying(url: str, made_at: datetime, now: datetime) -> bool:
    """Whether the address had better be renewed; one that lives shortly is used for half of its life."""
    end = dies_at(url)
    if end is None or end <= made_at:  # dead when it was made: then our clock is wrong, not the link
        return False
    return end - now < min(AHEAD, (end - made_at) / 2)
