"""The filter line: marks a wrong term where it is wrong, while it is typed."""

from __future__ import annotations

from dataclasses import dataclass

from rich.highlighter import Highlighter
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from tui.filter import Filter, FilterError, is_unfinished, parse
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import Piece, Tone, line
from tui.widgets.status import Status


class _MarksWrongTerm(Highlighter):
    """Underlines and reverses the first term that cannot be read."""

    def highlight(self, text: Text) -> None:
        """Mark the term in the typed text."""
        try:
            parse(text.plain)
        except FilterError as error:
            text.stylize("reverse underline", error.column, error.column + error.length)


class FilterLine(Horizontal):
    """An input for the filter, with what is wrong with it next to it. Escape clears, Enter keeps."""

    DEFAULT_CSS = """
    FilterLine { height: 1; display: none; }
    FilterLine.open { display: block; }
    FilterLine > #filter-sign { width: 3; }
    FilterLine > Input { width: 2fr; border: none; padding: 0; height: 1; background: $background; }
    FilterLine > Input:focus { border: none; background-tint: transparent 0%; }
    FilterLine > #filter-says { width: 3fr; padding: 0; }
    """

    @dataclass
    class Changed(Message):
        """Another filter that can be read."""

        chosen: Filter

    @dataclass
    class Left(Message):
        """The user is done with the line."""

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self.glyphs = glyphs

    def compose(self) -> ComposeResult:
        """A sign, the input, and what is wrong."""
        sign = Status(self.glyphs, id="filter-sign")
        sign.say(line(" / ", Tone.KEY))
        yield sign
        field = Input(highlighter=_MarksWrongTerm(), select_on_focus=False, id="filter-input")
        field.cursor_blink = False
        yield field
        yield Status(self.glyphs, id="filter-says")

    @property
    def says(self) -> str:
        """What stands next to the input."""
        return self.query_one("#filter-says", Status).plain

    def open(self) -> None:
        """Let the user type."""
        self.add_class("open")
        self.query_one(Input).focus()
        self._read(self.query_one(Input).value)

    def clear(self) -> None:
        """Drop the filter."""
        self.query_one(Input).value = ""
        self.remove_class("open")
        self.post_message(self.Changed(parse("")))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        chosen = self._read(event.value)
        if chosen is not None and not is_unfinished(event.value):
            self.post_message(self.Changed(chosen))

    def _read(self, text: str) -> Filter | None:
        says = self.query_one("#filter-says", Status)
        try:
            chosen = parse(text)
        except FilterError as error:
            hint = f"  {error.hint}" if error.hint else ""
            says.say((Piece(f"  {error.message}", Tone.BAD), Piece(hint, Tone.DIM)))
            return None
        hint = "  words, state: vendor: connection: age: seen: is: id:   - negates" if not text else ""
        says.say(line(hint, Tone.DIM))
        return chosen

    @on(Input.Submitted)
    def _kept(self, event: Input.Submitted) -> None:
        event.stop()
        chosen = self._read(event.value)
        if chosen is not None:
            self.remove_class("open")
            self.post_message(self.Changed(chosen))
            self.post_message(self.Left())

    def on_key(self, event: events.Key) -> None:
        """Escape clears the filter and leaves."""
        if event.key == "escape":
            event.stop()
            self.clear()
            self.post_message(self.Left())
