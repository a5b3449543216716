"""The lines of the job table: what they show, how they are painted, and what of them a change touches."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from tui.clock import Clock
from tui.model import JobKey
from tui.widgets.columns import GAP, Column, Placed, place_columns
from tui.widgets.folding import Tally, heading_line
from tui.widgets.glyphs import Glyphs
from tui.widgets.keyed import KeyedLines
from tui.widgets.lines import Line, Tone, fit, toned, width_of
from tui.widgets.lineup import counts, heading, heading_name, is_heading
from tui.widgets.order import GroupBy, Order
from tui.widgets.roster import Roster, Row
from tui.widgets.row_line import PREFIX, row_line
from tui.widgets.rows import RowView, view_of


class JobLines(KeyedLines[JobKey]):
    """One line a job, and one above each group. A subclass has them changed."""

    head = 1

    def __init__(self, clock: Clock, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self.glyphs = glyphs
        self.clock = clock
        self.roster = Roster()
        self.columns: Sequence[Column] = tuple(Column)
        """The columns that are wanted, as far as there is room for them."""
        self.ticks = 0
        """How often the table was told that time has passed."""
        self._when_empty: tuple[Line, ...] = ()
        self._placed: tuple[Placed, ...] = ()
        self._counts: dict[JobKey, int] = {}
        self._tallies: dict[JobKey, Tally] = {}

    @property
    def total(self) -> int:
        """How many jobs there are, shown or not."""
        return len(self.roster.rows)

    @property
    def shown(self) -> int:
        """How many jobs are shown, or stand behind a folded line."""
        hidden = sum(told.jobs for told in self._tallies.values())
        if hidden and self.roster.marks:  # the order is held: some of them stand where they stood before
            hidden -= sum(self.place_of(key) is not None for key in self.roster.keys_folded())
        return len(self.keys) - len(self._counts) + hidden

    @property
    def order(self) -> Order:
        """How the jobs are sorted and grouped."""
        return self.roster.order

    def can_hold(self, key: JobKey) -> bool:
        """The cursor passes over headings, but a folded one stands for its jobs."""
        return not is_heading(key) or heading_name(key) in self.roster.folded

    def show_lines(self, lines: list[JobKey]) -> bool:
        """Show these lines; paints what moved, and the headings whose numbers changed. Returns whether any moved."""
        before, self._counts = self._counts, counts(lines) if self.order.group is not GroupBy.NOTHING else {}
        self.tally()
        moved = self.lay_out(lines)
        for key, number in self._counts.items():
            if before.get(key, number) != number:
                self.repaint(key)
        return moved

    def tally(self) -> None:
        """Count anew what stands behind the folded lines; paints those that say something else now."""
        before, grouped = self._tallies, self.order.group is not GroupBy.NOTHING
        self._tallies = {heading(name): self.roster.tally(name) for name in self.roster.folded} if grouped else {}
        for key, told in self._tallies.items():
            if before.get(key, told) != told:
                self.repaint(key)

    def renew(self, row: Row) -> None:
        """Paint a job's line again if it says something else now."""
        if row.view is not None:
            before = row.view
            if self._look_anew(row) != before:
                self.repaint(row.job.key)

    def _look_anew(self, row: Row) -> RowView:
        """What the line says now; it is drawn anew if that is something else."""
        view, row.tick = view_of(row.job, self.clock.now(), self.glyphs, self.roster.signs(row.job)), self.ticks
        if view != row.view:
            row.view, row.strip = view, None
        return view

    def redraw(self, key: JobKey) -> None:
        """Paint a job's line again if its signs have changed."""
        row = self.roster.rows.get(key)
        if row is not None:
            self.renew(row)

    def draw(self, key: JobKey, width: int, over: str | None) -> Strip:
        """A job's line, or a group's heading; kept until the job, its signs or the width changes."""
        if is_heading(key):
            return self._draw_heading(key, width, over)
        row = self.roster.rows[key]
        view = row.view
        if view is None or row.tick != self.ticks:  # out of sight no line is renewed
            view = self._look_anew(row)
        if over is None and row.strip is not None and row.strip.cell_length == width:
            return row.strip
        drawn = self.strip(row_line(view, self._columns_for(width), self.glyphs), width, over)
        strip = Strip([segment for segment in drawn if segment.text], width)
        if over is None:
            row.strip = strip
        return strip

    def _draw_heading(self, key: JobKey, width: int, over: str | None) -> Strip:
        folded = self._tallies.get(key)
        told = folded or Tally(self._counts.get(key, 0))
        start = heading_line(heading_name(key), told, self.order.group, self.glyphs, is_folded=folded is not None)
        return self.strip((*start, toned(self.glyphs.rule * (width - width_of(start)), Tone.DIM)), width, over)

    def draw_head(self, width: int) -> Strip:
        """The columns' names, the sorted one with a sign."""
        pieces = [toned(" " * PREFIX)]
        for index, placed in enumerate(self._columns_for(width)):
            name = placed.column.value
            if placed.column is self.order.by.column:
                arrow = self.glyphs.arrow_up if self.order.reverse else self.glyphs.arrow
                name = f"{name} {arrow}"[: placed.width] if placed.width > len(name) else name
            is_age = placed.column is Column.AGE
            text = name.rjust(placed.width) if is_age else fit(name, placed.width, self.glyphs.ellipsis)
            pieces.append(toned((" " * GAP if index else "") + text, Tone.HEAD))
        return self.strip(tuple(pieces), width)

    def say_when_empty(self, lines: tuple[Line, ...]) -> None:
        """What stands here while no job does."""
        if lines != self._when_empty:
            self._when_empty = lines
            if not self.keys:
                self.refresh()

    def draw_empty(self, y: int, width: int) -> Strip:
        """What to do next, where there is nothing to show."""
        lines = self._when_empty
        return self.strip((toned(" " * PREFIX), *lines[y - 1]) if 0 < y <= len(lines) else (), width)

    def _columns_for(self, width: int) -> tuple[Placed, ...]:
        columns = [one for one in self.columns if not self._says_group(one)]
        self._placed = place_columns(max(width - PREFIX - 1, 1), columns, self.roster.longest_word)
        return self._placed

    def column_at(self, x: int) -> Column | None:
        """The column that stands so many cells from the left; None between and in front of them."""
        start = PREFIX
        for placed in self._placed:
            if start <= x < start + placed.width:
                return placed.column
            start += placed.width + GAP
        return None

    def _says_group(self, column: Column) -> bool:
        """Whether the headings say already what the column would."""
        return column is Column.CONNECTION and self.order.group is GroupBy.CONNECTION

    def fit_columns(self) -> None:
        """A longer word for a state, or the end of the last long one, gives the columns other widths."""
        before = self._placed
        if before and self._columns_for(self.scrollable_content_region.width) != before:
            self.draw_anew()

    def draw_anew(self) -> None:
        """Draw every line again."""
        for row in self.roster.rows.values():
            row.strip = None
        self.refresh()

    def notify_style_update(self) -> None:
        """Another theme: every line is drawn anew."""
        super().notify_style_update()
        self.draw_anew()
