"""What the footer says: what is under way, then the keys. Pure text, no screen.

Keys that do not work now are dimmed, with the reason at the right where there is room for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rich.cells import cell_len

from tui.widgets.actions import Keys, Spec
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import EMPTY, Line, Tone, fit_line, toned, width_of

_STAY = ("help", "quit")
"""What stays when the line is too short for all."""

_WIDE, _NOTE = 160, 52
"""From so many cells on, so many are kept free for reasons."""


def footer_line(
    specs: Sequence[Spec],
    keys: Keys,
    width: int,
    why_not: Callable[[Spec], str | None],
    glyphs: Glyphs,
    under_way: Line = EMPTY,
) -> Line:
    """The actions that have a word in the footer, as many as fit behind what is under way."""
    under_way = fit_line(under_way, width, glyphs.ellipsis) if width_of(under_way) > width else under_way
    room = width - width_of(under_way)
    noted = _NOTE if width >= _WIDE else 0
    shown = [spec for spec in specs if spec.short]
    reasons = {spec.name: why_not(spec) for spec in shown}
    told = {spec.name: _one(spec, keys, usable=reasons[spec.name] is None) for spec in shown}
    for spec in [*reversed([spec for spec in shown if spec.name not in _STAY]), *shown]:
        if sum(width_of(pieces) for pieces in told.values()) <= room - noted:
            break
        told.pop(spec.name, None)
    room -= sum(width_of(pieces) for pieces in told.values())
    line = (*under_way, *(piece for spec in shown for piece in told.get(spec.name, ())))
    return (*line, *_note([(spec, reasons[spec.name]) for spec in shown if spec.name in told], room))


def _note(reasons: Iterable[tuple[Spec, str | None]], room: int) -> Line:
    """At the right edge why the dim actions cannot be done, those that matter most first: no word beside it moves.

    What is true of several is told once.
    """
    dim: dict[str, list[str]] = {}
    note = ""
    for spec, reason in reasons:
        if reason:
            dim.setdefault(reason.partition(";")[0], []).append(spec.short)
    for reason, names in dim.items():
        longest = (f"{', '.join(names[:number])}: {reason}" for number in range(len(names), 0, -1))
        longer = ("   ".join(filter(None, (note, told))) for told in longest)
        note = next((text for text in longer if cell_len(text) + 2 <= room), note)
    return (toned(f"{note} ".rjust(room - cell_len(note) + len(note)), Tone.DIM),) if note else EMPTY


def _one(spec: Spec, keys: Keys, *, usable: bool) -> Line:
    key, word = f" {keys.shown(spec)}", f" {spec.short} "
    return (toned(key, Tone.KEY if usable else Tone.DIM), toned(word, Tone.PLAIN if usable else Tone.DIM))
