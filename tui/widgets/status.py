"""The one-line widgets around the lists: the header, the rules with a title, the footer with the keys."""

from __future__ import annotations

from textual.geometry import Region
from textual.strip import Strip

from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import EMPTY, Line, Tone, fit_line, toned, width_of
from tui.widgets.paint import Painted


class Status(Painted):
    """One or more lines of toned text; a line that stays the same is not sent again."""

    DEFAULT_CSS = """
    Status { height: 1; background: $background; }
    """

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self.glyphs = glyphs
        self._lines: tuple[Line, ...] = ()

    @property
    def plain(self) -> str:
        """What it says, without tones."""
        return "\n".join("".join(piece.text for piece in pieces) for pieces in self._lines)

    def say(self, *lines: Line) -> None:
        """Show these lines; paints only those that differ."""
        old, self._lines = self._lines, lines
        for y in range(max(len(old), len(lines))):
            if old[y : y + 1] != lines[y : y + 1]:
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        return self.strip(self._lines[y] if y < len(self._lines) else EMPTY, self.size.width)


class Rule(Status):
    """The line above a pane, with the pane's title at the left and a note at the right."""

    DEFAULT_CSS = """
    Rule { height: 1; }
    """

    def title(self, start: Line, end: Line = EMPTY) -> None:
        """Set the title and the note."""
        self._start, self._end = start, end
        self._draw()

    _start: Line = EMPTY
    _end: Line = EMPTY

    def _draw(self) -> None:
        width = self.size.width
        stroke = self.glyphs.rule
        start = (toned(stroke * 2, Tone.DIM), toned(" "), *self._start, toned(" ")) if self._start else EMPTY
        note = self._end
        while note and width_of(start) + width_of(note) + 6 > width:
            note = note[:-1]  # what stands last in it is needed least
        end = (toned(" "), *note, toned(" "), toned(stroke * 2, Tone.DIM)) if note else EMPTY
        gap = width - width_of(start) - width_of(end)
        if gap >= 0:
            self.say((*start, toned(stroke * gap, Tone.DIM), *end))
        else:
            self.say(fit_line(start, width, self.glyphs.ellipsis))

    def on_resize(self) -> None:
        """Draw it as long as the pane is wide."""
        self._draw()
