"""Which columns the job table shows at a width, and how wide: the least needed go first, none is ever clipped."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

GAP = 2
"""Cells between two columns."""


class Column(Enum):
    """The table's columns from left to right."""

    JOB = "Job"
    CONNECTION = "Connection"
    STATE = "State"
    PROGRESS = "Progress"
    AGE = "Age"
    SEEN = "Seen"
    OUTPUT = "Output"


@dataclass(frozen=True, slots=True)
class Limits:
    """A column's width in cells: below `least` it is dropped, `good` is what it gets next, `most` what it can use."""

    least: int
    good: int
    most: int


LIMITS = {
    Column.JOB: Limits(20, 34, 60),
    Column.CONNECTION: Limits(10, 13, 18),
    Column.STATE: Limits(11, 20, 20),
    Column.PROGRESS: Limits(14, 16, 36),
    Column.AGE: Limits(5, 5, 5),
    Column.SEEN: Limits(9, 9, 9),
    Column.OUTPUT: Limits(10, 14, 20),
}

DROPPED_FIRST = (Column.AGE, Column.OUTPUT, Column.CONNECTION, Column.SEEN, Column.PROGRESS)
"""Job and State always stay."""

GROWS_FIRST = (Column.STATE, Column.OUTPUT, Column.CONNECTION, Column.PROGRESS, Column.JOB)


@dataclass(frozen=True, slots=True)
class Placed:
    """A column and the cells it got."""

    column: Column
    width: int


def place_columns(width: int) -> tuple[Placed, ...]:
    """The columns for `width` cells; what is left over goes to the job's title."""
    columns = list(Column)
    for candidate in DROPPED_FIRST:
        if _least(columns) <= width:
            break
        columns.remove(candidate)
    widths = {column: LIMITS[column].least for column in columns}
    spare = width - _least(columns)
    if spare < 0:
        widths[Column.JOB] = max(widths[Column.JOB] + spare, 1)
    for goal in ("good", "most"):
        for column in GROWS_FIRST:
            if column in widths and spare > 0:
                gain = min(spare, getattr(LIMITS[column], goal) - widths[column])
                widths[column] += gain
                spare -= gain
    widths[Column.JOB] += max(spare, 0)
    return tuple(Placed(column, widths[column]) for column in columns)


def _least(columns: list[Column]) -> int:
    return sum(LIMITS[column].least for column in columns) + GAP * (len(columns) - 1)
