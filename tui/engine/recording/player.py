"""Plays a recording: where in it the board is, how fast it goes on, and what is new since the last look."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from datetime import datetime, timedelta

from tui.clock import Clock
from tui.engine.facts.jobs import Changes
from tui.engine.recording.lines import Line
from tui.engine.recording.reader import Recording, Turn
from tui.engine.recording.scene import Scene, difference
from tui.errors import UsageError
from tui.model import Event, JobKey

SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""How many times as fast as it was."""


class Player:
    """Satisfies `tui.clock.Clock`: its `now` is the recorded moment, which goes on as the machine's own clock does.

    For one thread. It begins at the start, playing.
    """

    def __init__(self, recording: Recording, clock: Clock, speed: float = 1.0) -> None:
        self.recording = recording
        self.speed = speed
        self.is_paused = False
        self._clock = clock
        self._from = recording.moments[0]
        self._since = clock.monotonic()
        self._scene = Scene()
        self._chapter: tuple[int, list[bytes]] = (0, [])
        self._taken = 0
        """How many lines have been played."""
        self._is_lost = False
        """Whether the scene lacks some of those lines, since they could not be read."""
        self._has_jumped = False
        self._failures = [number for number, turn in enumerate(recording.turns) if turn.state.is_failure]
        self._turn: int | None = None
        """The number of the turn that the user went to last."""

    # ── the clock ──

    def now(self) -> datetime:
        """The recorded moment."""
        if self.is_paused:
            return self._from
        passed = timedelta(seconds=(self._clock.monotonic() - self._since) * self.speed)
        return min(self._from + passed, self.recording.moments[-1])

    def monotonic(self) -> float:
        """The machine's own."""
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        """In the machine's own time."""
        await self._clock.sleep(seconds)

    # ── where it is ──

    @property
    def is_at_end(self) -> bool:
        """Whether nothing follows."""
        return self.now() >= self.recording.moments[-1]

    def pause(self, *, on: bool) -> None:
        """Stand still, or go on."""
        self._stay_at(self.now())
        self.is_paused = on

    def use_speed(self, step: int) -> None:
        """The next faster of SPEEDS, or slower for -1."""
        self._stay_at(self.now())
        place = (bisect_right(SPEEDS, self.speed) if step > 0 else bisect_left(SPEEDS, self.speed)) + min(step, 0)
        self.speed = SPEEDS[min(max(place, 0), len(SPEEDS) - 1)]

    def go_to(self, moment: datetime) -> None:
        """Jump there, as far as the recording goes."""
        self._stay_at(min(max(moment, self.recording.moments[0]), self.recording.moments[-1]))
        self._has_jumped, self._turn = True, None

    def next_turn(self, *, failed: bool = False) -> Turn | None:
        """The next turn of a job, or the next failure; None where none follows. Several may be of one moment."""
        turns, now = self.recording.turns, self.now()
        number = bisect_right(turns, now, key=lambda one: one.at)
        if self._turn is not None and turns[self._turn].at == now:
            number = self._turn + 1
        if failed:
            place = bisect_left(self._failures, number)
            number = self._failures[place] if place < len(self._failures) else len(turns)
        return turns[number] if number < len(turns) else None

    def go_to_turn(self, turn: Turn) -> None:
        """Stand still at its moment; the next one is the one after it."""
        self.go_to(turn.at)
        self.pause(on=True)
        self._turn = turn.number

    def _stay_at(self, moment: datetime) -> None:
        self._from, self._since = moment, self._clock.monotonic()

    # ── what is there ──

    @property
    def is_due(self) -> bool:
        """Whether something is new since `take`."""
        return self._wanted != self._taken

    @property
    def _wanted(self) -> int:
        return bisect_right(self.recording.moments, self.now())

    def take(self) -> Changes:
        """What is new since the last time. Where the file cannot be read on, it says so and stands still."""
        wanted = self._wanted
        if wanted == self._taken:
            self._has_jumped = False
            return Changes()
        before = self._scene.copy()
        try:
            passed = self._lines_to(wanted)
        except UsageError as error:
            self._taken, self._is_lost = wanted, True
            self.pause(on=True)
            return Changes(told=(error.told,))
        self._is_lost = False
        for line in passed:
            self._scene.take(line)
        changes = difference(before, self._scene)
        if not self._has_jumped:
            told = tuple(dict.fromkeys(text for line in passed for text in line.told))
            slept = next((line.slept for line in reversed(passed) if line.slept), None)
            changes = replace(changes, told=told, slept=slept)
        self._has_jumped = False
        self._taken = wanted
        return changes

    def _lines_to(self, wanted: int) -> list[Line]:
        """The lines that lead to the moment when so many have been played: from here, or from their chapter's first."""
        first, texts = self._chapter
        is_here = first <= self._taken <= min(wanted, first + len(texts)) and not self._is_lost
        rest = texts[self._taken - first : wanted - first] if is_here else []
        if first < wanted <= first + len(texts):
            return self.recording.lines(rest if is_here else texts[: wanted - first])
        end = first + len(texts)
        first, texts = self._chapter = self.recording.chapter_of(wanted - 1)
        plays_on = is_here and end == first > 0 and not self._has_jumped
        # A chapter begins with the whole board, which costs the most: whoever plays on knows it already.
        return self.recording.lines([*rest, *texts[1 : wanted - first]] if plays_on else texts[: wanted - first])

    def history(self, key: JobKey) -> tuple[Event, ...]:
        """What had happened to the job by now, as far as it was recorded."""
        now = self.now()
        return tuple(event for at, event in self.recording.events if event.job == key and at <= now)
