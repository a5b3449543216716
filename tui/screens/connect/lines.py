"""The connections, a line each: their names at once, the rest when it is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from textual.message import Message
from textual.strip import Strip

from tui.clock import Clock
from tui.engine.facts.connections import ConnectionFacts
from tui.model import ConnectionHealth
from tui.screens.connect.facts_text import connection_line
from tui.widgets.glyphs import Glyphs
from tui.widgets.keyed import KeyedLines
from tui.widgets.lines import Tone, fit, line

_NONE = " There is no connection: a adds one."


class ConnectionLines(KeyedLines[str]):
    """One line a connection."""

    DEFAULT_CSS = """
    ConnectionLines { height: auto; min-height: 1; max-height: 8; background: $surface; }
    """

    @dataclass
    class Moved(Message):
        """The cursor stands on another connection."""

    @dataclass
    class Chosen(Message):
        """Enter or a double click."""

    def __init__(
        self, names: Sequence[str], glyphs: Glyphs, health: Callable[[str], ConnectionHealth | None], clock: Clock
    ) -> None:
        super().__init__(id="facts")
        self.glyphs = glyphs
        self.facts: Mapping[str, ConnectionFacts] | None = None
        """What is known of each by its name; None until it has come."""
        self._names = names
        self._health = health
        self._clock = clock

    def on_mount(self) -> None:
        """Show the names at once: keys typed ahead of the facts find their lines."""
        self.lay_out(list(self._names))

    def fill(self, facts: Sequence[ConnectionFacts]) -> None:
        """Show these connections; the cursor goes to one that has come."""
        before, self.facts = self.facts, {one.name: one for one in facts}
        was_on_top = self.cursor in self.keys[:1]
        self.lay_out(list(self.facts))
        if before is None and was_on_top:
            self.move_to(0)
        self.refresh()
        for name in [name for name in self.facts if before and name not in before][:1]:
            self.select(name)

    def draw(self, key: str, width: int, over: str | None) -> Strip:
        """A connection's line."""
        if self.facts is None:
            return self.strip(line(f"   {fit(key, width, self.glyphs.ellipsis)}", Tone.DIM), width, over)
        pieces = connection_line(self.facts[key], self._health(key), self._clock.now(), width, self.glyphs)
        return self.strip(pieces, width, over)

    def draw_empty(self, y: int, width: int) -> Strip:
        """What to do where there is none."""
        told = f" Looking what there is {self.glyphs.ellipsis}" if self.facts is None else _NONE
        return self.strip(line(told if y == 0 else "", Tone.DIM), width)

    def cursor_moved(self) -> None:
        """Tell that another connection is meant."""
        self.post_message(self.Moved())

    def chosen(self) -> None:
        """Tell that it is this one."""
        self.post_message(self.Chosen())
