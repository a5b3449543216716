"""A token bucket: how many requests may be sent."""

from __future__ import annotations

import asyncio
import math

from tui.clock import Clock

BURST = 10
"""So many requests may go at once after a quiet time, but no more than a sixth of a minute's."""
FIRST = 2
"""So many requests, a login and an ask, a program that joins others sends at once: they may come on top in a minute."""
_NAP = 1.0
"""Seconds after which whoever waits looks again: the limit may be another one by now."""
_WHOLE = 1 - 1e-9
"""One token, less the rounding errors of float sums."""


class Gate:
    """Lets at most `per_minute` requests through in any minute, a burst included, in the order they came.

    Several programs may share a minute's requests. Each then has an equal part of the bucket and of what comes to it,
    so that all of them together let through no more than one alone would, also while their number changes. Only where
    there are more programs than requests a minute, a minute may see one of each.
    """

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self._clock = clock
        self._per_minute = per_minute
        self._programs = 1
        self._most, self._rate = _measure(per_minute, 1)
        self._tokens = self._most
        self._first, self._first_until = 0, -math.inf
        self._filled_at = clock.monotonic()
        self._turn = asyncio.Lock()

    def limit_to(self, per_minute: int) -> None:
        """Let so many through from now on, the other programs' included."""
        self._per_minute = per_minute
        self._measure()

    def share_between(self, programs: int) -> None:
        """Let through one of so many equal shares from now on."""
        before = self._programs * self._most
        self._programs = programs
        self._measure()
        # Who has left may have sent just now what was in its bucket: it is made up for, but not for over a minute.
        self._tokens -= max(0.0, before / programs - self._most)
        self._tokens = max(self._tokens, -60.0 * self._rate)

    def join_others(self, moment: float) -> None:
        """Have an empty bucket at this moment of the monotonic clock, but send the `FIRST` requests at once."""
        self._tokens, self._filled_at = 0.0, moment
        self._first, self._first_until = FIRST, moment + 60.0

    @property
    def is_shared(self) -> bool:
        """Whether other programs let requests through, too."""
        return self._programs > 1

    @property
    def left(self) -> int:
        """How many requests may go at once now; from any thread."""
        now = self._clock.monotonic()
        return self._first_at(now) + max(0, int(self._tokens_at(now)))

    async def take(self) -> None:
        """Wait until one more request may be sent."""
        async with self._turn:
            if self._first_at(self._clock.monotonic()):
                self._first -= 1
                return
            while (there := self._tokens_at(self._clock.monotonic())) < _WHOLE:
                await self._clock.sleep(min((1 - there) / self._rate, _NAP))
            self._fill()
            self._tokens -= 1

    def _measure(self) -> None:
        self._fill()
        self._most, self._rate = _measure(self._per_minute, self._programs)
        self._tokens = min(self._tokens, self._most)

    def _fill(self) -> None:
        now = self._clock.monotonic()
        self._tokens, self._filled_at = self._tokens_at(now), now

    def _first_at(self, now: float) -> int:
        return self._first if now < self._first_until else 0

    def _tokens_at(self, now: float) -> float:
        return min(self._most, self._tokens + (now - self._filled_at) * self._rate)


def _measure(per_minute: int, programs: int) -> tuple[float, float]:
    """The size of each program's bucket, and the tokens that come to it in a second.

    The bursts of all and what is refilled within a minute stay together within the limit.
    """
    burst = max(1.0, max(1, min(BURST, per_minute // 6)) / programs)
    return burst, max(1.0, per_minute + 1 - burst * programs) / 60.0 / programs
