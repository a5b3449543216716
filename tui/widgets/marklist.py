"""A list to choose from: one line an item, with a box to mark it where it can be marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from tui.widgets.glyphs import Glyphs
from tui.widgets.keyed import KeyedLines
from tui.widgets.lines import EMPTY, Line, Tone, fit, line, toned, width_of

_LEAST_TEXT = 12


@dataclass(frozen=True, slots=True)
class Item:
    """One line: what it is, a note at its right, a warning behind it, and whether it can be marked."""

    text: str
    note: str = ""
    markable: bool = True
    warning: Line = EMPTY


class MarkList(KeyedLines[str]):
    """Items by their keys. `boxes` is False for a list of which just one is chosen, by the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "mark", "Mark", show=False)]

    DEFAULT_CSS = """
    MarkList { height: auto; background: $surface; }
    """

    @dataclass
    class Chosen(Message):
        """Enter or a double click."""

        origin: MarkList

        @property
        def control(self) -> MarkList:
            """The list itself."""
            return self.origin

    @dataclass
    class Moved(Message):
        """The cursor stands on another item."""

        origin: MarkList

        @property
        def control(self) -> MarkList:
            """The list itself."""
            return self.origin

    @dataclass
    class Toggled(Message):
        """An item was marked, or its mark taken away."""

        origin: MarkList
        key: str

        @property
        def control(self) -> MarkList:
            """The list itself."""
            return self.origin

    def __init__(self, glyphs: Glyphs, *, id: str, boxes: bool = True, note: int = 24, empty: str = "") -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self.glyphs = glyphs
        self.items: dict[str, Item] = {}
        self.marked: dict[str, None] = {}
        self._boxes = boxes
        self._note = note
        self._longest = self._longest_note = 0
        self._empty = empty

    def fill(self, items: Mapping[str, Item], *, empty: str | None = None) -> None:
        """Show these items; marks of those that are still there stay. `empty` is told where there are none."""
        self.items = dict(items)
        self.marked = {key: None for key in self.marked if key in items and items[key].markable}
        self._empty = self._empty if empty is None else empty
        self._longest = max((cell_len(item.text) for item in items.values()), default=0)
        self._longest_note = max((width_of(_beside(item)) for item in items.values()), default=0)
        self.lay_out(list(items))
        self.refresh()

    def mark(self, keys: Mapping[str, None]) -> None:
        """Have exactly these marked."""
        changed = keys.keys() ^ self.marked.keys()
        self.marked = dict(keys)
        for key in changed:
            self.repaint(key)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The marked items in the list's order, or the one under the cursor where it could be marked."""
        if self.marked:
            return tuple(key for key in self.items if key in self.marked)
        return (self.cursor,) if self.cursor is not None and self.items[self.cursor].markable else ()

    def action_mark(self) -> None:
        """Mark the item under the cursor, or take its mark away."""
        key = self.cursor
        if not self._boxes or key is None or not self.items[key].markable:
            return
        if key in self.marked:
            del self.marked[key]
        else:
            self.marked[key] = None
        self.repaint(key)
        self.post_message(self.Toggled(self, key))

    def draw(self, key: str, width: int, over: str | None) -> Strip:
        """An item's line."""
        item = self.items[key]
        box = ("[x]" if key in self.marked else "[ ]") if self._boxes and item.markable else "   "
        start = f" {box} " if self._boxes else " "
        room = self._room(width - len(start))
        pieces = (toned(start, Tone.KEY), toned(fit(item.text, room, self.glyphs.ellipsis)), *_beside(item))
        return self.strip(pieces, width, over)

    def _room(self, width: int) -> int:
        """Cells for the items' texts; long texts may take cells of the notes as far as no note needs them."""
        return max(width - self._note, min(self._longest, width - self._longest_note), _LEAST_TEXT)

    def draw_empty(self, y: int, width: int) -> Strip:
        """Why there is nothing to choose from."""
        return self.strip(line(f" {self._empty}" if y == 0 else "", Tone.DIM), width)

    def cursor_moved(self) -> None:
        """Tell that another item is meant."""
        self.post_message(self.Moved(self))

    def chosen(self) -> None:
        """Tell that it is this one."""
        self.post_message(self.Chosen(self))


def _beside(item: Item) -> Line:
    """What stands at the right of an item's text."""
    return (toned(f"  {item.note}" if item.note else "", Tone.DIM), *item.warning)
