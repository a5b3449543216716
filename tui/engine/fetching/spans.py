"""Which bytes of a file are there: half-open spans that never touch each other."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Span(NamedTuple):
    """Bytes from `first` up to, not including, `end`."""

    first: int
    end: int


class Spans:
    """A set of bytes; adding joins what touches."""

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._spans: list[Span] = []
        for first, end in spans:
            self.add(first, end)

    def add(self, first: int, end: int) -> None:
        """Add bytes; those that are there already do not count twice."""
        if first >= end:
            return
        at = bisect_left(self._spans, first, key=lambda span: span.end)
        last = at
        while last < len(self._spans) and self._spans[last].first <= end:
            first, end = min(first, self._spans[last].first), max(end, self._spans[last].end)
            last += 1
        self._spans[at:last] = [Span(first, end)]

    @property
    def size(self) -> int:
        """How many bytes."""
        return sum(span.end - span.first for span in self._spans)

    @property
    def prefix(self) -> int:
        """How many from the file's start on, without a hole."""
        return self._spans[0].end if self._spans and self._spans[0].first == 0 else 0

    def gaps(self, end: int) -> Iterator[Span]:
        """What is missing up to `end`, in its order."""
        at = 0
        for span in self._spans:
            if at < span.first and at < end:
                yield Span(at, min(span.first, end))
            at = span.end
        if at < end:
            yield Span(at, end)

    def __iter__(self) -> Iterator[Span]:
        return iter(self._spans)
