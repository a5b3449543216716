"""A token bucket: how many requests may be sent."""

from __future__ import annotations

import asyncio

from tui.clock import Clock

BURST = 10
"""So many requests may go at once after a quiet time, but no more than a sixth of a minute's."""
_NAP = 1.0
"""Seconds after which whoever waits looks again: the limit may be another one by now."""
_WHOLE = 1 - 1e-9
"""A turn, but for what sums of fractions lose."""


class Gate:
    """Lets at most `per_minute` requests through in any minute, a burst included, in the order they came."""

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self._clock = clock
        self._most, self._rate = _measure(per_minute)
        self._tokens = self._most
        self._filled_at = clock.monotonic()
        self._turn = asyncio.Lock()

    def limit_to(self, per_minute: int) -> None:
        """Let so many through from now on."""
        self._fill()
        self._most, self._rate = _measure(per_minute)
        self._tokens = min(self._tokens, self._most)

    @property
    def left(self) -> int:
        """How many requests may go at once now; from any thread."""
        return int(self._tokens_at(self._clock.monotonic()))

    async def take(self) -> None:
        """Wait until one more request may be sent."""
        async with self._turn:
            while (there := self._tokens_at(self._clock.monotonic())) < _WHOLE:
                await self._clock.sleep(min((1 - there) / self._rate, _NAP))
            self._fill()
            self._tokens -= 1

    def _fill(self) -> None:
        now = self._clock.monotonic()
        self._tokens, self._filled_at = self._tokens_at(now), now

    def _tokens_at(self, now: float) -> float:
        return min(self._most, self._tokens + (now - self._filled_at) * self._rate)


def _measure(per_minute: int) -> tuple[float, float]:
    """The size of the bucket, and the tokens that come to it in a second.

    A minute that begins with a full bucket sees the burst and what comes in that minute but its last moment.
    """
    burst = max(1, min(BURST, per_minute // 6))
    return float(burst), (per_minute - burst + 1) / 60.0
