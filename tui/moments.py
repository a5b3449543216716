"""Moments as strangers write them, and lengths of time as users do.

A moment that no clock shows stands for "never" and counts as none.

.NET and Go write `0001-01-01T00:00:00Z` for a time that is not known yet, Java the year 9999 for one that never comes;
in some time zones neither has a local time, and asking for it raises OverflowError.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)
_SPAN = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?)(?P<unit>[smhdwy])")
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400, "y": 365 * 86_400}


def usable(moment: datetime) -> datetime | None:
    """The moment in UTC, without a zone taken as UTC; None for one that stands for "never"."""
    told = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return told.astimezone(UTC) if _EARLIEST <= told < _LATEST else None


def http_date(text: str) -> datetime | None:
    """A date as HTTP headers hold it (RFC 9110, 5.6.7); None for what is none."""
    try:
        return usable(parsedate_to_datetime(text))
    except (ValueError, OverflowError):
        return None


def span_of(text: str) -> float | None:
    """The seconds of a length of time as it is typed: `90s`, `1.5h`, `2d`, `2w`, `1y`; None for what is none."""
    match = _SPAN.fullmatch(text)
    return float(match["number"]) * _UNIT_SECONDS[match["unit"]] if match else None
