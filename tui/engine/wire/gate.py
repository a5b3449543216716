"""A token bucket: how many requests may be sent."""

from __future__ import annotations

import asyncio

from tui.clock import Clock

BURST = 10
"""So many requests may go at once after a quiet time."""


class Gate:
    """Lets requests through at most `per_minute` on average, in the order they came."""

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self._clock = clock
        self._rate = per_minute / 60.0
        self._tokens = self._most = float(min(BURST, per_minute))
        self._filled_at = clock.monotonic()
        self._turn = asyncio.Lock()

    def limit_to(self, per_minute: int) -> None:
        """Let so many through from now on."""
        self._fill()
        self._rate = per_minute / 60.0
        self._most = float(min(BURST, per_minute))
        self._tokens = min(self._tokens, self._most)

    @property
    def left(self) -> int:
        """How many requests may go at once now; from any thread."""
        return int(self._tokens_at(self._clock.monotonic()))

    async def take(self) -> None:
        """Wait until one more request may be sent."""
        async with self._turn:
            self._fill()
            if self._tokens < 1:
                await self._clock.sleep((1 - self._tokens) / self._rate)
                self._fill()
            self._tokens -= 1

    def _fill(self) -> None:
        now = self._clock.monotonic()
        self._tokens, self._filled_at = self._tokens_at(now), now

    def _tokens_at(self, now: float) -> float:
        return min(self._most, self._tokens + (now - self._filled_at) * self._rate)
