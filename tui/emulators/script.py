"""A scripted job's life as a pure function of time: born, waiting, its stages, its end, a cancel."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum, auto


class Phase(Enum):
    """Where a scripted job stands."""

    WAITING = auto()
    RUNNING = auto()
    CANCELLING = auto()
    SUCCEEDED = auto()
    FAILED = auto()
    CANCELLED = auto()

    @property
    def is_over(self) -> bool:
        """Whether nothing changes any more."""
        return self in (Phase.SUCCEEDED, Phase.FAILED, Phase.CANCELLED)


@dataclass(frozen=True, slots=True)
class Beat:
    """A script at one instant. Times are seconds of the world.

    `entered` holds the start of each stage reached so far, `ended` the end once it is over.
    """

    phase: Phase
    entered: tuple[float, ...]
    ended: float | None


@dataclass(frozen=True, slots=True)
class Script:
    """What will happen to a job. Times are seconds; `stages` are lengths, a failing script ends in its last one.

    A running job needs `cancel_takes` to stop; with infinity it goes on to its own end.
    """

    born: float
    wait: float
    stages: tuple[float, ...]
    succeeds: bool = True
    cancel_takes: float = 3.0

    @property
    def starts(self) -> float:
        """When it leaves the queue."""
        return self.born + self.wait

    def end(self, cancelled_at: float | None = None) -> tuple[float, Phase]:
        """When it is over, and how, given the instant of a cancel."""
        own = self.starts + sum(self.stages)
        if cancelled_at is not None and cancelled_at < own:
            stopped = cancelled_at + (self.cancel_takes if cancelled_at >= self.starts else 0.0)
            if stopped <= own:
                return stopped, Phase.CANCELLED
        return own, Phase.SUCCEEDED if self.succeeds else Phase.FAILED

    def beat(self, now: float, cancelled_at: float | None = None) -> Beat:
        """Where it stands at `now`."""
        ends, outcome = self.end(cancelled_at)
        reached = min(now, ends)
        entered = tuple(start for start in self._stage_starts() if start <= reached and start < ends)
        if now >= ends:
            return Beat(outcome, entered, ends)
        if cancelled_at is not None and cancelled_at <= now and outcome is Phase.CANCELLED:
            return Beat(Phase.CANCELLING, entered, None)
        phase = Phase.RUNNING if now >= self.starts else Phase.WAITING
        return Beat(phase, entered, None)

    def _stage_starts(self) -> tuple[float, ...]:
        starts = [self.starts]
        for length in self.stages[:-1]:
            starts.append(starts[-1] + length)
        return tuple(starts)


_JUST_BEGUN = 0.001
"""Seconds that a stage runs already when a job is sent to it."""


class Run:
    """One job on its way along a script; from outside it can only be cancelled, or sent through it once more.

    `cancelled_at` is when somebody else will cancel it, if somebody does. `attempt` counts from 1.
    """

    __slots__ = ("_cancelled_at", "attempt", "script")

    def __init__(self, script: Script, *, cancelled_at: float | None = None) -> None:
        self.script = script
        self.attempt = 1
        self._cancelled_at = cancelled_at

    def beat(self, now: float) -> Beat:
        """Where it stands."""
        return self.script.beat(now, self._cancelled_at)

    def cancel(self, now: float) -> bool:
        """Ask it to stop; False when it was over already. A second cancel changes nothing."""
        if self.beat(now).phase.is_over:
            return False
        if self._cancelled_at is None or now < self._cancelled_at:
            self._cancelled_at = now
        return True

    def restart(self, now: float, stage: int = 0) -> None:
        """Begin again: in the queue, or with one of the stages, those before it being done."""
        done = self.script.stages[: min(stage, len(self.script.stages) - 1)]
        behind = self.script.wait + sum(done) + _JUST_BEGUN if done else 0.0
        self.script = replace(self.script, born=now - behind)
        self.attempt += 1
        self._cancelled_at = None

    @property
    def end(self) -> float:
        """When it is over, as things stand."""
        return self.script.end(self._cancelled_at)[0]


STUBBORN = math.inf
"""`cancel_takes` of a job that no cancel stops."""
