"""The help for the place where it was asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.widget import Widget

from tui.filter import IS
from tui.screens.dialog import Dialog
from tui.widgets.actions import SPECS, Keys, Place, Spec
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import EMPTY, Line, Tone, fit, line, toned, wrap_words
from tui.widgets.textview import TextView

_WORDS = {
    Place.READING: "What is looked for counts upper and lower case as soon as one letter is upper-case. A file that is "
    "there is never written over.",
    Place.DETAIL: "Report and history are asked for when their tab is opened.",
    Place.DOWNLOADS: "A paused download keeps what it has, a stopped one does not. Enter shows all that is known.",
    Place.OUTPUTS: "In an archive Enter shows how a file begins, Space marks, d fetches the marked ones, / filters.",
    Place.CONNECTIONS: "A secret is looked for in the environment, by its secret_command, in the keyring, and in what "
    "was entered for this run. One that was refused is not tried again by itself.",
    Place.LIST: "The filter line takes words and state: vendor: connection: age:>1h seen:>5m id: terms, "
    f"{' '.join(f'is:{word}' for word in IS)}, and saved filters as @name. All must hold; - in front of one turns it "
    "round.",
}


_KEYS = 16
"""Cells for an action's keys."""

WhyNot = Callable[[Spec], str | None]
"""Why an action cannot be done now."""


def help_lines(places: Sequence[Place], keys: Keys, why_not: WhyNot, glyphs: Glyphs, width: int) -> list[Line]:
    """Every action of these places with its keys, and why it cannot be done now."""
    lines: list[Line] = []
    for place in places:
        lines += [line(place.value, Tone.STRONG)]
        for spec in SPECS:
            if spec.place is place:
                lines += _one(spec, keys, why_not(spec), glyphs, width)
        lines += [line(f"  {row}", Tone.DIM) for row in wrap_words(_WORDS.get(place, ""), max(width - 3, 8)) if row]
        lines.append(EMPTY)
    return lines


def _one(spec: Spec, keys: Keys, reason: str | None, glyphs: Glyphs, width: int) -> list[Line]:
    """The action's keys beside its title, the reason below it."""
    room = max(width - _KEYS - 4, 8)
    key = toned(f"  {fit(keys.all_shown(spec), _KEYS, glyphs.ellipsis)} ", Tone.KEY if reason is None else Tone.DIM)
    beside = [toned(row, Tone.PLAIN if reason is None else Tone.DIM) for row in wrap_words(spec.title, room)]
    beside += [toned(row, Tone.DIM) for row in wrap_words(f"not now: {reason}", room)] if reason else []
    indent = toned(" " * (_KEYS + 3))
    return [(indent if place else key, piece) for place, piece in enumerate(beside)]


class HelpDialog(Dialog[None]):
    """A scrolling list of keys; the place in question comes first."""

    BINDINGS = [("question_mark,q,f1", "close", "Close")]  # noqa: RUF012  # Textual's own form

    AUTO_FOCUS = "#help"

    DEFAULT_CSS = """
    HelpDialog > .box { height: 90%; }
    HelpDialog #help { height: 1fr; background: $surface; }
    """

    def __init__(self, places: Sequence[Place], keys: Keys, why_not: WhyNot, glyphs: Glyphs) -> None:
        super().__init__("Keys", glyphs)
        self._why_not = why_not
        self._places = places
        self._keys = keys

    def inside(self) -> list[Widget]:
        """The text."""
        view = TextView(self.glyphs, id="help")
        view.show(lambda width: help_lines(self._places, self._keys, self._why_not, self.glyphs, width))
        return [view]
