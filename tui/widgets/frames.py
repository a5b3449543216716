"""What stands on the terminal's screen and what ought to: only the cells that differ are sent.

Textual sends each dirty line from its widget's left edge, and its first screen four times over. Here its updates are
laid into a grid of cells, `frame` says what takes the terminal from the one grid to the other, and nothing is lost when
frames are left out: the next one makes up for them all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rich.color import ColorSystem
from rich.segment import Segment
from textual._compositor import ChopsUpdate, LayoutUpdate

from tui.widgets.cells import Cell, cells_of
from tui.widgets.pen import PLAIN, RESET, Pen

Update = LayoutUpdate | ChopsUpdate
KNOWN_UPDATES = (LayoutUpdate, ChopsUpdate)

_BLANK = Cell(" ", PLAIN)
_NEAR = 4
"""To send so many equal cells costs no more than to move the cursor past them."""
_SURE = re.compile(
    "[ -~\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u2010-\u2319\u231c-\u2328\u232b-\u23e8\u2400-\u25fc\u25ff"
    "\u2713\u2717\u3041-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]?"
)
"""What all terminals give the same width; after anything else the cursor is placed anew."""


class Frames:
    """The grid of cells that the terminal shows, and the grid that it should show."""

    def __init__(self) -> None:
        self.size = (0, 0)
        self._wanted: list[list[Cell]] = []
        self._sent: list[list[Cell] | None] = []
        """What the terminal shows, line by line; None where that is not known."""
        self._dirty: set[int] = set()

    def forget(self) -> None:
        """Nobody knows what the terminal shows: the next frame sends everything."""
        self._sent = [None] * len(self._wanted)
        self._dirty = set(range(len(self._wanted)))

    def drop(self) -> None:
        """Forget both grids: Textual itself draws from now on."""
        self.size = (0, 0)
        self._wanted, self._sent = [], []
        self._dirty.clear()

    def take(self, update: Update, colours: ColorSystem) -> None:
        """Lay in what Textual wants to be shown."""
        self._fit(_size_of(update))
        for x, y, segments in _placed(update):
            self._put(x, y, segments, colours)

    def frame(self) -> str:
        """What to send now; empty when the terminal shows all of it already."""
        out: list[str] = []
        pen = PLAIN
        for y in sorted(self._dirty):
            wanted, sent = self._wanted[y], self._sent[y]
            if wanted != sent:
                pen = _say_line(out, y, wanted, sent, pen)
                self._sent[y] = wanted.copy()
        self._dirty.clear()
        if pen is not PLAIN:
            out.append(RESET)
        return "".join(out)

    def _fit(self, size: tuple[int, int]) -> None:
        if size == self.size:
            return
        self.size = size
        width, height = size
        self._wanted = [[_BLANK] * width for _ in range(height)]
        self.forget()

    def _put(self, x: int, y: int, segments: Iterable[Segment], colours: ColorSystem) -> None:
        row = self._wanted[y]
        cells: list[Cell] = []
        for text, style, control in segments:
            if not control:
                cells.extend(cells_of(text, style, colours))
        end = min(x + len(cells), len(row))
        for half in (x - 1, x) if x and not row[x].text else ():
            row[half] = Cell(" ", row[half].pen)
        if end < len(row) and not row[end].text:
            row[end] = Cell(" ", row[end].pen)
        row[x:end] = cells[: end - x]
        self._dirty.add(y)


def _size_of(update: Update) -> tuple[int, int]:
    if isinstance(update, LayoutUpdate):
        return update.region.right, update.region.bottom
    return update.chop_ends[0][-1] if update.chop_ends else 0, len(update.chops)


def _placed(update: Update) -> Iterator[tuple[int, int, Iterable[Segment]]]:
    """The strips of an update, each with the place of its first cell."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in strips:
                yield x, y, strip
                x += strip.cell_length
        return
    for y, start, end in update.spans:
        for right, (x, piece) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if piece is not None and x < end and right > start:
                yield x, y, piece if right <= end else piece.crop(0, end - x)


def _say_line(out: list[str], y: int, wanted: list[Cell], sent: list[Cell] | None, pen: Pen) -> Pen:
    """Add what makes the line as wanted; returns the pen that is left."""
    at: int | None = None
    """Where the cursor is known to stand in this line."""
    for start, end in _spans(wanted, sent):
        out.append(f"\x1b[{y + 1};{start + 1}H" if at is None else f"\x1b[{start - at}C")
        at = end
        for x in range(start, end):
            text, next_pen = wanted[x]
            if not text:
                continue
            if at is None:
                out.append(f"\x1b[{y + 1};{x + 1}H")
            if next_pen is not pen:
                out.append(next_pen.after(pen))
                pen = next_pen
            is_sure = text.isascii() or _SURE.fullmatch(text)
            if not is_sure and x + 1 < end and not wanted[x + 1].text:
                # Where the terminal gives it one cell, the other must not show what stood there.
                out.append(f"  \x1b[{y + 1};{x + 1}H")
            out.append(text)
            at = end if is_sure else None
    return pen


def _spans(wanted: list[Cell], sent: list[Cell] | None) -> Iterator[tuple[int, int]]:
    """The parts of a line that differ, close ones as one; never half a wide character."""
    width = len(wanted)
    if sent is None:
        yield 0, width
        return
    start = end = -1
    for x in [x for x, (new, old) in enumerate(zip(wanted, sent, strict=True)) if new != old]:
        left, right = x, x + 1
        while left and not (wanted[left].text and sent[left].text):
            left -= 1
        while right < width and not (wanted[right].text and sent[right].text):
            right += 1
        if start >= 0 and left - end > _NEAR:
            yield start, end
            start = -1
        start = left if start < 0 else min(start, left)
        end = max(end, right)
    if start >= 0:
        yield start, end
