"""Which columns the job table shows at a width, and how wide: the least needed go first, none is ever clipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

GAP = 2
"""Cells between two columns."""


class Column(Enum):
    """The table's columns from left to right; the value, in small letters, is the name in config.toml."""

    JOB = "Job"
    CONNECTION = "Connection"
    STATE = "State"
    PROGRESS = "Progress"
    OUTPUT = "Output"
    AGE = "Age"
    SEEN = "Seen"


ALWAYS = (Column.JOB, Column.STATE)
"""What stays on every screen, and whatever is chosen."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A column's width in cells: below `least` it is dropped, `good` is what it gets next, `most` what it can use."""

    least: int
    good: int
    most: int


LIMITS = {
    Column.JOB: Limits(18, 34, 60),
    Column.CONNECTION: Limits(10, 13, 18),
    Column.STATE: Limits(11, 11, 24),
    Column.PROGRESS: Limits(13, 16, 36),
    Column.OUTPUT: Limits(10, 14, 20),
    Column.AGE: Limits(5, 5, 5),
    Column.SEEN: Limits(10, 10, 10),
}

DROPPED_FIRST = (Column.AGE, Column.OUTPUT, Column.CONNECTION, Column.SEEN, Column.PROGRESS)
"""Job and State always stay."""

USUAL_WORD = 15
"""Cells that most words for a state need (STATE_SUCCEEDED); a longer one borrows from the progress beside it."""

COMFORT = 26
"""Cells that the title gets before any other column grows."""

TITLE_FIRST = {Column.AGE: COMFORT, Column.OUTPUT: COMFORT, Column.CONNECTION: 22}
"""What goes already when the job's title has fewer cells than this: two cut titles look the same."""

GROWS_FIRST = (Column.CONNECTION, Column.OUTPUT, Column.PROGRESS, Column.JOB)


@dataclass(frozen=True, slots=True)
class Placed:
    """A column and the cells it got."""

    column: Column
    width: int


def chosen_columns(names: Sequence[str]) -> tuple[Column, ...]:
    """The columns of these names, in this order; all of them where none is named. Job and State are always among them.

    A name that no column has is passed over: it may be one of a newer jobdeck.
    """
    known = {column.value.casefold(): column for column in Column}
    chosen = [known[name.casefold()] for name in names if name.casefold() in known]
    if not chosen:
        return tuple(Column)
    return tuple(dict.fromkeys([*(one for one in ALWAYS if one not in chosen), *chosen]))


def place_columns(width: int, chosen: Sequence[Column] = tuple(Column), word: int = 0) -> tuple[Placed, ...]:
    """The chosen columns for `width` cells; what is left over goes to the job's title.

    `word` is the width of the longest word for a state: it has room on every screen, up to its column's limit, of its
    own or of the progress right beside it.
    """
    columns = list(chosen)
    least = {column: LIMITS[column].least for column in columns}
    least[Column.STATE] = _state_least(columns, word)
    for candidate in DROPPED_FIRST:
        title = TITLE_FIRST.get(candidate, least[Column.JOB])
        if _sum(least) - least[Column.JOB] + title <= width:
            break
        if candidate in least:
            columns.remove(candidate)
            del least[candidate]
            least[Column.STATE] = _state_least(columns, word)
    spare = width - _sum(least)
    if spare < 0:
        least[Column.JOB] = max(least[Column.JOB] + spare, 1)
    for column, goal in _goals(word):
        if column in least and spare > 0:
            gain = min(spare, max(goal - least[column], 0))
            least[column] += gain
            spare -= gain
    least[Column.JOB] += max(spare, 0)
    return tuple(Placed(column, least[column]) for column in columns)


def _state_least(columns: Sequence[Column], word: int) -> int:
    """What the words for a state cannot do without: all of it, unless the progress stands right beside them."""
    limits, beside = LIMITS[Column.STATE], columns[columns.index(Column.STATE) + 1 :]
    most = USUAL_WORD if beside[:1] == [Column.PROGRESS] else limits.most
    return min(max(word, limits.least), most)


def _goals(word: int) -> list[tuple[Column, int]]:
    """How wide the columns would like to be, the most urgent first."""
    good = [(column, LIMITS[column].good) for column in GROWS_FIRST]
    most = [(column, LIMITS[column].most) for column in GROWS_FIRST]
    return [(Column.JOB, COMFORT), *good, (Column.STATE, min(word, LIMITS[Column.STATE].most)), *most]


def _sum(widths: dict[Column, int]) -> int:
    return sum(widths.values()) + GAP * (len(widths) - 1)
