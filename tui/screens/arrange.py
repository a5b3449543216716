"""The dialogs that choose how the job table is sorted, and which columns it shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from tui.screens.dialog import Dialog, words
from tui.widgets.columns import ALWAYS, Column
from tui.widgets.glyphs import Glyphs
from tui.widgets.marklist import Item, MarkList
from tui.widgets.order import Order, SortBy


class OrderDialog(Dialog[Order]):
    """Chooses the column to sort by; choosing the present one again reverses the order."""

    AUTO_FOCUS = "#orders"

    DEFAULT_CSS = """
    OrderDialog > .box { width: 60; }
    """

    def __init__(self, order: Order, glyphs: Glyphs) -> None:
        super().__init__("Sort the jobs by", glyphs)
        self._order = order
        self._list = MarkList(glyphs, id="orders", boxes=False, note=34)

    def inside(self) -> list[Widget]:
        """The columns, each with what it puts first."""
        return [self._list, words("Enter sorts by it; the same once more turns it round.", classes="hint")]

    def on_mount(self) -> None:
        """Show them with the cursor on the one in force."""
        self._list.fill({by.value: self._item(by) for by in SortBy})
        self._list.select(self._order.by.value)

    def _item(self, by: SortBy) -> Item:
        if by is not self._order.by:
            return Item(f"  {by.value}", by.first)
        sign = self.glyphs.arrow_up if self._order.reverse else self.glyphs.arrow
        return Item(f"{sign} {by.value}", f"{by.first}, turned round" if self._order.reverse else by.first)

    @on(MarkList.Chosen)
    def _chosen(self) -> None:
        if self._list.cursor is not None:
            self.dismiss(self._order.chosen(SortBy(self._list.cursor)))


class ColumnsDialog(Dialog[tuple[Column, ...]]):
    """Chooses the columns. Job and State always stay; a narrow screen leaves out what does not fit."""

    AUTO_FOCUS = "#columns"

    BINDINGS: ClassVar[list[BindingType]] = [("left_square_bracket", "move(-1)"), ("right_square_bracket", "move(1)")]

    DEFAULT_CSS = """
    ColumnsDialog > .box { width: 60; }
    """

    def __init__(self, columns: Sequence[Column], glyphs: Glyphs) -> None:
        super().__init__("Columns of the job table", glyphs)
        self._shown = tuple(columns)
        others = [column for column in Column if column not in columns]
        self._order = [*columns, *others]
        self._list = MarkList(glyphs, id="columns", note=16)

    def inside(self) -> list[Widget]:
        """The columns from left to right."""
        hint = "Space shows or hides, [ and ] move it, Enter takes them."
        return [self._list, words(hint, classes="hint")]

    def on_mount(self) -> None:
        """Tick those that are shown."""
        self._fill()
        self._list.mark({column.name: None for column in self._shown if column not in ALWAYS})

    def _fill(self) -> None:
        self._list.fill(
            {
                column.name: Item(column.value, "always" if column in ALWAYS else "", markable=column not in ALWAYS)
                for column in self._order
            }
        )

    def action_move(self, steps: int) -> None:
        """Move the column under the cursor."""
        if self._list.cursor is None:
            return
        column = Column[self._list.cursor]
        place = self._order.index(column)
        self._order.remove(column)
        self._order.insert(min(max(place + steps, 0), len(self._order)), column)
        self._fill()

    @on(MarkList.Chosen)
    def _chosen(self) -> None:
        marked = self._list.marked
        self.dismiss(tuple(column for column in self._order if column in ALWAYS or column.name in marked))
