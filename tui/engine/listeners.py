"""Who is told of a fact when it is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Listeners(Generic[_T]):
    """Those who want to hear of one kind of fact."""

    def __init__(self) -> None:
        self._all: list[Callable[[_T], None]] = []

    def listen(self, listener: Callable[[_T], None]) -> None:
        """Have `listener` called with each fact from now on."""
        self._all.append(listener)

    def tell(self, fact: _T) -> None:
        """Call all of them, in the order in which they came."""
        for listener in self._all:
            listener(fact)
