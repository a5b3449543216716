"""How far one file is: what is there, and who is at which piece.

Pieces are taken and given back on the event loop; the threads that write only move their own piece's `at`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tui.engine.fetching.spans import Span, Spans

Cut = Callable[[Span, int], Span]
"""What of a gap the next worker gets; the second value is how many bytes nobody is at yet."""


@dataclass(eq=False, slots=True)
class Piece:
    """Bytes that one worker is at: those from `first` up to `at` are written. `end` is None while it is not known."""

    first: int
    at: int
    end: int | None


@dataclass(frozen=True, slots=True)
class PieceSizes:
    """How large pieces are cut, in bytes: large ones cost fewer requests, small ones at the end leave no straggler.

    Below `split_from` a file comes in one piece (facts: performance, section B).
    """

    most: int = 8 * 1024**2
    least: int = 1024**2
    split_from: int = 16 * 1024**2

    def cut(self, workers: int) -> Cut:
        """Pieces that shrink towards the end, so that all workers end together."""

        def one(gap: Span, left: int) -> Span:
            fair = min(max(left // (2 * workers), self.least), self.most)
            return Span(gap.first, min(gap.first + fair, gap.end))

        return one


class Progress:
    """What is there of a file of `total` bytes (None while unknown)."""

    def __init__(self, there: Iterable[tuple[int, int]] = (), total: int | None = None) -> None:
        self._there = Spans(there)
        self._pieces: tuple[Piece, ...] = ()
        self.total = total

    def take(self, cut: Cut) -> Piece | None:
        """The next piece that nobody is at; None when there is none. One for all where the total is not known."""
        if self.total is None:
            return None if self._pieces else self._begin(Piece(self._there.prefix, self._there.prefix, None))
        given = Spans((*self._there, *((one.first, one.end or self.total) for one in self._pieces)))
        gap = next(given.gaps(self.total), None)
        if gap is None:
            return None
        first, end = cut(gap, self.total - given.size)
        return self._begin(Piece(first, first, end))

    def give_back(self, piece: Piece) -> None:
        """A worker has ended with a piece, or was ended; what it wrote counts."""
        self._there.add(piece.first, piece.at)
        self._pieces = tuple(one for one in self._pieces if one is not piece)

    def there(self) -> tuple[Span, ...]:
        """What is written now. May be called from any thread."""
        return tuple(self._now())

    @property
    def size(self) -> int:
        """How many bytes are written now."""
        return self._now().size

    @property
    def prefix(self) -> int:
        """How many are written from the start on, without a hole. May be called from any thread."""
        return self._now().prefix

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing; False while the total is not known."""
        return self.total is not None and self.size >= self.total

    def _now(self) -> Spans:
        pieces = self._pieces  # first: a piece that is given back meanwhile counts twice, never not at all
        return Spans((*tuple(self._there), *((one.first, one.at) for one in pieces)))

    def _begin(self, piece: Piece) -> Piece:
        self._pieces = (*self._pieces, piece)
        return piece
