"""What is on its way to the disk, what is not on it yet, and what another program wrote meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

from tui.engine.storage.batch import Batch, News
from tui.engine.storage.foreign import without_ours
from tui.engine.storage.store import Store
from tui.model import Job, JobKey


class Writing:
    """The board's way to its store. Coroutines may raise StateError when the disk does not take a change."""

    def __init__(self, store: Store, jobs: Mapping[JobKey, Job]) -> None:
        """`jobs` are those of the board, as they are at each time."""
        self._store = store
        self._jobs = jobs
        self._under_way: dict[int, Batch] = {}
        self._unwritten: set[JobKey] = set()
        self._since_the_look: list[Batch] | None = None
        self._one_look = asyncio.Lock()

    def is_behind(self, key: JobKey) -> bool:
        """Whether the disk did not take a job as it is: its next answer has to be written with all of it."""
        return key in self._unwritten

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
        except BaseException:  # where nobody waits for it any more, too: it may fail yet
            self._unwritten |= written.keys()
            raise
        finally:
            del self._under_way[id(batch)]
        self._unwritten -= {key for key, job in written.items() if self._jobs.get(key) is job}

    async def look(self, read: Callable[[], Awaitable[News]], take: Callable[[News], None]) -> None:
        """Have news of another program read and taken; what we wrote meanwhile ourselves is not undone by it."""
        async with self._one_look:
            ours = self._since_the_look = list(self._under_way.values())
            try:
                news = await read()
            finally:
                self._since_the_look = None
            taken = without_ours(news, ours, self._jobs)
            theirs = {job.key: job for job in news.jobs}  # what was made of both is on no disk yet
            self._unwritten |= {job.key for job in taken.jobs if job is not theirs[job.key]}
            take(taken)
