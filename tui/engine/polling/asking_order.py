"""Who is asked next on one connection: jobs in the order of their due times, wishes and the job in focus before them.

A job's due time is its `next_check_at` on the board, so what another program asked on the same state folder, or what
was planned before a restart, is not asked again. A job that another program planned is left to it for a moment longer.
Here it is kept in the machine's own seconds, so that a wall clock that is set moves nothing.
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from tui.clock import Clock
from tui.engine.polling.due_times import NOW, DueTimes
from tui.engine.polling.schedule import FOCUS_SHARE, JOIN_SHARE, catch_up_seconds, longest_wait
from tui.model import Connection, Job, JobKey

FOLLOW_SECONDS = 3.0
"""Seconds past the due time that we leave a job to the program that planned its ask, since that may still run.

At least: each program takes its own time, up to twice as long, so that two of them do not step in at once.
"""
TICK = 0.25
LONG_TICK = 1.0
"""Seconds; all connections ask at multiples of these, or of half their shortest wait: what wakes a program together
costs half of what comes singly."""
LONG_WAIT = 20.0
"""A job that waits for so many seconds may be asked `LONG_TICK` later than planned, any other one by `TICK`."""
CLOCK_JUMP = 5.0
"""Seconds by which the wall clock and the machine's own may drift apart before something has happened to one."""
_WANTED, _USUAL = 0, 1


class AskingOrder:
    """The jobs of one connection that are still asked for."""

    def __init__(self, connection: Connection, per_round: int, clock: Clock, rng: random.Random) -> None:
        """`per_round` is how many jobs are asked together."""
        self._connection = connection
        self._per_round = per_round
        self._clock = clock
        self._rng = rng
        self._tick = min(TICK, connection.min_interval / 2)
        self._patience = FOLLOW_SECONDS * (1 + rng.random())
        self._jobs: dict[JobKey, Job] = {}
        self._due = DueTimes()
        self._planned: dict[JobKey, datetime | None] = {}
        self._wanted: set[JobKey] = set()
        self._focused: JobKey | None = None
        self._offset = self._wall_offset()

    def __len__(self) -> int:
        return len(self._jobs)

    def __contains__(self, key: object) -> bool:
        return key in self._jobs

    @property
    def keys(self) -> tuple[JobKey, ...]:
        """All that are still asked for."""
        return tuple(self._jobs)

    def has_well_one_beside(self, keys: Collection[JobKey]) -> bool:
        """Whether any other job is under way whose last ask, by whatever program, did not go wrong."""
        return any(not (job.problem or job.state.is_over or key in keys) for key, job in self._jobs.items())

    def hear(self, job: Job) -> None:
        """Take a job, or its newer version, in; one that is over, given up or of unknown outcome is taken out."""
        key = job.key
        finished = job.state.is_over and job.next_check_at is None
        if job.outcome_unknown or ((finished or job.is_given_up) and key not in self._wanted):
            self.drop(key)
            return
        known = self._jobs.get(key)
        self._jobs[key] = job
        if known is None or known.next_check_at != job.next_check_at or key not in self._due:
            self._line_up(job)

    def hear_together(self, jobs: Mapping[JobKey, Job]) -> None:
        """Take in the newer versions of jobs that have answered together and are due together."""
        if not self._wanted.isdisjoint(jobs):
            for job in jobs.values():
                self.hear(job)
            return
        self._jobs.update(jobs)
        first = next(iter(jobs.values()))
        self._due.put_together(tuple(jobs), self._planned_for(first, self._clock.monotonic()))

    def want(self, job: Job) -> None:
        """Have a job asked before all others, although it is over or was given up."""
        if not job.outcome_unknown:
            self._wanted.add(job.key)
            self._jobs[job.key] = job
            self._line_up(job)

    def drop(self, key: JobKey) -> None:
        """Ask for this job no more."""
        self._jobs.pop(key, None)
        self._due.drop(key)
        self._planned.pop(key, None)
        self._wanted.discard(key)

    def focus(self, key: JobKey | None) -> None:
        """The job under the user's cursor: first in line, and asked more often."""
        self._focused = key

    def planned(self, key: JobKey, at: datetime | None) -> None:
        """We have planned the job's next ask ourselves."""
        self._planned[key] = at

    def is_ours(self, key: JobKey, job: Job) -> bool:
        """Whether we planned the job's next ask, not another program or an earlier run."""
        return self._planned.get(key) == job.next_check_at

    def seconds_to(self, key: JobKey) -> float:
        """How long until a job is due; not more than 0 for one that is, infinite for one that is not asked for."""
        return self._due_at(key) - self._clock.monotonic()

    def ahead_of(self, key: JobKey) -> int:
        """How many are due before it. Looks at all; from any thread."""
        return 0 if key == self._focused else self._due.ahead_of(key)

    @property
    def next_in(self) -> float:
        """What `seconds_until_due` says, from any thread. Looks at all."""
        return min((*self._due.all_times(), self._focus_due_at)) - self._clock.monotonic()

    @property
    def seconds_until_due(self) -> float:
        """How long until somebody is due; infinite when nobody will be."""
        return min(self._due.soonest, self._focus_due_at) - self._clock.monotonic()

    @property
    def _focus_due_at(self) -> float:
        focused = self._focused
        return self._due_at(focused) if focused else math.inf

    def take(self, most: int, *, fill: bool) -> dict[JobKey, Job]:
        """Take out those that are due, at most so many; with `fill` also those that will be soon.

        They are lined up again by `hear` when their answers are on the board, or else by `give_back`.
        """
        now = self._clock.monotonic()
        keys: list[JobKey] = []
        if self._focused and self._focus_due_at <= now:
            keys.append(self._focused)
            self._due.drop(self._focused)
        keys += self._due.take(now, most - len(keys))
        if fill and keys:
            keys += self._joining(now, most - len(keys))
        return {key: self._jobs[key] for key in keys}

    def asked(self, keys: Iterable[JobKey]) -> None:
        """The wishes for these are granted."""
        self._wanted.difference_update(keys)

    @property
    def wanted(self) -> frozenset[JobKey]:
        """The jobs that are asked before all others."""
        return frozenset(self._wanted)

    def wanted_of(self, keys: Collection[JobKey]) -> frozenset[JobKey]:
        """Those of these jobs that are asked before all others."""
        return frozenset(self._wanted.intersection(keys))

    def give_up(self, key: JobKey) -> None:
        """Ask for a wanted job at its usual time again, if there is one."""
        self._wanted.discard(key)
        self._due.drop(key)
        self.hear(self._jobs[key])

    def give_up_wishes(self) -> None:
        """Nobody is asked before the others any more."""
        self._wanted.clear()

    def give_back(self, keys: Iterable[JobKey]) -> None:
        """Line those up again that were taken out and of which nothing was heard."""
        for key in keys:
            if key not in self._due and key in self._jobs:
                self._line_up(self._jobs[key])

    def catch_up(self) -> None:
        """Spread what is late: after a start, a pause or a time when nobody answered, not all comes at once."""
        now = self._clock.monotonic()
        late = sum(at <= now for at in self._due.all_times())
        self._due.spread(now, catch_up_seconds(late, self._per_round, self._connection), self._per_round, self._rng)

    def look_at_clock(self) -> None:
        """Count anew when the wall clock was set or the machine slept: what is late by now is asked soon."""
        offset = self._wall_offset()
        if abs(offset - self._offset) < CLOCK_JUMP:
            return
        self._offset = offset
        now = self._clock.monotonic()
        for job in self._jobs.values():
            planned = self._planned_for(job, now)
            self._due.put(
                job.key, planned if job.state.is_over else min(planned, self._due.at(job.key)), self._rank(job)
            )
        self.catch_up()

    def _joining(self, now: float, most: int) -> list[JobKey]:
        """Jobs due soon that join this request; a group due together joins whole or not, so its shared row holds."""
        horizon, wall = now + JOIN_SHARE * self._connection.max_interval, self._clock.now()
        joined: list[JobKey] = []
        others: list[tuple[list[JobKey], float]] = []
        while len(joined) < most and len(others) < most and (at := self._due.soonest) <= horizon:
            keys = self._due.take_together()
            if len(keys) <= most - len(joined) and all(self._may_join(self._jobs[key], at - now, wall) for key in keys):
                joined += keys
            else:
                others.append((keys, at))
        for keys, at in others:
            self._due.put_together(keys, at)
        return joined

    def _may_join(self, job: Job, wait: float, now: datetime) -> bool:
        if job.problem or job.checked_at is None or job.next_check_at is None:
            return False
        whole, gone = (job.next_check_at - job.checked_at).total_seconds(), (now - job.checked_at).total_seconds()
        return wait <= whole * JOIN_SHARE and gone >= self._connection.min_interval

    def _line_up(self, job: Job) -> None:
        self._due.put(job.key, self._planned_for(job, self._clock.monotonic()), self._rank(job))

    def _planned_for(self, job: Job, now: float) -> float:
        wait = self._seconds_by_wall(job)
        tick = LONG_TICK if wait >= LONG_WAIT else self._tick
        return math.ceil((now + wait) / tick - 1e-6) * tick if 0 < wait < math.inf else now + wait

    def _rank(self, job: Job) -> int:
        return _WANTED if job.key in self._wanted else _USUAL

    def _seconds_by_wall(self, job: Job) -> float:
        if job.key in self._wanted or job.next_check_at is None:
            return NOW
        wait = (job.next_check_at - self._clock.now()).total_seconds()
        if wait > longest_wait(self._connection) and not job.state.is_over:
            return 0.0  # planned when the wall clock was ahead
        return wait if self.is_ours(job.key, job) else wait + self._patience

    def _due_at(self, key: JobKey) -> float:
        at, job = self._due.at(key), self._jobs.get(key)
        if job is None or key != self._focused or not math.isfinite(at):
            return at
        if job.next_check_at is None or job.checked_at is None or job.problem:
            return at
        whole = (job.next_check_at - job.checked_at).total_seconds()
        return at - whole + max(whole * FOCUS_SHARE, min(self._connection.min_interval, whole))

    def _wall_offset(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()
