"""The job table: one line a job, drawn on Textual's Line API, so that one change repaints one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from tui.clock import Clock
from tui.filter import Filter
from tui.model import Job, JobKey
from tui.widgets.actions import Place, bindings
from tui.widgets.columns import Column
from tui.widgets.folding_lines import FoldingLines
from tui.widgets.glyphs import Glyphs
from tui.widgets.lineup import is_heading
from tui.widgets.order import Order, SortBy


class Left(Enum):
    """How the job under the cursor came to leave the lines."""

    GONE = "gone"
    FILTERED = "filtered"
    FOLDED = "folded"


@dataclass(frozen=True, slots=True)
class Departed:
    """The job that the cursor stood on, and how it left."""

    job: Job
    how: Left


class JobTable(FoldingLines):
    """The table of jobs. Feed it with `put` and `discard`, then `settle` once for all of them."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.TABLE, of="screen.")]

    @dataclass
    class Moved(Message):
        """The cursor stands on another job, or on none."""

        key: JobKey | None

    @dataclass
    class Opened(Message):
        """A job is to be opened."""

        key: JobKey

    @dataclass
    class Pasted(Message):
        """A text was pasted onto the table."""

        text: str

    class Arranged(Message):
        """The jobs were put in another order with the mouse."""

    def __init__(self, clock: Clock, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(clock, glyphs, id=id)
        self.departed: Departed | None = None
        """The job that left from under the cursor; the user has not moved since."""
        self._gone: dict[JobKey, Job] = {}

    # ── what is in it ──

    @property
    def marks(self) -> dict[JobKey, None]:
        """The marked jobs, in the order in which they were marked."""
        return self.roster.marks

    @property
    def filter(self) -> Filter:
        """The filter in force."""
        return self.roster.filter

    def job(self, key: JobKey) -> Job | None:
        """The job of a key."""
        row = self.roster.rows.get(key)
        return row.job if row else None

    def put(self, job: Job) -> None:
        """Take in a job's latest version."""
        self.renew(self.roster.put(job, self.clock.now()))

    def discard(self, key: JobKey) -> None:
        """Take a job out, its mark too."""
        job = self.roster.discard(key)
        if job is not None:
            self._gone[key] = job

    def settle(self) -> bool:
        """Bring the lines in order after changes; returns whether any moved.

        While marks exist the order is held: new jobs go to the end.
        """
        moved = self.roster.is_unsettled and self.show_lines(self.roster.lines(self.keys))
        self.tally()
        self._gone.clear()
        self.fit_columns()
        return moved

    def tick(self) -> None:
        """Time has passed: paint the lines whose words changed by it, and no others."""
        self.ticks += 1
        if self.filter.moves:
            self.roster.match_again(self.clock.now())
            self.settle()
        for key in self.keys_in_view():
            if not is_heading(key):
                self.renew(self.roster.rows[key])

    # ── order, filter, columns, marks ──

    def use_order(self, order: Order) -> None:
        """Sort and group by something else; also lets go of an order held by marks."""
        self.roster.use_order(order, self.clock.now())
        self.rearrange()
        self.fit_columns()
        self.draw_anew()

    def use_filter(self, chosen: Filter) -> None:
        """Show only the jobs that match."""
        self.roster.use_filter(chosen, self.clock.now())
        self.rearrange()
        self.refresh()

    def use_columns(self, columns: Sequence[Column]) -> None:
        """Show these columns, as far as there is room."""
        self.columns = tuple(columns)
        self.draw_anew()

    def toggle_mark(self) -> None:
        """Mark the cursor's job, or take its mark away, and go one line down."""
        if self.cursor is None or is_heading(self.cursor):
            return
        if self.cursor in self.marks:
            del self.marks[self.cursor]
        else:
            self.marks[self.cursor] = None
        self.redraw(self.cursor)
        place = self.place_of(self.cursor)
        self._release_order()
        if place is not None:
            self.move_to(place + 1)

    def drop_marks(self) -> None:
        """Take all marks away."""
        marked = list(self.marks)
        self.marks.clear()
        for key in marked:
            self.redraw(key)
        self._release_order()

    def _release_order(self) -> None:
        if not self.marks:
            self.roster.is_unsettled = True
            self.settle()

    def targets(self, most: int | None = None) -> list[Job]:
        """What the next action is for: the marked jobs, at most so many of them, or the one under the cursor."""
        keys: Iterable[JobKey] = self.marks or ([self.cursor] if self.cursor is not None else [])
        return [self.roster.rows[key].job for key in islice(keys, most) if key in self.roster.rows]

    # ── the cursor ──

    def select(self, key: JobKey) -> None:
        """Put the cursor on a job that is shown; the job before and this one count as seen."""
        old, self.departed = self.cursor, None
        super().select(key)
        for one in (old, self.cursor):
            self._look_at(one)

    def _look_at(self, key: JobKey | None) -> None:
        """The user sees how the job stands."""
        before = self.roster.look_at(key)
        for one in (before, key):
            if one is not None:
                self.redraw(one)

    def cursor_lost(self, key: JobKey) -> None:
        """Remember which job left, and how, until the user moves or it is back."""
        if self.departed is not None:
            return
        if key in self._gone:
            self.departed = Departed(self._gone[key], Left.GONE)
        elif job := self.job(key):
            is_folded = self.roster.fits(key, self.clock.now())
            self.departed = Departed(job, Left.FOLDED if is_folded else Left.FILTERED)

    def cursor_back(self) -> None:
        """It is there again."""
        self.departed = None

    # ── what others hear ──

    def head_clicked(self, x: int) -> None:
        """A click on a column's name sorts by it, a second one turns it round."""
        column = self.column_at(x)
        by = next((by for by in SortBy if by.column is column), None)
        if column is not None and by is not None:
            self.use_order(self.order.chosen(by))
            self.post_message(self.Arranged())

    def cursor_moved(self) -> None:
        """Tell which job the detail is about; a folded line is none."""
        self.post_message(self.Moved(None if self.cursor is None or is_heading(self.cursor) else self.cursor))

    def chosen(self) -> None:
        """Open the cursor's job, or unfold what stands behind its line."""
        if self.cursor is not None and is_heading(self.cursor):
            self.toggle_fold()
        elif self.cursor is not None:
            self._look_at(self.cursor)
            self.post_message(self.Opened(self.cursor))

    def on_paste(self, event: events.Paste) -> None:
        """A pasted text names a job."""
        if event.text.strip():
            event.stop()
            self.post_message(self.Pasted(event.text))
