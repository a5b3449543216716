"""The question before something that cannot be taken back."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button

from tui.screens.dialog import Dialog, words
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import Line, fit, line
from tui.widgets.plain import plain
from tui.widgets.textview import TextView
from tui.wording import and_more

_IN_SIGHT = 8
"""So many names are seen at once; the others are scrolled to."""
_MOST_NAMES = 500
"""More names than these are only counted: nobody reads them."""


class Confirm(Dialog[bool]):
    """Asks yes or no and names what it is about. The focus starts on no; Escape is no.

    A yes that was typed before the question was shown does not count.
    """

    BINDINGS = [  # noqa: RUF012  # Textual's own form
        ("n", "close", "No"),
        ("left,h", "app.focus_previous", "Previous"),
        ("right,l", "app.focus_next", "Next"),
        ("up,k", "scroll('up')", "Names above"),
        ("down,j", "scroll('down')", "Names below"),
        ("pageup", "scroll('page_up')", "A page up"),
        ("pagedown", "scroll('page_down')", "A page down"),
    ]

    AUTO_FOCUS = "#no"

    DEFAULT_CSS = """
    Confirm #names { height: auto; margin-bottom: 1; background: $surface; }
    Confirm #more { margin-bottom: 1; }
    Confirm Horizontal { height: 1; }
    Confirm Horizontal .hint { width: 1fr; text-align: right; }
    """

    def __init__(self, question: str, names: Sequence[str], *, yes: str, glyphs: Glyphs, no: str = "No") -> None:
        super().__init__(question, glyphs)
        self._names = names
        self._yes = yes
        self._no = no

    def inside(self) -> list[Widget]:
        """The names and the two answers."""
        parts: list[Widget] = []
        if self._names:
            view = TextView(self.glyphs, id="names")
            view.can_focus = False
            view.styles.height = min(len(self._names), _IN_SIGHT)
            view.show(self._name_lines)
            parts.append(view)
        if more := and_more(len(self._names) - _IN_SIGHT):
            parts.append(words(f"  {more}: PgDn", id="more", classes="hint"))
        answers = Horizontal(
            Button(plain(self._no), id="no", compact=True),
            Button(plain(self._yes), id="yes", compact=True),
            words("y or n answers", classes="hint"),
        )
        return [*parts, answers]

    def _name_lines(self, width: int) -> list[Line]:
        told = [line(f"  {fit(name, max(width - 2, 1), self.glyphs.ellipsis)}") for name in self._names[:_MOST_NAMES]]
        more = and_more(len(self._names) - _MOST_NAMES)
        return [*told, line(f"  {more}")] if more else told

    async def action_scroll(self, name: str) -> None:  # called by a key binding
        """Look through the names."""
        for view in self.query(TextView):
            await view.action_run(name)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def on_key(self, event: events.Key) -> None:
        """Not a key binding: Textual tries bindings also for keys that were typed before this question was shown."""
        if event.key == "y":
            event.stop()
            self.dismiss(True)

    def action_close(self) -> None:
        """Escape is no."""
        self.dismiss(False)  # the answer itself
