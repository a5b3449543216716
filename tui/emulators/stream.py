"""When new jobs appear, and at which vendor: endless, and the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

FIRST = 6.0
SHORTEST, LONGEST = 15.0, 40.0
"""Seconds between two newcomers."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One newcomer: its number, the vendor it goes to, and when it is born (seconds of the world)."""

    number: int
    vendor: str
    born: float


class Stream:
    """Hands out one newcomer after another; each round serves every vendor once."""

    def __init__(self, rng: random.Random, vendors: Sequence[str]) -> None:
        self._rng = rng
        self._vendors = list(vendors)
        self._round: list[str] = []
        self._number = 0
        self._born = FIRST

    def next(self) -> Ticket:
        """The next newcomer."""
        if not self._round:
            self._round = self._rng.sample(self._vendors, len(self._vendors))
        self._number += 1
        ticket = Ticket(self._number, self._round.pop(), self._born)
        self._born += self._rng.uniform(SHORTEST, LONGEST)
        return ticket
