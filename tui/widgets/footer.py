"""What the footer says: what is under way, then the keys. Pure text, no screen.

Keys that do not work now are dimmed, with the reason where there is room for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.widgets.actions import Keys, Spec
from tui.widgets.lines import EMPTY, Line, Piece, Tone, fit_line, width_of

_STAY = ("help", "quit")
"""What stays when the line is too short for all."""


def footer_line(
    specs: Sequence[Spec],
    keys: Keys,
    width: int,
    why_not: Callable[[Spec], str | None],
    under_way: Line = EMPTY,
) -> Line:
    """The actions that have a word in the footer, as many as fit behind what is under way."""
    under_way = fit_line(under_way, width) if width_of(under_way) > width else under_way
    room = width - width_of(under_way)
    shown = [spec for spec in specs if spec.short]
    reasons = {spec.name: why_not(spec) for spec in shown}
    told = {spec.name: _one(spec, keys, usable=reasons[spec.name] is None) for spec in shown}
    for spec in [*reversed([spec for spec in shown if spec.name not in _STAY]), *shown]:
        if sum(width_of(pieces) for pieces in told.values()) <= room:
            break
        told.pop(spec.name, None)
    room -= sum(width_of(pieces) for pieces in told.values())
    for name, pieces in told.items():
        reason = (Piece(f"({(reasons[name] or '').partition(';')[0]}) ", Tone.DIM),)
        if reasons[name] and width_of(reason) <= room:
            told[name] = (*pieces, *reason)
            room -= width_of(reason)
    return (*under_way, *(piece for spec in shown for piece in told.get(spec.name, ())))


def _one(spec: Spec, keys: Keys, *, usable: bool) -> Line:
    key, word = f" {keys.shown(spec)}", f" {spec.short} "
    return (Piece(key, Tone.KEY if usable else Tone.DIM), Piece(word, Tone.PLAIN if usable else Tone.DIM))
