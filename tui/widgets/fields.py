"""Named facts below each other: how the detail tells what there is to know of a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import Line, Tone, fit, toned, wrap_words

_LEAST_LABEL, _MOST_LABEL = 12, 24
"""Cells of the names at the left."""


@dataclass(frozen=True, slots=True)
class Field:
    """A named fact; a field without a name goes on with the one above."""

    name: str
    value: str
    tone: Tone = Tone.PLAIN


def lined_up(fields: Sequence[Field], width: int, glyphs: Glyphs) -> list[Line]:
    """The fields' values below each other, behind the longest name that a narrow pane has room for."""
    longest = max(cell_len(field.name) for field in fields)
    label = max(min(longest, _MOST_LABEL, width // 2), _LEAST_LABEL)
    lines: list[Line] = []
    for field in fields:
        for index, row in enumerate(wrap_words(field.value, max(width - label - 2, 8))):
            name = fit(field.name if index == 0 else "", label, glyphs.ellipsis)
            lines.append((toned(f" {name} ", Tone.DIM), toned(row, field.tone)))
    return lines
