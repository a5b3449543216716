"""The fields of a connection's form: a text, one of a few words, a secret that is never shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input

from tui.text import safe_line
from tui.widgets.glyphs import ASCII, Glyphs
from tui.widgets.lines import Line, Tone, toned
from tui.widgets.paint import Painted

MOVES = (
    Binding("tab", "app.focus_next", "The next field", show=False, priority=True),
    Binding("shift+tab", "app.focus_previous", "The field before", show=False, priority=True),
)
"""The focus moves before the next key is looked at: of a burst, as a stalled line sends it, no key behind a Tab gets
into the field before it, where a secret would be seen."""

_LONGEST = 4000
"""Characters of a pasted text."""

_DOT = "\N{BULLET}"
"""What Textual masks a character with."""


class TextField(Input):
    """One line of text. A paste is taken without the line breaks around it."""

    def __init__(self, value: str = "", *, id: str, placeholder: str = "", select: bool = False) -> None:  # noqa: A002
        super().__init__(value, id=id, placeholder=placeholder, select_on_focus=select)
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        """A URL or a name that was copied with its line break stays what it is; nothing in it steers the terminal."""
        event.stop()
        event.prevent_default()
        self.replace(safe_line(" ".join(event.text.split()), _LONGEST), *self.selection)


class SecretInput(Input):
    """A masked line. What is typed or pasted into it never gets to the screen or to the clipboard."""

    class PastedLines(Message):
        """A text of several lines was pasted: no secret has them."""

    def __init__(self, glyphs: Glyphs, *, id: str, placeholder: str = "") -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id, placeholder=placeholder, password=True, select_on_focus=False)
        self.cursor_blink = False
        self._is_ascii = glyphs is ASCII

    def render_line(self, y: int) -> Strip:
        """The mask, in ASCII where the terminal has nothing else."""
        strip = super().render_line(y)
        if not self._is_ascii:
            return strip
        return Strip([Segment(text.replace(_DOT, "*"), style) for text, style, _ in strip], strip.cell_length)

    def _on_paste(self, event: events.Paste) -> None:
        """A pasted secret replaces what was there; the line break behind it is no part of it."""
        event.stop()
        event.prevent_default()
        text = event.text.strip("\r\n")
        if "\n" in text or "\r" in text:
            self.post_message(self.PastedLines())
        elif text:
            self.value = text
            self.cursor_position = len(text)

    def action_copy(self) -> None:
        """A secret is not copied from here."""

    def action_cut(self) -> None:
        """A secret is not copied from here."""


class ChoiceField(Painted, can_focus=True):
    """One of a few words, all in sight: left, right and Space choose."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "turn(-1)", "The one before", show=False),
        Binding("right,l,space", "turn(1)", "The next one", show=False),
    ]

    DEFAULT_CSS = """
    ChoiceField { height: 1; width: 1fr; }
    Dialog ChoiceField { background: $panel; }
    Dialog ChoiceField:focus { background: $primary-muted; }
    ChoiceField:ansi:focus { text-style: reverse; }
    """

    class Changed(Message):
        """Another word was chosen."""

    def __init__(self, choices: Sequence[str], value: str, glyphs: Glyphs, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.glyphs = glyphs
        self._choices = tuple(choices)
        self.value = value if value in choices else self._choices[0]

    def action_turn(self, steps: int) -> None:
        """Choose the word so many places on."""
        place = self._choices.index(self.value) + steps
        self.value = self._choices[place % len(self._choices)]
        self.refresh()
        self.post_message(self.Changed())

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  # it has just one
        """The words, the chosen one in brackets."""
        return self.strip(self._line(), self.size.width)

    def _line(self) -> Line:
        start = toned(">" if self.has_focus else " ", Tone.KEY)
        pieces = [
            toned(f"[{word}]", Tone.KEY) if word == self.value else toned(f" {word} ", Tone.DIM)
            for word in self._choices
        ]
        return (start, *pieces)

    def on_focus(self) -> None:
        """Show that keys go here."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that keys go elsewhere."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """A click chooses the word that was hit."""
        start = 1
        for word in self._choices:
            if start <= event.x < start + len(word) + 2:
                self.action_turn(self._choices.index(word) - self._choices.index(self.value))
                return
            start += len(word) + 2
