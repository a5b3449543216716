"""A scrolling text of toned lines; only the lines in sight are ever drawn, so a big report costs little."""

from __future__ import annotations

from itertools import takewhile
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.actions import bindings
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import Line, Tone
from tui.widgets.paint import CURSOR, CURSOR_AWAY, Painted
from tui.widgets.sheet import Build, Rows, Sheet, Wanted, lit

_MOVES = ("up", "down", "page_up", "page_down", "first", "last")
_FEW = 1000
"""So many selected lines are told apart one by one."""
_ABOVE = 3
"""So many rows stay in sight above one that is gone to."""


class TextView(Painted, ScrollView, can_focus=True):
    """Shows a sheet, most often what a builder makes for the present width."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(names=_MOVES)]

    DEFAULT_CSS = """
    TextView {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        background: $background;
    }
    """

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self.glyphs = glyphs
        self.sheet: Sheet = Rows(lambda _width: [])
        self._wanted = Wanted("")
        self._target: int | None = None
        """The line that was gone to."""
        self._selected = range(0)

    @property
    def plain(self) -> str:
        """What it says, without tones."""
        return self.sheet.plain

    @property
    def at_end(self) -> bool:
        """Whether the last row is in sight."""
        return self.scroll_offset.y + self.size.height >= self.sheet.height

    @property
    def target(self) -> int | None:
        """The line that was gone to, while it is in sight."""
        top = self.scroll_offset.y
        is_seen = self._target is not None and top <= self.sheet.row_of(self._target) < top + self.size.height
        return self._target if is_seen else None

    @property
    def line(self) -> int:
        """The line that was gone to, else the first in sight."""
        return self.target if self.target is not None else self.sheet.line_at(self.scroll_offset.y)

    def show(self, build: Build, *, top: bool = False) -> bool:
        """Show what a builder makes; the scroll stays unless `top` is set. Says whether anything is different now.

        A text that is the same sends nothing.
        """
        fresh = Rows(build)
        fresh.lay(self._room)
        old = self.sheet
        if isinstance(old, Rows) and not top and len(old.lines) == len(fresh.lines):
            self.sheet = fresh
            self._repaint(old.lines, fresh.lines)
            return old.lines != fresh.lines
        self._use(fresh, top=top)
        return True

    def show_sheet(self, sheet: Sheet, *, top: bool = False) -> None:
        """Show another sheet; the scroll stays unless `top` is set."""
        sheet.lay(self._room)
        self._use(sheet, top=top)

    def lay_anew(self) -> None:
        """Lay the sheet out again, and stay at the line that is in sight."""
        line = self.line
        self.sheet.lay(self._room)
        self._resized()
        self.scroll_to(y=self.sheet.row_of(min(line, self.sheet.line_at(self.sheet.height))), animate=False, force=True)

    def light(self, wanted: Wanted) -> None:
        """Highlight every match."""
        self._wanted = wanted
        self.refresh()

    def go_to(self, line: int | None) -> None:
        """Bring a line into sight and mark it; None takes the mark away."""
        old, self._target = self._target, line
        if line is not None:
            row, top, height = self.sheet.row_of(line), self.scroll_offset.y, self.size.height
            if not top <= row < top + height:
                self.scroll_to(y=max(row - _ABOVE, 0), animate=False, force=True)
        for one in {old, line} - {None}:
            self._refresh_line(one)

    @property
    def last_line(self) -> int:
        """The number of the last line."""
        return self.sheet.line_at(max(self.sheet.height - 1, 0))

    def select(self, lines: range) -> None:
        """Have these lines stand out, and no others; only those that change are painted."""
        changed = {*self._selected} ^ {*lines} if len(lines) < _FEW and len(self._selected) < _FEW else None
        self._selected = lines
        if changed is None:
            self.refresh()
            return
        for one in changed:
            self._refresh_line(one)

    def bring_into_view(self, line: int) -> None:
        """Scroll no further than needed to see a line."""
        row, top, height = self.sheet.row_of(line), self.scroll_offset.y, self.size.height
        if row < top or row >= top + height:
            self.scroll_to(y=row if row < top else row - height + 1, animate=False, force=True)

    def mark(self, line: int | None) -> None:
        """Mark a line where it stands, in sight or not."""
        old, self._target = self._target, line
        if line != old:
            for one in (old, line):
                self._refresh_line(one)

    def go_to_top(self) -> None:
        """Bring the first row into sight."""
        self.scroll_to(y=0, animate=False, force=True)

    def go_to_end(self) -> None:
        """Bring the last row into sight."""
        self.scroll_to(y=self.sheet.height, animate=False, force=True)

    @property
    def _room(self) -> int:
        """Cells for the text, beside the scroll bar."""
        return self.size.width - 1

    def _use(self, sheet: Sheet, *, top: bool) -> None:
        self.sheet = sheet
        if top or (self._target is not None and self._target > sheet.line_at(sheet.height)):
            self._target = None  # a text that began anew is shorter
        last = 0 if top else max(sheet.height - self.size.height, 0)
        if top or self.scroll_offset.y > last:
            self.scroll_to(y=last, animate=False, force=True)
        self._resized()

    def _resized(self) -> None:
        self.virtual_size = Size(self.size.width, self.sheet.height)
        self.refresh()

    def _repaint(self, old: list[Line], new: list[Line]) -> None:
        """Send only what differs, from the first cell to the last that does."""
        top = self.scroll_offset.y
        for place in range(top, min(top + self.size.height, len(new))):
            if new[place] != old[place]:
                first, last = _differing(old[place], new[place])
                self.refresh(Region(first, place - top, last - first, 1))

    def _refresh_line(self, line: int | None) -> None:
        if line is not None:
            row = self.sheet.row_of(min(line, self.sheet.line_at(self.sheet.height)))
            self.refresh(Region(0, row - self.scroll_offset.y, self.size.width, self.size.height))

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width = self.scrollable_content_region.width
        place = y + self.scroll_offset.y
        pieces = self.sheet.row(place)
        if place >= self.sheet.height:
            return self.strip(pieces, width)
        if self._wanted.text:
            pieces = lit(pieces, self.sheet.found(place, self._wanted), Tone.FOUND)
        if not self._selected and self._target is None:
            return self.strip(pieces, width)
        line = self.sheet.line_at(place)
        over = None
        if line in self._selected or line == self._target:
            over = CURSOR if self.has_focus else CURSOR_AWAY
        return self.strip(pieces, width, over)

    def on_focus(self) -> None:
        """Show the line that was gone to as the one that keys are for."""
        self._refresh_line(self._target)

    def on_blur(self) -> None:
        """Show that keys go elsewhere."""
        self._refresh_line(self._target)

    async def action_run(self, name: str) -> None:
        """Scroll."""
        page = max(self.size.height - 1, 1)
        steps = {"up": -1, "down": 1, "page_up": -page, "page_down": page}
        places = {"first": 0, "last": self.sheet.height}
        y = self.scroll_offset.y + steps[name] if name in steps else places[name]
        self.scroll_to(y=y, animate=False, force=True)

    def on_resize(self, event: events.Resize) -> None:
        """Break the text for the new width."""
        self.sheet.lay(event.size.width - 1)
        self.virtual_size = Size(event.size.width, self.sheet.height)
        self.refresh()


def _differing(old: Line, new: Line) -> tuple[int, int]:
    """From which cell to which two lines differ; pieces count whole where their tones do."""
    first = 0
    for one, other in zip(old, new, strict=False):
        if one == other:
            first += cell_len(one.text)
            continue
        if one.tone is other.tone:
            shared = takewhile(lambda pair: pair[0] == pair[1], zip(one.text, other.text, strict=False))
            first += cell_len("".join(character for character, _ in shared))
        break
    return first, max(sum(cell_len(piece.text) for piece in each) for each in (old, new))
