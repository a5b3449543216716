"""A clock that a test moves by hand; whoever sleeps wakes when its time has come."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)


class FakeClock:
    """Satisfies `tui.clock.Clock`; starts at START and stands still until `advance` or `jump`."""

    def __init__(self, start: datetime = START) -> None:
        self.start = start
        self.elapsed = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.elapsed + seconds, waiter))
        await waiter

    def jump(self, seconds: float) -> None:
        """Move time without letting anybody run; for servers and code that only look at the clock."""
        self.elapsed += seconds
        due = [sleeper for sleeper in self._sleepers if sleeper[0] <= self.elapsed]
        self._sleepers = [sleeper for sleeper in self._sleepers if sleeper[0] > self.elapsed]
        for _, waiter in sorted(due, key=lambda sleeper: sleeper[0]):
            if not waiter.done():
                waiter.set_result(None)

    async def advance(self, seconds: float) -> None:
        """Move time step by step, waking each sleeper at its own moment and letting it run."""
        end = self.elapsed + seconds
        while True:
            await settle()
            due = [at for at, waiter in self._sleepers if at <= end and not waiter.done()]
            if not due:
                break
            self.jump(max(min(due) - self.elapsed, 0.0))
        self.elapsed = end
        await settle()


async def settle(turns: int = 50) -> None:
    """Let everything that can run now run."""
    for _ in range(turns):
        await asyncio.sleep(0)
