"""Things by the moment at which they are due: putting one in and taking the next one out cost O(log n)."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Sequence
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
    keys: tuple[JobKey, ...]


class DueTimes:
    """A heap; what was put in again or dropped stays in it until it comes up, or until it is half of the heap.

    Things that are put in together are one entry of it.
    """

    def __init__(self) -> None:
        self._heap: list[_Entry] = []
        self._of: dict[JobKey, _Entry] = {}
        self._numbers = count()

    def __contains__(self, key: object) -> bool:
        return key in self._of

    def put(self, key: JobKey, at: float, rank: int = 1) -> None:
        """Set when something is due, in seconds; of those due `NOW`, the smaller rank is first, then the older."""
        self.put_together((key,), at, rank)

    def put_together(self, keys: Sequence[JobKey], at: float, rank: int = 1) -> None:
        """Set when several are due, the first of them first."""
        entry = _Entry(at, rank, next(self._numbers), tuple(keys))
        self._of.update(dict.fromkeys(entry.keys, entry))
        heapq.heappush(self._heap, entry)
        if len(self._heap) > 2 * len(self._of) + _SLACK:
            self._heap = list({entry.number: entry for entry in self._of.values()}.values())
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

    def take(self, until: float, most: int) -> list[JobKey]:
        """Take out those that are due by then, the first ones first, at most so many."""
        taken: list[JobKey] = []
        while len(taken) < most and (entry := self._top()) is not None and entry.at <= until:
            live = [key for key in entry.keys if self._of.get(key) is entry]
            some = live[: most - len(taken)]
            for key in some:
                del self._of[key]
            taken += some
        return taken

    def take_together(self) -> list[JobKey]:
        """Take out the first one, and those that were put in together with it; nothing, if there is none."""
        entry = self._top()
        keys = [key for key in entry.keys if self._of.get(key) is entry] if entry else []
        for key in keys:
            del self._of[key]
        return keys

    def ahead_of(self, key: JobKey) -> int:
        """How many come before it. Looks at all and changes nothing: may be called from any thread."""
        own = self._of.get(key)
        return sum(entry < own for entry in tuple(self._of.values())) if own else 0

    def all_times(self) -> tuple[float, ...]:
        """When each of them is due, in no order. Changes nothing: may be called from any thread."""
        return tuple(entry.at for entry in tuple(self._of.values()))

    def spread(self, now: float, seconds: float, first: int, rng: random.Random) -> None:
        """Have those that are late come one after the other within so many seconds, but the `first` ones at once."""
        late = sorted((entry, key) for key, entry in self._of.items() if NOW < entry.at <= now)[first:]
        for place, (_, key) in enumerate(late):
            self.put(key, now + seconds * (place + rng.random()) / len(late))

    def _top(self) -> _Entry | None:
        while self._heap:
            entry = self._heap[0]
            if any(self._of.get(key) is entry for key in entry.keys):
                return entry
            heapq.heappop(self._heap)
        return None
