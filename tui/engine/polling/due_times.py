"""Things by the moment at which they are due: putting one in and taking the next one out cost O(log n)."""

from __future__ import annotations

import heapq
import math
import random
from itertools import count
from typing import NamedTuple

from tui.model import JobKey

NOW = -math.inf
"""Due before everything that is only late."""
_SLACK = 64


class _Entry(NamedTuple):
    at: float
    rank: int
    number: int
    key: JobKey


class DueTimes:
    """A heap; what was put in again or dropped stays in it until it comes up, or until it is half of the heap."""

    def __init__(self) -> None:
        self._heap: list[_Entry] = []
        self._of: dict[JobKey, _Entry] = {}
        self._numbers = count()

    def __contains__(self, key: object) -> bool:
        return key in self._of

    def put(self, key: JobKey, at: float, rank: int = 1) -> None:
        """Set when something is due, in seconds; of those due `NOW`, the smaller rank is first, then the older."""
        entry = self._of[key] = _Entry(at, rank, next(self._numbers), key)
        heapq.heappush(self._heap, entry)
        if len(self._heap) > 2 * len(self._of) + _SLACK:
            self._heap = list(self._of.values())
            heapq.heapify(self._heap)

    def drop(self, key: JobKey) -> None:
        """Forget it."""
        self._of.pop(key, None)

    def at(self, key: JobKey) -> float:
        """When it is due; never, for what is not here."""
        entry = self._of.get(key)
        return entry.at if entry else math.inf

    @property
    def soonest(self) -> float:
        """When the first of them is due; never, if there is none."""
        entry = self._top()
        return entry.at if entry else math.inf

    def take(self, until: float) -> JobKey | None:
        """Take out the first that is due by then."""
        entry = self._top()
        if entry is None or entry.at > until:
            return None
        heapq.heappop(self._heap)
        del self._of[entry.key]
        return entry.key

    def ahead_of(self, key: JobKey) -> int:
        """How many come before it. Looks at all and changes nothing: may be called from any thread."""
        own = self._of.get(key)
        return sum(entry < own for entry in tuple(self._of.values())) if own else 0

    def all_times(self) -> tuple[float, ...]:
        """When each of them is due, in no order. Changes nothing: may be called from any thread."""
        return tuple(entry.at for entry in tuple(self._of.values()))

    def spread(self, now: float, seconds: float, first: int, rng: random.Random) -> None:
        """Have those that are late come one after the other within so many seconds, but the `first` ones at once."""
        late = sorted(entry for entry in self._of.values() if NOW < entry.at <= now)[first:]
        for place, entry in enumerate(late):
            self.put(entry.key, now + seconds * (place + rng.random()) / len(late))

    def _top(self) -> _Entry | None:
        while self._heap:
            entry = self._heap[0]
            if self._of.get(entry.key) is entry:
                return entry
            heapq.heappop(self._heap)
        return None
