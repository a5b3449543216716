"""A text of up to millions of lines: where they begin is all that is kept besides the text, and rows are cut when seen.

It is made from a text in another thread (`LongText` walks through all of it, in short steps); laying it out for a width
takes a few milliseconds for each megabyte.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import accumulate, pairwise

from rich.cells import cell_len

from tui.model import Safe
from tui.text import STEP, steps
from tui.widgets.error_lines import is_error_line, may_hold_errors
from tui.widgets.lines import EMPTY, Line, Tone, toned, wrap
from tui.widgets.sheet import Span, Wanted

_MOST_READ = 10_000
"""So many characters of one line are read for errors."""
_MOST_MEASURED = 5000
"""With up to so many wide-character lines each is broken exactly; with more, after half a row's characters."""
_MAY_BE_ODD = re.compile(r"[^ -~\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u0590\u2500-\u257f]")
"""Characters that may take no cell, or two."""


class LongText:
    """A plain text as a sheet. `wraps` says whether long lines are broken, or cut; `marks` whether errors stand out."""

    def __init__(self, text: Safe, *, wraps: bool = True, marks: bool = False) -> None:
        self.source = text
        """The text as it was given, tabs and all."""
        self.text = "".join(part.expandtabs(8) for part in steps(text)) if "\t" in text else text
        self.wraps = wraps
        self._marks = marks
        self._starts = _starts(self.text)
        self._odd = _odd_lines(self.text, self._starts)
        self._rows: array[int] | None = None
        """The first row of each line and, behind them, how many there are; None where each line is one row."""
        self._width = 0
        self._chopped = lru_cache(64)(self._chop)

    @property
    def height(self) -> int:
        """How many rows there are."""
        return self._rows[-1] if self._rows is not None else self.lines

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return len(self._starts) - 1

    @property
    def plain(self) -> str:
        """The text itself."""
        return self.text

    def line(self, number: int) -> str:
        """What a line says."""
        return self.text[self._starts[number] : self._starts[number + 1] - 1]

    def given(self, lines: range) -> str:
        """Whole lines as they came, tabs and all."""
        if self.text is self.source:
            return self.text[self._starts[lines.start] : self._starts[lines.stop] - 1]
        return "\n".join(self.source.split("\n")[lines.start : lines.stop])

    def line_with(self, offset: int) -> int:
        """The number of the line that holds a character."""
        return min(bisect_right(self._starts, offset) - 1, self.lines - 1)

    def start_of(self, line: int) -> int:
        """Where a line begins."""
        return self._starts[line]

    def lay(self, width: int) -> None:
        """Lay it out anew for a width in cells."""
        self._width = max(width - 2, 1)
        self._chopped.cache_clear()
        if not self.wraps:
            self._rows = None
            return
        room = self._width
        counts = [
            (length - (length > 1) - 1) // room + 1 for length in map(int.__sub__, self._starts[1:], self._starts)
        ]
        for number in self._odd:
            counts[number] = len(self._chopped(number))
        self._rows = array("Q", accumulate(counts, initial=0))

    def row(self, at: int) -> Line:
        """One row; empty behind the last."""
        if at >= self.height:
            return EMPTY
        first, last = self._part(at)
        text = self.text[first:last]
        if not text:
            return EMPTY
        tone = Tone.BAD if self._marks and self.is_error(self.line_at(at)) else Tone.PLAIN
        return (toned(" "), toned(text, tone))

    def line_at(self, row: int) -> int:
        """The number of the line that the row belongs to."""
        if self._rows is None:
            return min(row, self.lines - 1)
        return min(bisect_right(self._rows, row) - 1, self.lines - 1)

    def row_of(self, line: int) -> int:
        """The first row of a line."""
        return line if self._rows is None else self._rows[line]

    def found(self, row: int, wanted: Wanted) -> list[Span]:
        """Where a row holds a match, or a part of one that goes on in the next row. A row begins with a space."""
        first, last = self._part(row)
        line = self.line_at(row)
        begin, end = self._starts[line], self._starts[line + 1] - 1
        reach = len(wanted.text)
        before = max(first - reach, begin)
        spans = wanted.spans(self.text[before : min(last + reach, end)])
        shift = before - first
        cut = [(max(start + shift, 0), min(over + shift, last - first)) for start, over in spans]
        return [(start + 1, over + 1) for start, over in cut if start < over]

    def is_error(self, line: int) -> bool:
        """Whether a line tells of an error; of a monstrous one only the first part is read."""
        begin, end = self._starts[line], self._starts[line + 1] - 1
        return is_error_line(self.text[begin : min(end, begin + _MOST_READ)])

    def _part(self, row: int) -> Span:
        """Where the row's text stands in the whole."""
        line = self.line_at(row)
        begin, end = self._starts[line], self._starts[line + 1] - 1
        if self._rows is None:
            return begin, min(end, begin + self._width * 4)  # as much as can be seen, and more, of a monstrous line
        part = row - self._rows[line]
        if line in self._odd:
            ends = self._chopped(line)
            return begin + (ends[part - 1] if part else 0), begin + ends[part]
        return begin + part * self._width, min(begin + (part + 1) * self._width, end)

    def _chop(self, line: int) -> list[int]:
        """Where the rows of a line with wide characters end, counted from its begin."""
        text = self.line(line)
        if len(self._odd) <= _MOST_MEASURED:
            return list(accumulate(map(len, wrap(text, self._width))))
        half = max(self._width // 2, 1)
        return [*range(half, len(text), half), len(text)]


def offsets_of(text: str, wanted: Wanted, is_over: Callable[[], bool]) -> Iterator[int]:
    """Where a text holds what is wanted, step by step; ends early when it `is_over`."""
    at = 0
    for part in steps(text):
        if is_over():
            return
        yield from (at + offset for offset in wanted.offsets(part))
        at += len(part)


def _starts(text: str) -> array[int]:
    """Where each line begins; behind them, where one more would."""
    starts = array("Q", [0])
    at = text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    if starts[-1] < len(text) or not text:
        starts.append(len(text) + 1)
    return starts


def _odd_lines(text: str, starts: array[int]) -> frozenset[int]:
    """The lines whose characters are not all one cell wide."""
    if text.isascii():
        return frozenset()
    odd = []
    for number, (start, after) in enumerate(pairwise(starts)):
        if any(cell_len(character) != 1 for character in set(_MAY_BE_ODD.findall(text, start, after - 1))):
            odd.append(number)
    return frozenset(odd)


def lines_with(text: LongText, wanted: Wanted, most: int, is_over: Callable[[], bool]) -> list[int]:
    """The numbers of the lines that hold what is wanted, `most` of them at most; ends early when it `is_over`."""
    found: list[int] = []
    after = -1
    for offset in offsets_of(text.text, wanted, is_over):
        if offset < after:
            continue
        line = text.line_with(offset)
        if len(found) >= most:
            break
        found.append(line)
        after = text.start_of(line + 1)
    return found


def error_after(text: LongText, line: int, is_over: Callable[[], bool]) -> int | None:
    """The next error line behind this one; None where there is none, or when it `is_over`."""
    at, number = text.start_of(line + 1), line + 1
    while at < len(text.text) and not is_over():
        end = text.text.find("\n", at + STEP) + 1 or len(text.text)
        last = text.line_with(end - 1)
        if may_hold_errors(text.text[at:end]):
            found = next((one for one in range(number, last + 1) if text.is_error(one)), None)
            if found is not None:
                return found
        at, number = end, last + 1
    return None


def error_before(text: LongText, line: int, is_over: Callable[[], bool]) -> int | None:
    """The next error line in front of this one; None where there is none, or when it `is_over`."""
    end, number = text.start_of(line), line - 1
    while end > 0 and not is_over():
        at = text.text.rfind("\n", 0, max(end - STEP, 0)) + 1
        first = text.line_with(at)
        if may_hold_errors(text.text[at:end]):
            found = next((one for one in range(number, first - 1, -1) if text.is_error(one)), None)
            if found is not None:
                return found
        end, number = at, first - 1
    return None
