"""The jobs in their order, group by group. One change costs a search in a sorted list, never a sort of all."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Mapping

from tui.model import JobKey
from tui.widgets.order import UNGROUPED, GroupKey, SortKey

Spot = tuple[GroupKey, SortKey]
"""Where a job stands."""

_FEW = 8
"""One change in so many lines, or fewer, is put in one by one; more are sorted together."""

_SIGN = "\n"
"""What the key of a heading begins with, and no job's key does."""


def heading(name: str) -> JobKey:
    """The key of a group's heading: it stands among the lines under a key that no job can have."""
    return JobKey(_SIGN + name)


def is_heading(key: JobKey) -> bool:
    """Whether a line is a heading."""
    return key.startswith(_SIGN)


def heading_name(key: JobKey) -> str:
    """The name of the group below a heading."""
    return key.removeprefix(_SIGN)


class Lineup:
    """Knows where each job stands; a job without a spot is out of sight."""

    def __init__(self) -> None:
        self._spots: dict[JobKey, Spot] = {}
        self._groups: dict[GroupKey, list[SortKey]] = {}
        self._moved: dict[JobKey, Spot | None] = {}
        """The jobs that have not been put in yet, with the spot that they still have in the groups."""

    def put(self, key: JobKey, spot: Spot | None) -> bool:
        """Give a job its spot, or none; tells whether that is another one."""
        old = self._spots.get(key)
        if old == spot:
            return False
        self._moved.setdefault(key, old)
        if spot is None:
            del self._spots[key]
        else:
            self._spots[key] = spot
        return True

    def fill(self, spots: Mapping[JobKey, Spot]) -> None:
        """Have exactly these jobs."""
        self._spots = dict(spots)
        self._sort()

    def lines(self, *, reverse: bool, folded: Collection[str] = ()) -> list[JobKey]:
        """The keys in their order, each group below its heading; of `folded` groups only the heading."""
        self._settle()
        found: list[JobKey] = []
        for group in sorted(self._groups):
            if group != UNGROUPED:
                found.append(heading(group[1]))
                if group[1] in folded:
                    continue
            ranks = self._groups[group]
            found += [rank[3] for rank in (reversed(ranks) if reverse else ranks)]
        return found

    def names(self) -> list[str]:
        """The groups that there are."""
        self._settle()
        return [name for _, name in self._groups]

    def keys_of(self, name: str) -> list[JobKey]:
        """The jobs in sight of a group, were it not folded."""
        self._settle()
        return [rank[3] for (_, own), ranks in self._groups.items() if own == name for rank in ranks]

    def _settle(self) -> None:
        if len(self._moved) * _FEW > len(self._spots):
            self._sort()
            return
        for key, old in self._moved.items():
            if old is not None:
                self._take_out(old)
            if new := self._spots.get(key):
                insort(self._groups.setdefault(new[0], []), new[1])
        self._moved.clear()

    def _take_out(self, spot: Spot) -> None:
        group, rank = spot
        ranks = self._groups[group]
        del ranks[bisect_left(ranks, rank)]
        if not ranks:
            del self._groups[group]

    def _sort(self) -> None:
        self._moved.clear()
        self._groups = {}
        for group, rank in self._spots.values():
            self._groups.setdefault(group, []).append(rank)
        for ranks in self._groups.values():
            ranks.sort()


def counts(lines: Iterable[JobKey]) -> dict[JobKey, int]:
    """How many jobs stand below each heading."""
    found: dict[JobKey, int] = {}
    last: JobKey | None = None
    for key in lines:
        if is_heading(key):
            last = key
            found[key] = 0
        elif last is not None:
            found[last] += 1
    return found


def held(lines: Iterable[JobKey], wanted: Iterable[JobKey], there: Mapping[JobKey, object], new: str) -> list[JobKey]:
    """The lines as they stand, without the jobs that are not `there` any more; what is new goes to the end.

    Where there are headings, what is new gets one of its own, `new`; a heading with nothing below it goes, unless
    its jobs are wanted and folded away.
    """
    wanted = list(wanted)
    folded = {key for key, number in counts(wanted).items() if not number}
    kept = [key for key in lines if is_heading(key) or key in there]
    known = set(kept)
    more = [key for key in wanted if not is_heading(key) and key not in known]
    if more and any(map(is_heading, kept)) and heading(new) not in known:
        kept.append(heading(new))
    together = [*kept, *more]
    numbers = counts(together)
    return [key for key in together if numbers.get(key, 1) or key in folded]
