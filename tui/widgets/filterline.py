"""The filter line: marks a wrong term where it is wrong, and completes the last one, while it is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.highlighter import Highlighter
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input

from tui.filter import Filter, FilterError, is_unfinished, parse
from tui.widgets.completion import Words, candidates, completed
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import Line, Tone, line, toned
from tui.widgets.status import Status

_HINT = "  words, state: vendor: connection: age: seen: is: id: @saved   - negates"

_MOST = 50
"""How many filters are remembered."""


def _offered(text: str, error: FilterError, words: Words) -> Sequence[str]:
    """How the term that cannot be read may go on; nothing unless it is the last one."""
    return candidates(text, words) if error.column + error.length == len(text) else ()


class _MarksWrongTerm(Highlighter):
    """Underlines and reverses the first term that is wrong and that more letters cannot make right."""

    def __init__(self, words: Callable[[], Words]) -> None:
        self._words = words

    def highlight(self, text: Text) -> None:
        """Mark the term in the typed text."""
        try:
            parse(text.plain, self._words().saved)
        except FilterError as error:
            if not _offered(text.plain, error, self._words()):
                text.stylize("reverse underline", error.column, error.column + error.length)


class _Completes(Suggester):
    """What the last term may become stands dimmed behind the cursor; Right takes it."""

    def __init__(self, words: Callable[[], Words]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._words = words

    async def get_suggestion(self, value: str) -> str | None:
        """The text with its last term completed."""
        return completed(value, self._words())


class FilterLine(Horizontal):
    """An input for the filter, with what is wrong with it, or may come next, next to it.

    Escape clears, Enter keeps, Tab completes, Up and Down go through the filters that were kept before.
    """

    DEFAULT_CSS = """
    FilterLine { height: 1; display: none; }
    FilterLine.open { display: block; }
    FilterLine > #filter-sign { width: 3; }
    FilterLine > Input { width: 2fr; border: none; padding: 0; height: 1; background: $background; }
    FilterLine > Input:focus { border: none; background-tint: transparent 0%; }
    FilterLine > #filter-says { width: 3fr; padding: 0; }
    FilterLine:nocolor .input--suggestion { text-style: dim; }
    FilterLine:ansi .input--suggestion { color: ansi_default; text-style: dim; }
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
        self.words: Callable[[], Words] = Words
        """What there is to name, asked for while something is typed."""
        self.history: list[str] = []
        """The filters that were kept, the last one at the end."""
        self._turned = 0
        """How far Up has gone back in the history."""
        self._begun = ""
        """What was typed before Up."""
        self._says = Status(glyphs, id="filter-says")
        self._field = Input(
            highlighter=_MarksWrongTerm(self.words_now),
            suggester=_Completes(self.words_now),
            select_on_focus=False,
            id="filter-input",
        )
        self._field.cursor_blink = False

    def compose(self) -> ComposeResult:
        """A sign, the input, and what is wrong."""
        sign = Status(self.glyphs, id="filter-sign")
        sign.say(line(" / ", Tone.KEY))
        yield sign
        yield self._field
        yield self._says

    @property
    def says(self) -> str:
        """What stands next to the input."""
        return self._says.plain

    @property
    def is_open(self) -> bool:
        """Whether it stands on the board."""
        return self.has_class("open")

    @property
    def text(self) -> str:
        """What is typed, good or not."""
        return self._field.value

    def words_now(self) -> Words:
        """What there is to name now."""
        return self.words()

    def take(self, text: str) -> None:
        """Filter by this text, as if it had been typed and kept."""
        self._field.value = text
        if chosen := self._read(text):
            self._keep(chosen)

    def recall(self, text: str, history: Sequence[str]) -> None:
        """Restore the typed text and the history; the filter in force stays."""
        self.history = list(history)
        with self.prevent(Input.Changed):
            self._field.value = text

    def open(self) -> None:
        """Let the user type."""
        self._turned = 0
        self.add_class("open")
        self.screen.set_focus(self._field)  # at once: the next key may be here already
        self._read(self._field.value)

    def clear(self) -> None:
        """Drop the filter."""
        self._field.value = ""
        self.remove_class("open")
        self.post_message(self.Changed(parse("")))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        chosen = self._read(event.value)
        if chosen is not None and not is_unfinished(event.value):
            self.post_message(self.Changed(chosen))

    def _read(self, text: str) -> Filter | None:
        try:
            chosen: Filter | None = parse(text, self.words().saved)
        except FilterError as error:
            chosen = None
            hint = f"  {error.hint}" if error.hint else ""
            said: Line = (toned(f"  {error.message}", Tone.BAD), toned(hint, Tone.DIM))
            offered = _offered(text, error, self.words())
        else:
            said = line("" if text else _HINT, Tone.DIM)
            offered = candidates(text, self.words())
        self._says.say((toned("  Tab ", Tone.KEY), toned("  ".join(offered), Tone.DIM)) if offered else said)
        return chosen

    @on(Input.Submitted)
    def _kept(self, event: Input.Submitted) -> None:
        event.stop()
        chosen = self._read(event.value)
        if chosen is not None:
            self._keep(chosen)
            self.post_message(self.Left())

    def _keep(self, chosen: Filter) -> None:
        if chosen.text:
            self.history = [*(one for one in self.history if one != chosen.text), chosen.text][-_MOST:]
        self.remove_class("open")
        self.post_message(self.Changed(chosen))

    def on_key(self, event: events.Key) -> None:
        """Keys that the input itself does not use."""
        match event.key:
            case "escape":
                self.clear()
                self.post_message(self.Left())
            case "tab" if (text := completed(self.text, self.words())) is not None:
                self._type(text)
                event.prevent_default()
            case "up":
                self._turn(1)
            case "down":
                self._turn(-1)
            case _:
                return
        event.stop()

    def _turn(self, steps: int) -> None:
        """Go back in the history, or forward again to what was typed."""
        if self._turned == 0:
            self._begun = self.text
        self._turned = min(max(self._turned + steps, 0), len(self.history))
        self._type(self.history[-self._turned] if self._turned else self._begun)

    def _type(self, text: str) -> None:
        self._field.value = text
        self._field.cursor_position = len(text)
