"""The changes that one round of answers makes on the board, gathered to be written at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from tui.engine.next_ask import NextAsk
from tui.engine.storage.batch import Batch
from tui.engine.storage.rounds import into_rounds
from tui.model import Event, Job, JobKey
from tui.usual import Run

Plan = Callable[[Job], NextAsk]


@dataclass(slots=True)
class Heard:
    """All jobs of one round, as they are now and in the order of their answers.

    In `changed` are those of which more than the times changed.
    """

    at: datetime
    plan: Plan
    jobs: dict[JobKey, Job] = field(default_factory=dict)
    changed: dict[JobKey, Job] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    def batch(self) -> Batch:
        """All of it; a job that is alone with its times is written whole."""
        rounds, alone = into_rounds(self.jobs)
        updated = self.changed | alone
        return Batch(updated=tuple(updated.values()), events=tuple(self.events), runs=tuple(self.runs), rounds=rounds)
