"""What is on its way to the disk, what the disk did not take, and what another program wrote meanwhile."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping

from tui.engine.storage.batch import Batch, News
from tui.engine.storage.foreign import without_ours
from tui.engine.storage.store import Store
from tui.errors import StateError
from tui.model import Event, Job, JobKey
from tui.usual import Run

_MOST_KEPT = 10_000
"""So many lines of history, and so many past runs, are kept for a disk that takes nothing; the latest."""


class Writing:
    """The board's way to its store. Coroutines may raise StateError when the disk does not take a change."""

    def __init__(self, store: Store, jobs: Mapping[JobKey, Job]) -> None:
        """`jobs` are those of the board, as they are at each time."""
        self._store = store
        self._jobs = jobs
        self._under_way: dict[int, Batch] = {}
        self._unwritten: set[JobKey] = set()
        self._events: deque[Event] = deque(maxlen=_MOST_KEPT)
        self._runs: deque[Run] = deque(maxlen=_MOST_KEPT)
        self._trouble: StateError | None = None
        self._since_the_look: list[Batch] | None = None
        self._one_look = asyncio.Lock()

    def is_behind(self, key: JobKey) -> bool:
        """Whether the disk did not take a job as it is: its next answer has to be written with all of it."""
        return key in self._unwritten

    def why_behind(self, keys: Iterable[JobKey]) -> StateError | None:
        """Why the disk does not hold what is known of some of these jobs; None when it does."""
        return None if self._unwritten.isdisjoint(keys) else self._trouble

    def keep(self, batch: Batch) -> None:
        """Have what answers brought, and the disk did not take, written with the next `take_left_over`."""
        self._events.extend(batch.events)
        self._runs.extend(batch.runs)

    @property
    def has_left_over(self) -> bool:
        """Whether there is anything for `take_left_over`."""
        return bool(self._unwritten or self._events or self._runs)

    def take_left_over(self) -> Batch:
        """What the disk did not take, to be written now: the jobs as they are now, and what was kept."""
        self._unwritten &= self._jobs.keys()
        jobs = tuple(self._jobs[key] for key in self._unwritten)
        batch = Batch(updated=jobs, events=tuple(self._events), runs=tuple(self._runs))
        self._events.clear()
        self._runs.clear()
        return batch

    def forget(self, keys: Iterable[JobKey]) -> None:
        """These are not on the board any more."""
        self._unwritten.difference_update(keys)

    async def write(self, batch: Batch) -> None:
        """Return when all of it is on the disk."""
        if self._since_the_look is not None:
            self._since_the_look.append(batch)
        self._under_way[id(batch)] = batch
        written = {job.key: job for job in (*batch.added, *batch.updated)}
        try:
            await self._store.write(batch)
        except BaseException as error:  # where nobody waits for it any more, too: it may fail yet
            self._unwritten |= written.keys() | batch.asked.keys()
            if isinstance(error, StateError):
                self._trouble = error
            raise
        finally:
            del self._under_way[id(batch)]
        self._trouble = None
        self._unwritten -= {key for key, job in written.items() if self._jobs.get(key) is job}

    async def look(self, read: Callable[[], Awaitable[News]], take: Callable[[News], None]) -> None:
        """Read another program's news and have the board take them; they do not undo what we wrote meanwhile."""
        async with self._one_look:
            ours = self._since_the_look = list(self._under_way.values())
            try:
                news = await read()
            finally:
                self._since_the_look = None
            taken = without_ours(news, ours, self._jobs)
            theirs = {job.key: job for job in news.jobs}  # a job merged from both is not on the disk yet
            self._unwritten |= {job.key for job in taken.jobs if job is not theirs[job.key]}
            take(taken)
