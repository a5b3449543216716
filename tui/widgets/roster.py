"""The jobs behind the table: which of them are in sight, in what order, with what signs. Asks nothing of the screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from rich.cells import cell_len
from textual.strip import Strip

from tui.filter import EVERYTHING, Filter, Known
from tui.model import Job, JobKey, JobState
from tui.widgets.folding import Folds, Group, Tally, group_of, tally
from tui.widgets.lineup import Lineup, Spot, heading_name, held, is_heading
from tui.widgets.order import GroupBy, Order, group_key, sort_key
from tui.widgets.rows import RowSigns, RowView, state_word

_NEW = "new, the order is held"
"""The heading above what came while the order is held."""


class Row:
    """A job in the table. `view` is None until it was on the screen, `strip` until it was drawn at this width.

    `tick` is the table's at which `view` was made.
    """

    __slots__ = ("job", "spot", "strip", "tick", "view", "word")

    def __init__(self, job: Job, order: Order) -> None:
        self.view: RowView | None = None
        self.tick = 0
        self.strip: Strip | None = None
        self.take(job, order)

    def take(self, job: Job, order: Order) -> None:
        """Have the job's latest version."""
        self.job = job
        self.word = cell_len(state_word(job))
        self.place(order)

    def place(self, order: Order) -> None:
        """Find out where it stands in this order, if it is in sight."""
        self.spot: Spot = (group_key(order.group, self.job), sort_key(order.by, self.job))


class Roster:
    """Take in jobs with `put` and `discard`; `lines` gives their keys in order."""

    def __init__(self) -> None:
        self.rows: dict[JobKey, Row] = {}
        self.order = Order()
        self.filter: Filter = EVERYTHING
        self.marks: dict[JobKey, None] = {}
        self.unseen: set[JobKey] = set()
        """The jobs that changed since they were last looked at, the one that is looked at just now among them."""
        self._looking: JobKey | None = None
        self.is_unsettled = False
        """Whether the lines may be others than when they were last asked for."""
        self._lineup = Lineup()
        self._words: Counter[int] = Counter()
        self._recalled: set[JobKey] = set()
        self.folds = Folds()

    def put(self, job: Job, now: datetime) -> Row:
        """Take in a job's latest version."""
        row = self.rows.get(job.key)
        if row is None:
            row = self.rows[job.key] = Row(job, self.order)
            if job.key in self._recalled:
                self._recalled.discard(job.key)
                self.marks[job.key] = None
        else:
            self._words[row.word] -= 1
            row.take(job, self.order)
        self._words[row.word] += 1
        self._line_up(row, now, self.known)
        return row

    def discard(self, key: JobKey) -> Job | None:
        """Take a job out, its mark too; returns it."""
        row = self.rows.pop(key, None)
        if row is None:
            return None
        self._words[row.word] -= 1
        self.marks.pop(key, None)
        self.unseen.discard(key)
        self._lineup.put(key, None)
        self.is_unsettled = True
        return row.job

    def recall_marks(self, keys: Iterable[JobKey]) -> None:
        """Mark these jobs as soon as they are there."""
        self._recalled = set(keys)

    @property
    def longest_word(self) -> int:
        """Cells of the longest word for a state."""
        return max((width for width, number in self._words.items() if number), default=0)

    @property
    def known(self) -> Known:
        """What the filter may ask about a job that does not stand in it."""
        return Known(marked=self.marks, unseen=self.unseen)

    def note_change(self, key: JobKey) -> None:
        """A job has changed: it is unseen, also when it is looked at."""
        self.unseen.add(key)
        if key == self._looking:
            self._looking = None

    def look_at(self, key: JobKey | None) -> JobKey | None:
        """The user looks at this job now, and has seen the one before; returns that one.

        Its dot goes at once; it stays in the filter `is:unseen` until the cursor leaves it.
        """
        before, self._looking = self._looking, key
        if before is not None and before != key:
            self.unseen.discard(before)
        return before

    def is_unseen(self, key: JobKey) -> bool:
        """Whether a job changed since it was last looked at."""
        return key in self.unseen and key != self._looking

    def signs(self, job: Job) -> RowSigns:
        """What stands in front of a job's row."""
        return RowSigns(marked=job.key in self.marks, alert=job.alert, unseen=self.is_unseen(job.key))

    def use_order(self, order: Order, now: datetime) -> None:
        """Have the jobs in another order."""
        self.order = order
        for row in self.rows.values():
            row.place(order)
        self.match_again(now)

    def use_filter(self, chosen: Filter, now: datetime) -> None:
        """Have only the jobs in sight that match; what matches is shown also where its group was folded."""
        self.folds.hold_open(on=bool(chosen))
        self.filter = chosen
        self.match_again(now)

    def match_again(self, now: datetime) -> None:
        """See which jobs match now."""
        known = self.known
        for row in self.rows.values():
            self._line_up(row, now, known)

    def fits(self, key: JobKey, now: datetime) -> bool:
        """Whether the filter lets a job be seen."""
        return key in self.rows and self.filter.matches(self.rows[key].job, now, self.known)

    def _line_up(self, row: Row, now: datetime, known: Known) -> None:
        spot = row.spot if self.filter.matches(row.job, now, known) else None
        if self._lineup.put(row.job.key, spot):
            self.is_unsettled = True

    def lines(self, current: list[JobKey]) -> list[JobKey]:
        """The keys in their order; while marks exist the order of the `current` lines is held."""
        self.is_unsettled = False
        wanted = self._lineup.lines(reverse=self.order.reverse, folded=self.folded)
        return held(current, wanted, self.rows, _NEW) if self.marks and current else wanted

    def lines_let_go(self) -> list[JobKey]:
        """The keys in their order, whatever is marked."""
        self.is_unsettled = False
        return self._lineup.lines(reverse=self.order.reverse, folded=self.folded)

    # ── groups ──

    @property
    def folded(self) -> frozenset[str]:
        """The groups that are folded to one line now."""
        return self.folds.of(self.order.group)

    @property
    def groups(self) -> list[str]:
        """The groups that have jobs in sight, folded or not."""
        return self._lineup.names() if self.order.group is not GroupBy.NOTHING else []

    def fold(self, names: Iterable[str]) -> None:
        """Have exactly these groups folded."""
        self.folds.put(self.order.group, names)
        self.is_unsettled = True

    def group_of(self, key: JobKey) -> str | None:
        """The group that a job or a heading belongs to; None where nothing is grouped, or for no job of ours."""
        if self.order.group is GroupBy.NOTHING:
            return None
        if is_heading(key):
            return heading_name(key)
        return self.rows[key].spot[0][1] if key in self.rows else None

    def tally(self, name: str) -> Tally:
        """How the jobs of a group stand."""
        return tally(self._states_of(name))

    def group(self, name: str) -> Group:
        """The same, told at length."""
        return group_of(name, self._states_of(name))

    def _states_of(self, name: str) -> Iterator[JobState]:
        return (self.rows[key].job.state for key in self._lineup.keys_of(name))

    def keys_folded(self) -> Iterator[JobKey]:
        """The jobs of the folded groups."""
        return (key for name in self.folded for key in self._lineup.keys_of(name))

    def lines_unfolded(self) -> list[JobKey]:
        """The keys in their order, as if no group were folded."""
        return self._lineup.lines(reverse=self.order.reverse)
