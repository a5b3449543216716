"""Lines of a text that the user selects, to copy them."""

from __future__ import annotations

import sys

from tui.widgets.textview import TextView


class Selection:
    """The selected lines: from where the selection began to where the last move led."""

    def __init__(self, view: TextView) -> None:
        self._view = view
        self._begin: int | None = None
        self._end = 0

    @property
    def is_on(self) -> bool:
        """Whether lines are selected."""
        return self._begin is not None

    @property
    def count(self) -> int:
        """How many lines are selected."""
        return len(self._lines)

    @property
    def text(self) -> str:
        """The selected lines."""
        return f"{self._view.sheet.given(self._lines)}\n" if self.is_on else ""

    @property
    def _lines(self) -> range:
        if self._begin is None:
            return range(0)
        last = self._view.last_line
        return range(min(self._begin, self._end, last), min(max(self._begin, self._end), last) + 1)

    def toggle(self) -> None:
        """Select the present line; where lines are selected, select none."""
        self.drop() if self.is_on else self._begin_here()

    def drop(self) -> bool:
        """Select nothing any more; returns whether something was."""
        was_on, self._begin = self.is_on, None
        if was_on:
            self._view.select(range(0))
        return was_on

    def move(self, name: str) -> bool:
        """Move the end of the selection; False while nothing is selected."""
        if not self.is_on:
            return False
        page = max(self._view.size.height - 1, 1)
        steps = {"up": -1, "down": 1, "page_up": -page, "page_down": page, "first": -sys.maxsize, "last": sys.maxsize}
        self._end = min(max(self._end + steps[name], 0), self._view.last_line)
        self._show()
        return True

    def stretch(self, name: str) -> None:
        """Make the selection one move longer; where nothing is selected, begin here."""
        if not self.is_on:
            self._begin_here()
        self.move(name)

    def _begin_here(self) -> None:
        self._begin = self._end = min(self._view.line, self._view.last_line)
        self._show()

    def _show(self) -> None:
        self._view.select(self._lines)
        self._view.bring_into_view(self._end)
