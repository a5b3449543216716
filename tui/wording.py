"""How figures are said to people: ages, sizes, times, speeds; the same on the board and in the command."""

from __future__ import annotations

from datetime import UTC, datetime

_UNITS = ("kB", "MB", "GB", "TB", "PB")


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


def when(moment: datetime | None) -> str:
    """`2026-03-02 08:15:00Z`; empty for None."""
    return "" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
