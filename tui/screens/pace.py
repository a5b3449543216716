"""Calls at most once in so many seconds while a key is held down."""

from __future__ import annotations

from collections.abc import Callable

from tui.clock import Clock

_A_MOMENT = 0.02
"""Seconds that are left for the cursor's own line to be painted first."""


class Pace:
    """Calls `call` a moment after a wish, at most once in so many `seconds`; with 0 seconds at once.

    `later` has something done after so many seconds.
    """

    def __init__(
        self,
        call: Callable[[], None],
        seconds: float,
        clock: Clock,
        later: Callable[[float, Callable[[], None]], object],
    ) -> None:
        self._call = call
        self._seconds = seconds
        self._clock = clock
        self._later = later
        self._is_wished = False
        self._done_at = float("-inf")

    def wish(self) -> None:
        """Have it done."""
        if self._is_wished:
            return
        self._is_wished = True
        if not self._seconds:
            self.catch_up()
            return
        rest = self._done_at + self._seconds - self._clock.monotonic()
        self._later(max(rest, _A_MOMENT), self.catch_up)

    def catch_up(self) -> None:
        """Do now what is still wished for."""
        if self._is_wished:
            self._is_wished = False
            self._done_at = self._clock.monotonic()
            self._call()
