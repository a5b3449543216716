"""The line below a long text: where one stands in it, what is looked for, and the input that asks for that."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import Line, Tone, line
from tui.widgets.status import Status


class ReadingLine(Horizontal):
    """Shown while there is something to say. Enter keeps what is looked for, Escape drops it."""

    DEFAULT_CSS = """
    ReadingLine { height: 1; display: none; }
    ReadingLine.-says { display: block; }
    ReadingLine > #reading-sign { width: 3; display: none; }
    ReadingLine > Input { width: 1fr; border: none; padding: 0; height: 1; background: $background; display: none; }
    ReadingLine > Input:focus { border: none; background-tint: transparent 0%; }
    ReadingLine.-asks > #reading-sign { display: block; }
    ReadingLine.-asks > Input { display: block; }
    ReadingLine > #reading-says { width: 2fr; }
    """

    @dataclass
    class Typed(Message):
        """What is looked for has changed."""

        text: str

    @dataclass
    class Left(Message):
        """The user is done with the input; `dropped` when nothing is looked for any more."""

        dropped: bool

    @dataclass
    class Stepped(Message):
        """To the next match, or to the one before."""

        forward: bool

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self.glyphs = glyphs

    def compose(self) -> ComposeResult:
        """A sign, the input, and what there is to say."""
        sign = Status(self.glyphs, id="reading-sign")
        sign.say(line(" / ", Tone.KEY))
        yield sign
        field = Input(select_on_focus=True, id="reading-input")
        field.cursor_blink = False
        yield field
        yield Status(self.glyphs, id="reading-says")

    def say(self, told: Line) -> None:
        """Say something; nothing takes the line away, unless the user types in it."""
        self.set_class(bool(told) or self.has_class("-asks"), "-says")
        self.query_one("#reading-says", Status).say(told)

    def ask(self) -> None:
        """Let the user type."""
        self.add_class("-asks", "-says")
        field = self.query_one(Input)
        self.screen.set_focus(field)  # at once: the next key may be here already
        if field.value:  # what was looked for last is looked for again, until something else is typed
            self.post_message(self.Typed(field.value))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Typed(event.value))

    @on(Input.Submitted)
    def _kept(self, event: Input.Submitted) -> None:
        event.stop()
        self._leave(dropped=not event.value)

    def on_key(self, event: events.Key) -> None:
        """Escape drops what is looked for; up and down go from match to match."""
        if event.key == "escape":
            event.stop()
            self.query_one(Input).value = ""
            self._leave(dropped=True)
        elif event.key in ("up", "down"):
            event.stop()
            self.post_message(self.Stepped(event.key == "down"))

    def _leave(self, *, dropped: bool) -> None:
        self.remove_class("-asks")
        self.post_message(self.Left(dropped))
