"""How figures are said to people: ages, spans, sizes, times; the same on the board and in the command."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime

_UNITS = ("kB", "MB", "GB", "TB", "PB")
_AGES = (45, 30, 20, 10, 5)
"""The steps of an age below a minute, seconds."""
_LEFT = ((20, 10), (60, 20), (180, 60), (1800, 300))
"""Up to so many seconds, a time that is left is told in steps of so many."""
_LONG_LEFT = 600


def duration(seconds: float) -> str:
    """`45s`, `2m11s`, `1h02m`, `3d04h`: two units at most."""
    whole = max(int(seconds), 0)
    minutes, hours, days = whole // 60, whole // 3600, whole // 86_400
    if not minutes:
        return f"{whole}s"
    if not hours:
        return f"{minutes}m{whole % 60:02}s"
    if not days:
        return f"{hours}h{minutes % 60:02}m"
    return f"{days}d{hours % 24:02}h"


def span(seconds: float) -> str:
    """A measured length of time: `0.4s` below ten seconds, then as `duration`, rounded."""
    return f"{max(seconds, 0.0):.1f}s" if seconds < 9.95 else duration(round(seconds))


def coarse_age(seconds: float, steps: Sequence[int] = _AGES) -> str:
    """How long ago, so coarse that an idle board sends next to nothing.

    `now`, then the steps below a minute, `1m` … `59m`, `1h00` … in steps of ten minutes, hours, days.
    """
    whole = int(seconds)
    if whole < 60:
        return next((f"{step}s" for step in steps if whole >= step), "now")
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes}m"
    if minutes < 600:
        return f"{minutes // 60}h{minutes % 60 // 10 * 10:02d}"
    return f"{minutes // 60}h" if minutes < 48 * 60 else f"{minutes // 1440}d"


def left(seconds: float) -> str:
    """An estimate of what is left, as coarse as it is sure: `~40s left`, `~2m left`, `~1h20m left`."""
    step = next((step for end, step in _LEFT if seconds <= end), _LONG_LEFT)
    said = duration(max(math.ceil(seconds / step), 1) * step)
    return f"~{said.removesuffix('00s').removesuffix('00m')} left"


def age(moment: datetime | None, now: datetime) -> str:
    """How long ago, as `duration`; empty for None."""
    return "" if moment is None else duration((now - moment).total_seconds())


def size(count: int | None) -> str:
    """`7.3 MB`: powers of 1000, three digits or so; empty for None."""
    if count is None:
        return ""
    if count < 1000:
        return f"{count} B"
    value, unit = count / 1000, 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if value < 99.95 else f"{value:.0f} {_UNITS[unit]}"


def and_more(rest: int) -> str:
    """`and 3 more`, behind a list that is cut short; empty where nothing is left out."""
    return f"and {rest} more" if rest > 0 else ""


def when(moment: datetime | None) -> str:
    """`2026-03-02 08:15:00Z`; empty for None."""
    return "" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
