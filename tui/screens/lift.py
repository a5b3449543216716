"""The question before a read-only board may change something at a vendor: answered by a typed word, never by a key."""

from __future__ import annotations

from textual import on
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.screens.dialog import Dialog, words
from tui.widgets.glyphs import Glyphs
from tui.widgets.plain import plain

WORD = "write"
_HOW = f"Type {WORD} and Enter; Escape leaves it as it is."


class LiftDialog(Dialog[bool]):
    """Answers True when the word was typed and sent off with Enter; Escape changes nothing."""

    AUTO_FOCUS = "#word"

    DEFAULT_CSS = """
    LiftDialog #says { margin-top: 1; }
    """

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__("Allow changes at the vendors?", glyphs)

    def inside(self) -> list[Widget]:
        """What it means, and the word."""
        meaning = (
            "This board is read-only. From here on it could cancel, reset and start jobs, until it ends or "
            "is made read-only again."
        )
        field = Input(id="word")
        field.cursor_blink = False
        return [words(meaning), words(_HOW, id="says"), field]

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip().lower() == WORD:
            self.dismiss(True)
        else:
            says = self.query_one("#says", Static)
            says.add_class("wrong")
            says.update(plain(f"That was not {WORD}. {_HOW}"))
