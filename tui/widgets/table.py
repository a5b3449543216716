"""The job table: one line a job, drawn on Textual's Line API, so that one change repaints one line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.clock import Clock
from tui.filter import EVERYTHING, Filter
from tui.model import Job, JobKey
from tui.widgets.columns import GAP, Column, Placed, place_columns
from tui.widgets.glyphs import Glyphs
from tui.widgets.keyed import KeyedLines
from tui.widgets.lines import Line, Piece, Tone, fit
from tui.widgets.order import SortBy, SortKey, sort_key
from tui.widgets.rows import PREFIX, RowView, row_line, view_of


class _Row:
    """A job in the table. `view` is None until it was on the screen, `strip` until it was drawn at this width."""

    __slots__ = ("job", "matches", "rank", "strip", "view")

    def __init__(self, job: Job, rank: SortKey, *, matches: bool) -> None:
        self.job = job
        self.rank = rank
        self.matches = matches
        self.view: RowView | None = None
        self.strip: Strip | None = None


class JobTable(KeyedLines[JobKey]):
    """The table of jobs. Feed it with `put` and `discard`, then `settle` once for all of them."""

    head = 1

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

    def __init__(self, clock: Clock, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self.glyphs = glyphs
        self.clock = clock
        self.marks: dict[JobKey, None] = {}
        self.sort_by = SortBy.ACTIVITY
        self.filter: Filter = EVERYTHING
        self.welcome: tuple[Line, ...] = ()
        self._rows: dict[JobKey, _Row] = {}
        self._columns: tuple[Placed, ...] = ()
        self._unsettled = False

    # ── what is in it ──

    @property
    def total(self) -> int:
        """How many jobs there are, shown or not."""
        return len(self._rows)

    def job(self, key: JobKey) -> Job | None:
        """The job of a key."""
        row = self._rows.get(key)
        return row.job if row else None

    def put(self, job: Job) -> None:
        """Take in a job's latest version."""
        rank, matches = sort_key(self.sort_by, job), self.filter.matches(job, self.clock.now())
        row = self._rows.get(job.key)
        if row is None:
            self._rows[job.key] = _Row(job, rank, matches=matches)
            self._unsettled = True
            return
        if row.rank != rank or row.matches != matches:
            row.rank, row.matches = rank, matches
            self._unsettled = True
        row.job = job
        self._renew(row)

    def discard(self, key: JobKey) -> None:
        """Take a job out, its mark too."""
        if self._rows.pop(key, None) is not None:
            self.marks.pop(key, None)
            self._unsettled = True

    def settle(self) -> bool:
        """Bring the lines in order after changes; returns whether any moved.

        While marks exist the order is held: new jobs go to the end.
        """
        if not self._unsettled:
            return False
        self._unsettled = False
        rows = self._rows
        if self.marks:
            kept = [key for key in self.keys if key in rows]
            known = set(kept)
            return self.lay_out([*kept, *(key for key in self._sorted() if key not in known)])
        return self.lay_out(self._sorted())

    def _sorted(self) -> list[JobKey]:
        matching = [(row.rank, key) for key, row in self._rows.items() if row.matches]
        return [key for _, key in sorted(matching)]

    def tick(self) -> None:
        """Time has passed: paint the lines whose words changed by it, and no others."""
        if self.filter.moves:
            self._match_again()
            self.settle()
        for key in self.keys_in_view():
            self._renew(self._rows[key])

    def _renew(self, row: _Row) -> None:
        if row.view is None:
            return
        view = view_of(row.job, self.clock.now(), self.glyphs)
        if view != row.view:
            row.view, row.strip = view, None
            self.repaint(row.job.key)

    # ── order, filter, marks ──

    def sort(self, by: SortBy) -> None:
        """Sort by something else; also lets go of an order held by marks."""
        self.sort_by = by
        for row in self._rows.values():
            row.rank = sort_key(by, row.job)
        self._unsettled = False
        self.lay_out(self._sorted())
        self.refresh()

    def use_filter(self, chosen: Filter) -> None:
        """Show only the jobs that match."""
        self.filter = chosen
        self._match_again()
        self._unsettled = False
        self.lay_out(self._sorted())
        self.refresh()

    def _match_again(self) -> None:
        now = self.clock.now()
        for row in self._rows.values():
            matches = self.filter.matches(row.job, now)
            if matches != row.matches:
                row.matches = matches
                self._unsettled = True

    def toggle_mark(self) -> None:
        """Mark the cursor's job, or take its mark away, and go one line down."""
        if self.cursor is None:
            return
        if self.cursor in self.marks:
            del self.marks[self.cursor]
        else:
            self.marks[self.cursor] = None
        self._redraw(self.cursor)
        place = self.place_of(self.cursor)
        self._release_order()
        if place is not None:
            self.move_to(place + 1)

    def drop_marks(self) -> None:
        """Take all marks away."""
        marked = list(self.marks)
        self.marks.clear()
        for key in marked:
            self._redraw(key)
        self._release_order()

    def _release_order(self) -> None:
        if not self.marks:
            self._unsettled = True
            self.settle()

    def targets(self) -> list[Job]:
        """What the next action is for: the marked jobs, or the one under the cursor."""
        keys: Iterable[JobKey] = self.marks or ([self.cursor] if self.cursor is not None else [])
        return [self._rows[key].job for key in keys if key in self._rows]

    def _redraw(self, key: JobKey) -> None:
        row = self._rows.get(key)
        if row is not None:
            row.strip = None
            self.repaint(key)

    # ── painting ──

    def draw(self, key: JobKey, width: int, over: str | None) -> Strip:
        """A job's line; kept until the job, its mark or the width changes."""
        row = self._rows[key]
        if row.view is None:
            row.view = view_of(row.job, self.clock.now(), self.glyphs)
        if over is None and row.strip is not None and row.strip.cell_length == width:
            return row.strip
        mark = self.glyphs.mark if key in self.marks else " "
        pieces = row_line(row.view, self._columns_for(width), mark, self.glyphs)
        strip = self.strip(pieces, width, over)
        if over is None:
            row.strip = strip
        return strip

    def draw_head(self, width: int) -> Strip:
        """The columns' names, the sorted one with a sign."""
        pieces = [Piece(" " * PREFIX)]
        for index, placed in enumerate(self._columns_for(width)):
            name = placed.column.value
            if placed.column is self.sort_by.column:
                name = f"{name} {self.glyphs.arrow}"[: placed.width] if placed.width > len(name) else name
            text = name.rjust(placed.width) if placed.column is Column.AGE else fit(name, placed.width)
            pieces.append(Piece((" " * GAP if index else "") + text, Tone.HEAD))
        return self.strip(tuple(pieces), width)

    def draw_empty(self, y: int, width: int) -> Strip:
        """What to do next, where there is nothing to show."""
        lines = self.welcome
        return self.strip((Piece("   "), *lines[y - 1]) if 0 < y <= len(lines) else (), width)

    def _columns_for(self, width: int) -> tuple[Placed, ...]:
        self._columns = place_columns(max(width - PREFIX - 1, 1))
        return self._columns

    def notify_style_update(self) -> None:
        """Another theme: every line is drawn anew."""
        super().notify_style_update()
        for row in self._rows.values():
            row.strip = None

    # ── what others hear ──

    def cursor_moved(self) -> None:
        """Tell which job the detail is about."""
        self.post_message(self.Moved(self.cursor))

    def chosen(self) -> None:
        """Open the cursor's job."""
        if self.cursor is not None:
            self.post_message(self.Opened(self.cursor))

    def on_paste(self, event: events.Paste) -> None:
        """A pasted text names a job."""
        if event.text.strip():
            event.stop()
            self.post_message(self.Pasted(event.text))
