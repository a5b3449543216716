"""Which groups of the job table are folded to one line, and what that line says of the jobs behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tui.model import JobState
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import EMPTY, Line, Tone, toned
from tui.widgets.order import GroupBy, urgency
from tui.widgets.rows import STATE_TONES

_NONE: frozenset[str] = frozenset()


class Folds:
    """The names of the folded groups, for each way of grouping. A filter opens all groups, to show what it finds."""

    def __init__(self) -> None:
        self._of: dict[GroupBy, frozenset[str]] = {}
        self._meanwhile: dict[GroupBy, frozenset[str]] | None = None
        """The groups folded since a filter opened all of them; None while no filter does."""

    def of(self, group: GroupBy) -> frozenset[str]:
        """The groups that are folded now."""
        return (self._of if self._meanwhile is None else self._meanwhile).get(group, _NONE)

    def put(self, group: GroupBy, names: Iterable[str]) -> None:
        """Fold exactly these, as the user wants; groups that a filter opened are folded again when it ends."""
        names = frozenset(names)
        if self._meanwhile is not None:
            unfolded = self._meanwhile.get(group, _NONE) - names
            self._meanwhile[group] = names
            names |= self._of.get(group, _NONE) - unfolded
        self._of[group] = names

    def hold_open(self, *, on: bool) -> None:
        """Open all groups until this ends, except those that the user folds from now on."""
        self._meanwhile = {} if on else None

    def kept(self) -> tuple[str, ...]:
        """All of them as texts, to be kept from one run to the next."""
        return tuple(sorted(f"{group.name}:{name}" for group, names in self._of.items() for name in names))

    def recall(self, kept: Iterable[str]) -> None:
        """Fold what was folded in the run before; what is no way of grouping any more is passed over."""
        told = [text.partition(":") for text in kept]
        for group in GroupBy:
            self._of[group] = frozenset(name for kind, _, name in told if kind == group.name)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many jobs stand behind a folded line, and the state that asks most for a look, with how many have it."""

    jobs: int
    worst: JobState | None = None
    number: int = 0


def tally(states: Iterable[JobState]) -> Tally:
    """Count them."""
    counted = Counter(states)
    if not counted:
        return Tally(0)
    worst = min(counted, key=urgency)
    return Tally(counted.total(), worst, counted[worst])


@dataclass(frozen=True, slots=True)
class Group:
    """A folded group under the cursor: how many of its jobs stand how, what asks most for a look first."""

    name: str
    states: tuple[tuple[JobState, int], ...]


def group_of(name: str, states: Iterable[JobState]) -> Group:
    """Count them."""
    return Group(name, tuple(sorted(Counter(states).items(), key=lambda one: urgency(one[0]))))


def group_title(group: Group) -> Line:
    """Its name, in place of a job's."""
    return (toned(group.name, Tone.STRONG), toned("  a folded group", Tone.DIM))


def group_lines(group: Group, glyphs: Glyphs) -> list[Line]:
    """How its jobs stand."""
    width = len(str(max((number for _, number in group.states), default=0)))
    return [
        (toned(f" {glyphs.states[state]} {number:>{width}} {state.value}", STATE_TONES[state]),)
        for state, number in group.states
    ]


def heading_line(name: str, told: Tally, group: GroupBy, glyphs: Glyphs, *, is_folded: bool) -> Line:
    """A group's heading up to its end; a folded one says how the worst of its jobs stand."""
    rule, count = glyphs.rule, "1 job" if told.jobs == 1 else f"{told.jobs} jobs"
    start = toned("+" if is_folded else rule, Tone.KEY if is_folded else Tone.DIM)
    line = (start, toned(rule, Tone.DIM), toned(f" {name} ", Tone.STRONG), toned(f"{rule} {count} ", Tone.DIM))
    return (*line, *(_worst(told, glyphs) if is_folded and group is not GroupBy.STATE else EMPTY))


def _worst(told: Tally, glyphs: Glyphs) -> Line:
    if told.worst is None:
        return EMPTY
    return (toned(f" {glyphs.states[told.worst]} {told.number} {told.worst.value} ", STATE_TONES[told.worst]),)
