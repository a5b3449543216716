"""A text as the cells of a terminal, each made once for its style: a frame has thousands of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style

from tui.widgets.pen import Pen, pen_of


class Cell(NamedTuple):
    """One cell; the right half of a wide character has an empty text."""

    text: str
    pen: Pen


_SPECIAL = re.compile("[\u200d\ufe0f]")
"""Characters that change the width of their neighbours."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
NARROW = re.compile("[ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u2010-\u2027\u2190-\u22ff\u2500-\u25fc\u2713\u2717]*")
"""Texts in which every character fills one cell: nearly all that is ever shown."""
_KEPT = 512
"""So many cells of one style are kept."""


class _Drawn(dict[str, Cell]):
    """The cells of one style by their texts."""

    def __init__(self, pen: Pen) -> None:
        super().__init__()
        self._pen = pen

    def __missing__(self, text: str) -> Cell:
        cell = Cell(text, self._pen)
        if len(self) < _KEPT:
            self[text] = cell
        return cell


@lru_cache(maxsize=256)
def _drawn_in(style: Style | None, colours: ColorSystem) -> _Drawn:
    return _Drawn(pen_of(style, colours))


def cells_of(text: str, style: Style | None, colours: ColorSystem) -> Iterable[Cell]:
    """A text in cells, by the same widths as Textual's; what would control the terminal is a question mark."""
    drawn = _drawn_in(style, colours)
    return map(drawn.__getitem__, text) if NARROW.fullmatch(text) else _by_width(_CONTROL.sub("?", text), drawn)


def _by_width(text: str, drawn: _Drawn) -> list[Cell]:
    cells: list[Cell] = []
    special = _SPECIAL.search(text) is not None
    before = 0
    for at, character in enumerate(text):
        if special:
            after = cell_len(text[: at + 1])
            width, before = after - before, after
        else:
            width = cell_len(character)
        if width and character != "\ufe0f":
            cells.append(drawn[character])
            cells.extend([drawn[""]] * (width - 1))
        elif cells:
            lead = next(place for place in range(len(cells) - 1, -1, -1) if cells[place].text)
            cells[lead] = drawn[cells[lead].text + character]
            cells.extend([drawn[""]] * width)
    return cells
