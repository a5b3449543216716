"""The help for the place where it was asked for."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widget import Widget

from tui.screens.dialog import Dialog
from tui.widgets.actions import SPECS, Keys, Place
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import EMPTY, Line, Piece, Tone, fit, line, wrap_words
from tui.widgets.textview import TextView

_WORDS = {
    Place.DETAIL: "Report and history are asked for when their tab is opened.",
    Place.DOWNLOADS: "A paused download keeps what it has, a stopped one does not. Enter shows all that is known.",
    Place.OUTPUTS: "In an archive Enter shows how a file begins, Space marks, d fetches the marked ones, / filters.",
    Place.CONNECTIONS: "A secret is looked for in the environment, by its secret_command, in the keyring, and in what "
    "was entered for this run. One that was refused is not tried again by itself.",
    Place.LIST: "The filter line takes words and state: vendor: connection: age:>1h seen:>5m is:active is:stale "
    "is:downloaded id: terms. All must hold; - in front of one turns it round.",
}


def help_lines(places: Sequence[Place], keys: Keys, width: int) -> list[Line]:
    """Every action of these places with its keys."""
    lines: list[Line] = []
    for place in places:
        lines += [line(place.value, Tone.STRONG)]
        for spec in SPECS:
            if spec.place is place:
                lines.append((Piece(f"  {fit(keys.all_shown(spec), 16)} ", Tone.KEY), Piece(spec.title)))
        lines += [line(f"  {row}", Tone.DIM) for row in wrap_words(_WORDS.get(place, ""), max(width - 3, 8)) if row]
        lines.append(EMPTY)
    return lines


class HelpDialog(Dialog[None]):
    """A scrolling list of keys; the place in question comes first."""

    BINDINGS = [("question_mark,q,f1", "close", "Close")]  # noqa: RUF012  # Textual's own form

    AUTO_FOCUS = "#help"

    DEFAULT_CSS = """
    HelpDialog > .box { height: 90%; }
    HelpDialog #help { height: 1fr; background: $surface; }
    """

    def __init__(self, places: Sequence[Place], keys: Keys, glyphs: Glyphs) -> None:
        super().__init__("Keys", glyphs)
        self._places = places
        self._keys = keys

    def inside(self) -> list[Widget]:
        """The text."""
        view = TextView(self.glyphs, id="help")
        view.show(lambda width: help_lines(self._places, self._keys, width))
        return [view]
