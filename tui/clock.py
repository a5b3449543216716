"""Time as something that is passed in, so that a test of a two-hour wait takes a millisecond."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Protocol, TypeVar

_T = TypeVar("_T")


class Clock(Protocol):
    """What any room may ask of time."""

    def now(self) -> datetime:
        """The wall clock, UTC; for showing and storing."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back; for deadlines."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds of `monotonic()`."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The wall clock, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait on the running event loop."""
        await asyncio.sleep(seconds)


async def within(clock: Clock, seconds: float, work: Awaitable[_T]) -> _T:
    """What the work gives; it is cancelled after so many seconds. Raises TimeoutError."""
    running = asyncio.ensure_future(work)
    limit = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait((running, limit), return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            raise TimeoutError
        return running.result()
    finally:
        running.cancel()
        limit.cancel()
        await asyncio.gather(running, limit, return_exceptions=True)


def rfc3339(moment: datetime | None) -> str | None:
    """`2026-03-02T08:15:00.123456Z`, or None for None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
