"""What was read of the same bytes before: most jobs say at each ask what they said the last time."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary

from tui.model import Reference, Snapshot

_LONGEST = 2048
"""Bytes of an answer that is kept; a longer one is read each time."""


class Memo:
    """The last answer about each job that goes on, for as long as anybody holds the job's reference.

    For readers that go by nothing else than these bytes and the reference. What a newly known secret would mask in
    them is masked at the border, which looks again at what it let pass.
    """

    def __init__(self) -> None:
        self._last: WeakKeyDictionary[Reference, tuple[bytes, Snapshot]] = WeakKeyDictionary()

    def __len__(self) -> int:
        return len(self._last)

    def read(self, said: bytes, ref: Reference, read: Callable[[], Snapshot]) -> Snapshot:
        """What the last answer was read as, if this is the same one, else what `read` makes of it, or raises."""
        last = self._last.get(ref)
        if last is not None and last[0] == said:
            return last[1]
        told = read()
        if told.state.is_over or len(said) > _LONGEST:  # it is asked for no more, or kept at too high a price
            self._last.pop(ref, None)
        else:
            self._last[ref] = (said, told)
        return told
