"""Requests a minute, counted as a gateway counts them."""

from __future__ import annotations

from collections import deque

WINDOW = 60.0


class Quota:
    """At most `limit` requests in any minute."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._taken: deque[float] = deque()

    def take(self, now: float) -> float | None:
        """Count one request; the seconds to wait when it is one too many (it is not counted then)."""
        while self._taken and self._taken[0] <= now - WINDOW:
            self._taken.popleft()
        if len(self._taken) >= self.limit:
            return self._taken[0] + WINDOW - now
        self._taken.append(now)
        return None
