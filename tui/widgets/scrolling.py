"""Lines that scroll for little: a key held down in a list must not hold up the screen's loop."""

from __future__ import annotations

from typing import Any

from textual._styles_cache import StylesCache
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from tui.widgets.paint import Painted, thumb_at


class _Bare(StylesCache):
    """Takes a line as it is drawn: nothing stands around the lines, and one that scrolls keeps its strip.

    Textual makes each line anew wherever it comes to stand, which was most of the cost. A test pins the private names.
    """

    def render_line(self, *told: Any) -> Strip:
        """A line as wide as what it stands in, the place of the scroll bar included."""
        _, y, _, content, _, base, background, draw, *_ = told
        inner, _ = self.get_inner_outer(base, background)
        strip: Strip = draw(y)
        return strip.adjust_cell_length(content.width, inner.rich_style)


class Scrolling(Painted, ScrollView):
    """A widget without border and padding that draws lines itself."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's own name for it
        super().__init__(id=id)
        self._styles_cache = _Bare()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Textual's; but the scroll bar is painted only when its thumb stands elsewhere."""
        if self.show_vertical_scrollbar:
            bar = self.vertical_scrollbar
            if _thumb(bar, old_value) == _thumb(bar, new_value):
                bar.set_reactive(ScrollBar.position, new_value)
            else:
                bar.position = new_value
        if round(old_value) != round(new_value):
            self.refresh(self.size.region)


def _thumb(bar: ScrollBar, position: float) -> tuple[int, int] | None:
    if not 0 < bar.window_size < bar.window_virtual_size:
        return None
    return thumb_at(bar.size.height, bar.window_virtual_size, bar.window_size, position)
