"""A file that the vendor hands over in parts, each behind an address of its own (Autodesk dossier: `chunked`)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from tui.engine.fetching.progress import Cut
from tui.engine.fetching.spans import Span
from tui.errors import DownloadError
from tui.vendors.contract import Part


class PartMap:
    """Parts by their place in the file."""

    def __init__(self, parts: Sequence[Part]) -> None:
        """Raises DownloadError where the parts do not make one file."""
        if parts[0].first or any(one.last + 1 != two.first for one, two in pairwise(parts)):
            hint = "ask for it again; if that does not help, tell the vendor"
            raise DownloadError("the vendor's map of the file's pieces has a hole", hint=hint)
        self._parts = tuple(parts)
        self._firsts = [part.first for part in parts]
        self.total = parts[-1].last + 1
        """The file's size in bytes."""

    def at(self, place: int) -> Part:
        """The part that holds the byte at `place`."""
        return self._parts[bisect_right(self._firsts, place) - 1]

    def inside(self, first: int, end: int) -> Span:
        """A span of the file as a span of the part that it lies in."""
        begin = self.at(first).first
        return Span(first - begin, end - begin)

    def cut(self, *, can_resume: bool) -> Cut:
        """One part a worker; what came of a part before is kept if it can be trusted to be of the same file."""

        def one(gap: Span, _left: int) -> Span:
            part = self.at(gap.first)
            return Span(gap.first if can_resume else part.first, min(gap.end, part.last + 1))

        return one
