"""What a text view shows: lines by their number, laid out into rows for a width, and found by what they say."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Protocol

from tui.widgets.lines import EMPTY, Line, Piece, Tone, toned

Build = Callable[[int], list[Line]]
"""Makes the lines for a width in cells."""

Span = tuple[int, int]
"""A part of a row: from this character up to that one."""


class Sheet(Protocol):
    """Lines, and the rows that they fill at the present width. Only rows that are asked for are made."""

    @property
    def height(self) -> int:
        """How many rows there are."""
        ...

    @property
    def plain(self) -> str:
        """All of it, without tones."""
        ...

    def lay(self, width: int) -> None:
        """Lay it out anew for a width in cells."""
        ...

    def row(self, at: int) -> Line:
        """One row; empty behind the last."""
        ...

    def line_at(self, row: int) -> int:
        """The number of the line that the row belongs to."""
        ...

    def row_of(self, line: int) -> int:
        """The first row of a line."""
        ...

    def given(self, lines: range) -> str:
        """What these lines say, to be copied."""
        ...

    def found(self, row: int, wanted: Wanted) -> list[Span]:
        """Where a row holds what is wanted."""
        ...


class Wanted:
    """What is looked for: a plain text; upper and lower case count as soon as one letter of it is upper-case."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._folds = text == text.lower()
        self._pattern = re.compile(re.escape(text), re.IGNORECASE if self._folds else re.NOFLAG)

    def spans(self, text: str) -> list[Span]:
        """Where it stands in a text."""
        return [match.span() for match in self._pattern.finditer(text)] if self.text else []

    def offsets(self, text: str) -> list[int]:
        """Where it begins in a long text: as `spans` finds it, but faster where both are ASCII."""
        if not (text.isascii() and self.text.isascii()):
            return [first for first, _ in self.spans(text)]
        if self._folds:
            text = text.lower()
        found: list[int] = []
        at = text.find(self.text)
        while at >= 0:
            found.append(at)
            at = text.find(self.text, at + len(self.text))
        return found


class Rows:
    """Lines that are made whole for a width: each is a row."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self.lines: list[Line] = []

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(self.lines)

    @property
    def plain(self) -> str:
        """All of it, without tones."""
        return "\n".join(_said(pieces) for pieces in self.lines)

    def lay(self, width: int) -> None:
        """Make the lines; none while there is no width."""
        self.lines = self._build(width) if width > 0 else []

    def row(self, at: int) -> Line:
        """One row; empty behind the last."""
        return self.lines[at] if at < len(self.lines) else EMPTY

    def line_at(self, row: int) -> int:
        """The row itself."""
        return row

    def row_of(self, line: int) -> int:
        """The line itself."""
        return line

    def given(self, lines: range) -> str:
        """What these rows say."""
        return "\n".join(_said(self.row(number)).rstrip() for number in lines)

    def found(self, row: int, wanted: Wanted) -> list[Span]:
        """Where a row holds what is wanted."""
        return wanted.spans(_said(self.row(row)))


def lit(pieces: Line, spans: Sequence[Span], tone: Tone) -> Line:
    """The line with parts of it in another tone."""
    if not spans:
        return pieces
    edges = sorted({edge for span in spans for edge in span})
    out: list[Piece] = []
    start = 0
    for text, own in pieces:
        end = start + len(text)
        cuts = [start, *edges[bisect_right(edges, start) : bisect_left(edges, end)], end]
        for first, last in pairwise(cuts):
            inside = any(begin <= first < over for begin, over in spans)
            out.append(toned(text[first - start : last - start], tone if inside else own))
        start = end
    return tuple(out)


def _said(pieces: Line) -> str:
    return "".join(piece.text for piece in pieces)
