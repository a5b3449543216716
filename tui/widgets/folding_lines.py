"""The lines of the job table whose groups fold: which lines there are then, and where the cursor stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tui.model import Job, JobKey
from tui.widgets.folding import Group
from tui.widgets.job_lines import JobLines
from tui.widgets.lineup import heading, heading_name, is_heading


class FoldingLines(JobLines):
    """Groups are folded to one line, and unfolded by hand or when one of their jobs is looked for."""

    @property
    def wanted_cursor(self) -> JobKey | None:
        """The job that the user chose: under the cursor, or hidden since."""
        return self._missed if self._missed in self.roster.rows else self.cursor

    def rearrange(self) -> None:
        """The lines in their new order; where the cursor's job is folded away, the cursor goes to its group's line."""
        here = self.wanted_cursor
        self.show_lines(self.roster.lines_let_go())
        group = self.roster.group_of(here) if here is not None else None
        if here is not None and group in self.roster.folded and self.place_of(here) is None:
            self._missed = None
            self.select(heading(group))

    def toggle_fold(self) -> None:
        """Fold the group under the cursor to one line, on which the cursor then stands, or unfold it."""
        name = self.roster.group_of(self.cursor) if self.cursor is not None else None
        if name is not None:
            self._fold(self.roster.folded ^ {name})

    def toggle_all_folds(self) -> None:
        """Fold all groups; where none is left to fold, unfold them."""
        groups = set(self.roster.groups)
        self._fold(groups if groups - self.roster.folded else ())

    @property
    def folded_group(self) -> Group | None:
        """The group on whose line the cursor stands; None while it stands on a job."""
        if self.cursor is None or not is_heading(self.cursor):
            return None
        return self.roster.group(heading_name(self.cursor))

    def reveal(self, key: JobKey) -> bool:
        """Unfold the group of a job that is out of sight; returns whether the job is in sight now."""
        name = self.roster.group_of(key)
        if name in self.roster.folded and self.roster.fits(key, self.clock.now()):
            self._fold(self.roster.folded - {name})
        return self.place_of(key) is not None

    def _fold(self, names: Iterable[str]) -> None:
        """Fold exactly these. A cursor on a folded job goes to its group's line; one on an unfolded group to a job."""
        here = self.cursor
        group = self.roster.group_of(here) if here is not None else None
        self.roster.fold(names)
        if group in self.roster.folded:
            self.select(heading(group))
            here = None
        self.show_lines(self.roster.lines_let_go())
        if here is not None and is_heading(here):
            self.move_to(self.place_of(here) or 0)
        self.refresh()

    def go_to_next(self, wanted: Callable[[Job], bool]) -> bool:
        """Put the cursor on the next job that is wanted, from the top again at the end; tells whether there is one."""
        keys = self.roster.lines_unfolded() if self.roster.folded else self.keys
        start = keys.index(self.cursor) if self.cursor in keys else -1
        for key in (*keys[start + 1 :], *keys[: start + 1]):
            row = self.roster.rows.get(key)
            if row is not None and wanted(row.job):
                self.reveal(key)
                self.select(key)
                return True
        return False
