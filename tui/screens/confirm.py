"""The question before something that cannot be taken back."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button

from tui.screens.dialog import Dialog, words
from tui.widgets.glyphs import Glyphs

_MOST_NAMES = 8


class Confirm(Dialog[bool]):
    """Asks yes or no and names what it is about. The focus starts on no; Escape is no."""

    BINDINGS = [  # noqa: RUF012  # Textual's own form
        ("y", "answer(True)", "Yes"),
        ("n", "answer(False)", "No"),
        ("left,h", "app.focus_previous", "Previous"),
        ("right,l", "app.focus_next", "Next"),
    ]

    AUTO_FOCUS = "#no"

    DEFAULT_CSS = """
    Confirm #names { margin-bottom: 1; }
    Confirm Horizontal { height: 1; }
    """

    def __init__(self, question: str, names: Sequence[str], *, yes: str, glyphs: Glyphs, no: str = "No") -> None:
        super().__init__(question, glyphs)
        self._names = names
        self._yes = yes
        self._no = no

    def inside(self) -> list[Widget]:
        """The names and the two answers."""
        told = [f"  {name}" for name in self._names[:_MOST_NAMES]]
        if len(self._names) > _MOST_NAMES:
            told.append(f"  and {len(self._names) - _MOST_NAMES} more")
        answers = Horizontal(
            Button(Content(self._no), id="no", compact=True), Button(Content(self._yes), id="yes", compact=True)
        )
        return [words("\n".join(told), id="names"), answers]

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:  # called by a key binding
        """Answer by key."""
        self.dismiss(answer)

    def action_close(self) -> None:
        """Escape is no."""
        self.dismiss(False)  # the answer itself
