"""A list of lines whose cursor and scroll belong to keys, never to line numbers."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import chain
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.strip import Strip

from tui.widgets.actions import Place, bindings
from tui.widgets.paint import CURSOR, CURSOR_AWAY
from tui.widgets.scrolling import Scrolling

K = TypeVar("K", bound=Hashable)


class KeyedLines(Scrolling, Generic[K], can_focus=True):
    """One line a key. A subclass draws the lines and hears of moves through `cursor_moved` and `chosen`."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.LIST)]

    DEFAULT_CSS = """
    KeyedLines {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        background: $background;
    }
    """

    head: ClassVar[int] = 0
    """1 when a line on top stays while the others scroll, else 0."""

    away: ClassVar[str | None] = CURSOR_AWAY
    """How the cursor's line looks while keys go elsewhere."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's own name for it
        super().__init__(id=id)
        self.keys: list[K] = []
        self.cursor: K | None = None
        self._places: dict[K, int] = {}
        self._missed: K | None = None
        """The key that the cursor stood on before it was hidden; the user has not moved since."""
        self._top: K | None = None
        """The key that is to stand on top as soon as it is there."""

    def draw(self, key: K, width: int, over: str | None) -> Strip:
        """The line of a key; `over` is the style laid over it."""
        raise NotImplementedError

    def draw_head(self, width: int) -> Strip:
        """The line that stays on top."""
        raise NotImplementedError

    def draw_empty(self, y: int, width: int) -> Strip:
        """A line of the text that stands where no keys are; `y` counts from 0."""
        raise NotImplementedError

    def cursor_moved(self) -> None:
        """The cursor stands on another key, or on none."""

    def cursor_lost(self, key: K) -> None:
        """The key under the cursor has left the lines."""

    def cursor_back(self) -> None:
        """The key that the cursor had lost is back, and the cursor is on it."""

    def head_clicked(self, x: int) -> None:
        """A click on the line that stays on top, so many cells from the left."""

    def can_hold(self, key: K) -> bool:  # noqa: ARG002  # a subclass asks for it
        """Whether the cursor can stand on this key."""
        return True

    def chosen(self) -> None:
        """Enter or a double click on the cursor's line."""

    # ── the keys and their places ──

    def lay_out(self, keys: Sequence[K]) -> bool:
        """Show these keys in this order; returns whether anything moved.

        Cursor and scroll follow their key; a lost cursor goes to a neighbour. Only lines that differ are painted.
        """
        if keys == self.keys:
            return False
        before, cursor, top = self.keys, self.cursor, self.scroll_offset.y
        anchor = self._anchor()
        self.keys = list(keys)
        self._places = {key: place for place, key in enumerate(self.keys)}
        self._place_cursor(before)
        self._fit_height()
        self._restore_scroll(anchor)
        self._recall_top()
        self._repaint_moved(before, cursor, top)
        if cursor != self.cursor:
            self.cursor_moved()
        return True

    def _fit_height(self) -> None:
        """Tell the scroll bar how many lines there are.

        Only when the bar comes or goes Textual lays the screen out anew: that sends the whole screen.
        """
        size = Size(self.size.width, len(self.keys) + self.head)
        if self.show_vertical_scrollbar and size.height > self.container_size.height:
            self.set_reactive(KeyedLines.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
        elif size.height != self.virtual_size.height:
            self.virtual_size = size

    def _repaint_moved(self, before: Sequence[K], cursor: K | None, top: int) -> None:
        """Paint the lines that show another key than before; a scroll paints them all by itself."""
        if self.scroll_offset.y != top or not before or not self.keys:
            self.refresh()
            return
        for place in range(top, top + self.rows_in_view):
            old, new = before[place : place + 1], self.keys[place : place + 1]
            if old != new or (cursor != self.cursor and new and new[0] in (cursor, self.cursor)):
                self.refresh(Region(0, place - top + self.head, self.size.width, 1))

    def recall(self, cursor: K | None, top: K | None) -> None:
        """Have the cursor on this key and that one on top as soon as they are there, unless the user moves before."""
        self._missed, self._top = cursor, top

    def _recall_top(self) -> None:
        if self._top is None or not self.keys or not self.size.height:
            return
        place, self._top = self._places.get(self._top), None
        if place is not None:
            self.scroll_to(y=place, animate=False, force=True)

    def _place_cursor(self, before: Sequence[K]) -> None:
        """Leave the cursor on its key; without it go to a neighbour, and back when the key returns meanwhile."""
        if self._missed is not None and self._missed in self._places:
            self.cursor, self._missed = self._missed, None
            self.cursor_back()
        if self.cursor is not None and self.cursor in self._places:
            if not self.can_hold(self.cursor):  # a group's line that was unfolded: its jobs are shown now
                self.cursor = self._neighbour(self.keys, self._places[self.cursor])
            return
        lost = self.cursor
        self._missed = self._missed or lost
        self.cursor = self._neighbour(before, before.index(lost) if lost is not None else 0)
        if lost is not None:
            self.cursor_lost(lost)

    def _anchor(self) -> tuple[K, int] | None:
        """A key and how far below the top edge it stands; None while the top of the list is in sight."""
        top = self.scroll_offset.y
        if top == 0 or top >= len(self.keys):
            return None
        place = self._places.get(self.cursor, -1) if self.cursor is not None else -1
        if not self._in_view(place):
            return self.keys[top], 0
        return self.keys[place], place - top

    def _restore_scroll(self, anchor: tuple[K, int] | None) -> None:
        """Put the anchor where it was. With the top in sight the top stays, as long as the cursor is on the screen."""
        if anchor is None:
            self.show_cursor()
            return
        key, offset = anchor
        place = self._places.get(key)
        if place is None and self.cursor is not None:
            place = self._places.get(self.cursor)
        if place is not None:
            self.scroll_to(y=max(place - offset, 0), animate=False, force=True)

    def _neighbour(self, before: Sequence[K], place: int) -> K | None:
        near = chain(before[place:], reversed(before[:place]), self.keys)
        return next((key for key in near if key in self._places and self.can_hold(key)), None)

    def place_of(self, key: K) -> int | None:
        """The line number of a key, None when it is not shown."""
        return self._places.get(key)

    # ── painting ──

    @property
    def rows_in_view(self) -> int:
        """How many keys fit on the screen at once."""
        return max(self.scrollable_content_region.height - self.head, 1)

    def _in_view(self, place: int) -> bool:
        return self.scroll_offset.y <= place < self.scroll_offset.y + self.rows_in_view

    @property
    def cursor_row(self) -> int:
        """The row of the screen on which the cursor stands, or the list begins."""
        place = self._places.get(self.cursor) if self.cursor is not None else None
        return self.region.y if place is None else self.region.y + self.head + place - self.scroll_offset.y

    def keys_in_view(self) -> list[K]:
        """The keys that are on the screen now."""
        top = self.scroll_offset.y
        return self.keys[top : top + self.rows_in_view]

    def repaint(self, key: K) -> None:
        """Paint one key's line again; costs nothing when it is not on the screen."""
        place = self._places.get(key)
        if place is not None and self._in_view(place):
            self.refresh(Region(0, place - self.scroll_offset.y + self.head, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width = self.scrollable_content_region.width
        if y < self.head:
            return self.draw_head(width)
        place = y - self.head + self.scroll_offset.y
        if place >= len(self.keys):
            return self.draw_empty(y - self.head, width) if not self.keys else self.strip((), width)
        key = self.keys[place]
        over = None
        if key == self.cursor:
            over = CURSOR if self.has_focus else self.away
        return self.draw(key, width, over)

    # ── moving ──

    def move_to(self, place: int) -> None:
        """Put the cursor on the key of this line, or on the nearest that can hold it."""
        place = max(min(place, len(self.keys) - 1), 0)
        self._select_first(chain(range(place, len(self.keys)), range(place - 1, -1, -1)))

    def _select_first(self, places: Iterable[int]) -> None:
        found = next((place for place in places if self.can_hold(self.keys[place])), None)
        if found is not None:
            self.select(self.keys[found])

    def select(self, key: K) -> None:
        """Put the cursor on a key that is shown."""
        old = self.cursor
        if key == old or key not in self._places:
            return
        self.cursor, self._missed, self._top = key, None, None
        if old is not None:
            self.repaint(old)
        self.repaint(key)
        self.show_cursor()
        self.cursor_moved()

    def show_cursor(self) -> None:
        """Scroll no further than needed to see the cursor's line."""
        place = self._places.get(self.cursor) if self.cursor is not None else None
        if place is None or self._in_view(place):
            return
        top = place - self.rows_in_view + 1
        if place < self.scroll_offset.y:
            top = place
            while top > 0 and not self.can_hold(self.keys[top - 1]):
                top -= 1  # what stands above it and cannot be gone to is shown with it
        self.scroll_to(y=top, animate=False, force=True)

    def _move_by(self, lines: int) -> None:
        """Move by so many lines, past those that cannot hold the cursor, and never in the other direction."""
        if not self.keys:
            return
        last = len(self.keys) - 1
        old = self._places.get(self.cursor, 0) if self.cursor is not None else 0
        place = min(max(old + lines, 0), last)
        if lines > 0:
            self._select_first(chain(range(place, last + 1), range(place, old, -1)))
        else:
            self._select_first(chain(range(place, -1, -1), range(place, old)))

    async def action_run(self, name: str) -> None:
        """Carry out one of the list's own actions."""
        page = max(self.rows_in_view - 1, 1)
        steps = {"up": -1, "down": 1, "page_up": -page, "page_down": page}
        if name in steps:
            self._move_by(steps[name])
        elif name == "first":
            self.move_to(0)
        elif name == "last":
            self.move_to(len(self.keys) - 1)
        elif name == "open":
            self.chosen()

    def on_resize(self) -> None:
        """Keep the cursor's line on the screen in the new size."""
        self.virtual_size = Size(self.size.width, len(self.keys) + self.head)
        self.show_cursor()
        self._recall_top()

    def on_focus(self) -> None:
        """Show the cursor as the one that keys move."""
        if self.cursor is not None:
            self.repaint(self.cursor)

    def on_blur(self) -> None:
        """Show that keys go elsewhere."""
        if self.cursor is not None:
            self.repaint(self.cursor)

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a double click opens."""
        if event.y < self.head:
            self.head_clicked(event.x)
        place = event.y - self.head + self.scroll_offset.y
        if event.y >= self.head and place < len(self.keys) and self.can_hold(self.keys[place]):
            self.move_to(place)
            if event.chain == 2:
                self.chosen()
