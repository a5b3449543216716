"""What goes to the disk together, and what comes from it when another program wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, groupby

from tui.engine.storage.rounds import Round
from tui.model import Download, Event, Job, JobKey
from tui.usual import Run


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be written together. `added` jobs may be new or come back; `updated` ones must still be there."""

    added: tuple[Job, ...] = ()
    updated: tuple[Job, ...] = ()
    removed: tuple[JobKey, ...] = ()
    downloads: tuple[Download, ...] = ()
    events: tuple[Event, ...] = ()
    report: tuple[JobKey, str] | None = None
    runs: tuple[Run, ...] = ()
    """What jobs that just succeeded tell of how long their kind takes."""
    rounds: tuple[Round, ...] = ()
    """Jobs that were asked together; of those that are not in `updated` only the times have changed."""

    @property
    def asked(self) -> dict[JobKey, Job]:
        """The jobs of all rounds."""
        return {key: job for one in self.rounds for key, job in one.jobs.items()}


@dataclass(frozen=True, slots=True)
class News:
    """What another program wrote."""

    jobs: tuple[Job, ...] = ()
    removed: tuple[JobKey, ...] = ()
    downloads: tuple[Download, ...] = ()
    is_whole: bool = False
    """These are all jobs there are: who reads it has missed what became of others."""


def joined(batches: Iterable[Batch]) -> Iterator[Batch]:
    """The same in fewer batches: neighbours that only change what is there are merged."""
    for is_change, some in groupby(batches, _only_changes):
        if not is_change:
            yield from some
            continue
        group = tuple(some)
        yield Batch(
            updated=tuple(chain.from_iterable(batch.updated for batch in group)),
            downloads=tuple(chain.from_iterable(batch.downloads for batch in group)),
            events=tuple(chain.from_iterable(batch.events for batch in group)),
            runs=tuple(chain.from_iterable(batch.runs for batch in group)),
        )


def _only_changes(batch: Batch) -> bool:
    return not (batch.added or batch.removed or batch.report or batch.rounds)
