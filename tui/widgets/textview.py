"""A scrolling text of toned lines; only the lines in sight are ever drawn, so a big report costs little."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.actions import bindings
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import EMPTY, Line
from tui.widgets.paint import Painted

Build = Callable[[int], list[Line]]
"""Makes the lines for a width in cells."""

_MOVES = ("up", "down", "page_up", "page_down", "first", "last")


class TextView(Painted, ScrollView, can_focus=True):
    """Shows what a builder makes for the present width."""

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
        self._build: Build = lambda _width: []
        self._lines: list[Line] = []

    @property
    def plain(self) -> str:
        """What it says, without tones."""
        return "\n".join("".join(piece.text for piece in pieces) for pieces in self._lines)

    def show(self, build: Build, *, top: bool = False) -> None:
        """Show another text; the scroll stays unless `top` is set. A text that is the same sends nothing."""
        self._build = build
        lines = self._make()
        if top:
            self.scroll_to(y=0, animate=False, force=True)
        elif lines == self._lines:
            return
        self._use(lines)

    def _make(self) -> list[Line]:
        """The lines for the present width; none before there is one."""
        width = self.size.width - 1
        return self._build(width) if width > 0 else []

    def _use(self, lines: list[Line]) -> None:
        old, self._lines = self._lines, lines
        if len(lines) != len(old):
            self.virtual_size = Size(self.size.width, len(lines))
            self.refresh()
            return
        top = self.scroll_offset.y
        for place in range(top, min(top + self.size.height, len(lines))):
            if lines[place] != old[place]:
                self.refresh(Region(0, place - top, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width = self.scrollable_content_region.width
        place = y + self.scroll_offset.y
        return self.strip(self._lines[place] if place < len(self._lines) else EMPTY, width)

    async def action_run(self, name: str) -> None:
        """Scroll."""
        page = max(self.size.height - 1, 1)
        steps = {"up": -1, "down": 1, "page_up": -page, "page_down": page}
        places = {"first": 0, "last": len(self._lines)}
        y = self.scroll_offset.y + steps[name] if name in steps else places[name]
        self.scroll_to(y=y, animate=False, force=True)

    def on_resize(self, event: events.Resize) -> None:
        """Break the text for the new width."""
        self.virtual_size = Size(event.size.width, len(self._lines))
        self._use(self._make())
        self.virtual_size = Size(event.size.width, len(self._lines))
