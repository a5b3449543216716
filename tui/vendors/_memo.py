"""What was read of the same bytes before: most jobs say at each ask what they said the last time."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary, WeakValueDictionary

from tui.model import Reference, Snapshot

_LONGEST = 2048
"""Bytes of an answer that is kept; a longer one is read each time."""


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Told:
    """An answer about a job, and what it was read as for this reference: for another one the same may mean more."""

    said: bytes
    ref: weakref.ref[Reference]
    snapshot: Snapshot


class Memo:
    """The last answer about each job that goes on, for as long as anybody holds the job's reference.

    Only for readers whose result depends on the bytes and the reference alone. Secrets that become known later are
    masked at the border.
    """

    def __init__(self) -> None:
        self._last: WeakKeyDictionary[Reference, Told] = WeakKeyDictionary()

    def __len__(self) -> int:
        return len(self._last)

    def read(self, said: bytes, ref: Reference, read: Callable[[], Snapshot]) -> Told:
        """The last answer, if this is the same one, else this one as `read` makes it out, or raises."""
        last = self._last.get(ref)
        if last is not None and last.said == said:
            return last
        told = Told(said, weakref.ref(ref), read())
        if told.snapshot.state.is_over or len(said) > _LONGEST:  # asked for no more, or kept at too high a price
            self._last.pop(ref, None)
        else:
            self._last[ref] = told
        return told


class ListMemo(Memo):
    """The same for answers that come in lists, each of which names its job: its bytes alone tell whose it is."""

    def __init__(self) -> None:
        super().__init__()
        self._by_bytes: WeakValueDictionary[bytes, Told] = WeakValueDictionary()
        """What `_last` holds and no more."""

    def known(self, said: bytes) -> Told | None:
        """The last answer about whichever job it was that said the same; None where none did."""
        return self._by_bytes.get(said)

    def read(self, said: bytes, ref: Reference, read: Callable[[], Snapshot]) -> Told:
        """See `Memo`."""
        told = self._by_bytes[said] = super().read(said, ref, read)
        return told
