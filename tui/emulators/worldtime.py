"""Time as the emulated world counts it: seconds since its start, and the moments that these stand for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tui.clock import Clock


class WorldTime:
    """The injected clock, counted from the world's start; jobs born before it have negative seconds."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.start = clock.now()
        self._zero = clock.monotonic()

    def seconds(self) -> float:
        """Seconds since the world's start; never goes back."""
        return self.clock.monotonic() - self._zero

    def now(self) -> datetime:
        """The wall clock, UTC: what signatures are checked against."""
        return self.clock.now()

    def moment(self, seconds: float) -> datetime:
        """The moment that many seconds after the start, UTC."""
        return self.start + timedelta(seconds=seconds)


def iso_z(moment: datetime) -> str:
    """`2026-03-02T08:15:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
