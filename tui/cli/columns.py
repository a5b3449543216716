"""Aligned columns of text that fit a terminal's width, and are whole where there is none."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

_GAP = 2
Painted = Callable[[int, int, str], str]
"""A text in its colour, by its row (the header is -1) and by its column's place among the columns."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `least` is the number of cells it may be cut down to, None for never.

    Where not even the least widths fit, the column with the highest `spare` is left out, then the next; 0 stays.
    """

    title: str
    least: int | None = None
    spare: int = 0


def cells(text: str) -> int:
    """How many terminal cells a text takes."""
    return sum(_cells_of(character) for character in text)


def _cells_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, room: int, ellipsis: str = "…") -> str:
    """The text in at most `room` cells, with an ellipsis where it was cut."""
    if cells(text) <= room:
        return text
    kept, used = "", 0
    for character in text:
        used += _cells_of(character)
        if used > room - 1:
            break
        kept += character
    return f"{kept}{ellipsis}"


def lay_out(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    room: int | None,
    *,
    paint: Painted = lambda _row, _column, text: text,
    ellipsis: str = "…",
) -> Iterator[str]:
    """The header and the rows as lines; columns with nothing in them are left out."""
    used = [index for index in range(len(columns)) if any(row[index] for row in rows)]
    if room is not None:
        used = _that_fit(columns, rows, used, room)
    table = [[columns[index].title for index in used], *([row[index] for index in used] for row in rows)]
    widths = [max(cells(line[place]) for line in table) for place in range(len(used))]
    if room is not None:
        _shrink(widths, [columns[index].least for index in used], room - _GAP * (len(used) - 1))
    for row, line in enumerate(table, -1):
        told, spaces = "", 0  # spaces are never painted, and none stand at the end
        for column, text, width in zip(used, line, widths, strict=True):
            fitted = cut(text, width, ellipsis)
            if fitted:
                told += " " * spaces + paint(row, column, fitted)
                spaces = 0
            spaces += width - cells(fitted) + _GAP
        yield told


def _that_fit(columns: Sequence[Column], rows: Sequence[Sequence[str]], used: list[int], room: int) -> list[int]:
    """The columns that there is room for at their least widths."""
    least = {index: _least(columns[index], [row[index] for row in rows]) for index in used}
    spare = sorted((index for index in used if columns[index].spare), key=lambda index: columns[index].spare)
    while spare and sum(least.values()) + _GAP * (len(least) - 1) > room:
        del least[spare.pop()]
    return list(least)


def _least(column: Column, texts: Sequence[str]) -> int:
    widest = max(map(cells, (column.title, *texts)))
    return widest if column.least is None else min(column.least, widest)


def _shrink(widths: list[int], least: Sequence[int | None], room: int) -> None:
    """Take cells from the widest column that can give some, until all fit or none can give."""
    while sum(widths) > room:
        givers = [index for index, bound in enumerate(least) if bound is not None and widths[index] > bound]
        if not givers:
            return
        widest = max(givers, key=lambda index: widths[index])
        widths[widest] -= 1
