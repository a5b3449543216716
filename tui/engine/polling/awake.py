"""Whether time has passed without us: a suspended laptop, a stopped program, a machine that hung."""

from __future__ import annotations

from tui.clock import Clock
from tui.engine.facts.jobs import Slept

LONGEST_GAP = 30.0
"""Seconds between two looks (there is one a second) above which somebody stood still."""


class Awake:
    """Looks at the wall clock again and again: a suspended machine's own seconds stand still, the wall's do not."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = clock.now()

    def look(self) -> Slept | None:
        """How long nothing ran before this look; None when that is as it should be."""
        now, before = self._clock.now(), self._last
        self._last = now
        gap = (now - before).total_seconds()
        return Slept(gap, now) if gap > LONGEST_GAP else None
