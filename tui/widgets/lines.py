"""Lines of toned text, before they become strips: plain data that is built and tested without a screen.

A line is a tuple of pieces, a piece is a safe text with a tone; `toned` makes one of any text. Widths are terminal
cells, so wide characters count two.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from tui.model import Safe
from tui.text import safe_line

_LONGEST = 4000
"""Characters of a piece: more than any terminal has cells in a row."""
_SHORT = 40


class Tone(StrEnum):
    """What a text means; the theme decides how that looks."""

    PLAIN = "plain"
    DIM = "dim"
    STRONG = "strong"
    HEAD = "head"
    KEY = "key"
    GOOD = "good"
    BAD = "bad"
    WARN = "warn"
    RUN = "run"
    WAIT = "wait"
    TAB = "tab"
    FOUND = "found"


class Piece(NamedTuple):
    """A text in one tone."""

    text: Safe
    tone: Tone = Tone.PLAIN


Line = tuple[Piece, ...]

EMPTY: Line = ()


def toned(text: str, tone: Tone = Tone.PLAIN) -> Piece:
    """A piece of any text, ours or not: no terminal obeys it."""
    if len(text) <= _SHORT and not text.isascii():
        return Piece(_seen_before(text), tone)
    return Piece(safe_line(text, _LONGEST), tone)


@lru_cache(maxsize=1024)
def _seen_before(text: str) -> Safe:
    """Signs and bars come again and again."""
    return safe_line(text)


def line(text: str, tone: Tone = Tone.PLAIN) -> Line:
    """A line of one piece, of any text."""
    return (toned(text, tone),)


def width_of(pieces: Line) -> int:
    """The line's width in cells."""
    return sum(cell_len(piece.text) for piece in pieces)


def fit(text: str, width: int, ellipsis: str) -> str:
    """The text in exactly `width` cells: padded, or cut with an ellipsis."""
    if width <= 0:
        return ""
    if text.isascii() and "\n" not in text:
        length = len(text)
        return text.ljust(width) if length <= width else text[: width - 1] + ellipsis
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - 1) + ellipsis


def fit_line(pieces: Line, width: int, ellipsis: str) -> Line:
    """The line in exactly `width` cells, its last visible piece cut with an ellipsis where it is too long."""
    kept: list[Piece] = []
    left = width
    for piece in pieces:
        length = cell_len(piece.text)
        if length > left:
            kept.append(toned(fit(piece.text, left, ellipsis), piece.tone))
            return tuple(kept)
        kept.append(piece)
        left -= length
    if left:
        kept.append(toned(" " * left))
    return tuple(kept)


def spread(start: Line, end: Line, width: int, ellipsis: str) -> Line:
    """`start` at the left and `end` at the right of a line of `width` cells; `end` goes first when both do not fit."""
    taken = width_of(end)
    if width_of(start) + taken + 1 > width:
        return fit_line(start, width, ellipsis)
    return (*fit_line(start, width - taken, ellipsis), *end)


def wrap(text: str, width: int) -> list[str]:
    """A text's lines in pieces of at most `width` cells; tabs become spaces."""
    width = max(width, 1)
    out: list[str] = []
    for raw in text.split("\n"):
        row = raw.expandtabs(8)
        if row.isascii():
            out.extend(row[at : at + width] for at in range(0, len(row) or 1, width))
        else:
            out.extend(_chop(row, width))
    return out


def wrap_words(text: str, width: int) -> list[str]:
    """Like `wrap`, but lines break between words where that is possible."""
    out: list[str] = []
    for row in text.split("\n"):
        current = ""
        for word in row.split(" "):
            joined = f"{current} {word}" if current else word
            if cell_len(joined) <= width:
                current = joined
                continue
            if current:
                out.append(current)
            *full, current = wrap(word, width)
            out.extend(full)
        out.append(current)
    return out


def _chop(text: str, width: int) -> list[str]:
    out: list[str] = []
    start = used = 0
    for at, character in enumerate(text):
        size = cell_len(character)
        if used + size > width and at > start:
            out.append(text[start:at])
            start, used = at, 0
        used += size
    out.append(text[start:])
    return out
