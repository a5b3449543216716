"""What the footer says: the keys that work here, the ones that cannot be used now dimmed. Pure text, no screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.widgets.actions import Keys, Spec
from tui.widgets.lines import Line, Piece, Tone, width_of

_STAY = ("help", "quit")
"""What stays when the line is too short for all."""


def footer_line(specs: Sequence[Spec], keys: Keys, width: int, can_run: Callable[[Spec], bool]) -> Line:
    """The actions that have a word in the footer, as many as fit."""
    shown = [spec for spec in specs if spec.short]
    told = {spec.name: _one(spec, keys, usable=can_run(spec)) for spec in shown}
    for spec in [*reversed([spec for spec in shown if spec.name not in _STAY]), *shown]:
        if sum(width_of(pieces) for pieces in told.values()) <= width:
            break
        told.pop(spec.name, None)
    return tuple(piece for spec in shown for piece in told.get(spec.name, ()))


def _one(spec: Spec, keys: Keys, *, usable: bool) -> Line:
    key, word = f" {keys.shown(spec)}", f" {spec.short} "
    return (Piece(key, Tone.KEY if usable else Tone.DIM), Piece(word, Tone.PLAIN if usable else Tone.DIM))
