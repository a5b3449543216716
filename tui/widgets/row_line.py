"""A job's row as one line of cells.

Two cells may take room beside them: a long word for a state from the progress, a long note from an output that is
empty or only promised.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rich.cells import cell_len

from tui.underway import percent_text
from tui.widgets.columns import GAP, Column, Placed
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import Line, Piece, Tone, fit, toned
from tui.widgets.rows import RowView

PREFIX = 5
"""Cells in front of the first column: the three signs, the state's sign, a space."""

_BAR = 10
"""Cells of the longest progress bar."""

_LEAST_BAR = 3
"""Cells of the shortest one."""

_LEAST_NOTE = 8
"""Cells that a note needs to say anything."""

_FIGURE = 6
"""Cells of a percentage with a space on both sides."""

_BLANK = toned(" ")
_GAP = toned(" " * GAP)


def row_line(view: RowView, columns: Sequence[Placed], glyphs: Glyphs) -> Line:
    """The row as one line."""
    signs = view.signs
    pieces = [
        toned(glyphs.mark, Tone.KEY) if signs.marked else _BLANK,
        toned(glyphs.alert, Tone.WAIT) if signs.alert else _BLANK,
        toned(glyphs.unseen, Tone.WARN) if signs.unseen else _BLANK,
        toned(view.glyph, view.tone),
        _BLANK,
    ]
    note = _note(view, columns)
    for index, placed in enumerate(_lent(view, note, columns)):
        if index:
            pieces.append(_GAP)
        pieces.extend(_cell(view, note, placed, glyphs))
    return tuple(pieces)


def _note(view: RowView, columns: Sequence[Placed]) -> Piece:
    """What stands beside the progress: without an Output column it tells of the files too."""
    has_output = any(placed.column is Column.OUTPUT for placed in columns)
    return view.note if view.note.text or has_output else view.output


def _lent(view: RowView, note: Piece, columns: Sequence[Placed]) -> list[Placed]:
    """The columns as wide as this row needs them: Progress and Output may lend cells to the column before them."""
    lent = list(columns)
    for index, (left, right) in enumerate(pairwise(columns)):
        match left.column, right.column:
            case Column.STATE, Column.PROGRESS:
                needed = (_FIGURE + _LEAST_BAR) if view.part is not None else _LEAST_NOTE if note.text else 0
                more = max(min(cell_len(view.word) - left.width, right.width - needed), 0)
                lent[index : index + 2] = [_wider(left, more), _wider(right, -more)]
            case Column.PROGRESS, Column.OUTPUT if _makes_room(view, note, lent[index].width):
                lent[index : index + 2] = [_wider(lent[index], GAP + right.width)]
    return lent


def _makes_room(view: RowView, note: Piece, width: int) -> bool:
    """Whether the note needs the output's cells more than the output does."""
    return not view.output.text or (view.is_promise and view.part is None and cell_len(note.text) > width)


def _wider(placed: Placed, cells: int) -> Placed:
    return Placed(placed.column, placed.width + cells)


def _cell(view: RowView, note: Piece, placed: Placed, glyphs: Glyphs) -> Line:
    width = placed.width
    match placed.column:
        case Column.JOB:
            text, tone = view.title, Tone.DIM if view.is_stale else Tone.PLAIN
        case Column.CONNECTION:
            text, tone = view.connection, Tone.DIM
        case Column.STATE:
            text, tone = view.word, Tone.DIM if view.is_stale else view.tone
        case Column.PROGRESS:
            return _progress(view.part, note, width, glyphs)
        case Column.AGE:
            return (toned(view.age.rjust(width)),)
        case Column.SEEN:
            text, tone = view.seen
        case Column.OUTPUT:
            text, tone = view.output
    return (toned(fit(text, width, glyphs.ellipsis), tone),)


def _progress(part: float | None, note: Piece, width: int, glyphs: Glyphs) -> Line:
    if part is None:
        return (toned(fit(note.text, width, glyphs.ellipsis), note.tone),)
    length = min(_BAR, width - _FIGURE)
    full = round(part * length)
    rest = width - length - _FIGURE
    return (
        toned(glyphs.bar_full * full, Tone.RUN),
        toned(glyphs.bar_empty * (length - full), Tone.DIM),
        toned(fit(f" {percent_text(part)}", _FIGURE, glyphs.ellipsis)),
        toned(fit(note.text if rest >= _LEAST_NOTE else "", rest, glyphs.ellipsis), note.tone),
    )
