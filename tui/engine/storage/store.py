"""What everybody knows is on the disk before it is on the screen: the database behind one thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from tui.engine.border import event_of
from tui.engine.storage.archived import Page
from tui.engine.storage.batch import Batch, News
from tui.engine.storage.database import Database
from tui.engine.storage.tidying import Tidied
from tui.errors import StateError
from tui.model import Event, Job, JobKey, Safe
from tui.redact import mask_live
from tui.usual import Run

_T = TypeVar("_T")


class Store:
    """Writes are grouped: all that gathers while one transaction runs goes into the next (facts: sqlite)."""

    def __init__(self, path: Path, thread: Executor | None = None) -> None:
        """Open the database; `thread` runs one piece of work after the other. Raises StateError."""
        self._database = Database(path)
        self._thread = thread or ThreadPoolExecutor(1, "store")
        self._waiting: list[tuple[Batch, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._closed = False
        self._is_shut = False

    async def load(self) -> News:
        """Everything there is. Raises StateError."""
        return await self._run(self._database.load)

    async def news(self) -> News:
        """What other programs wrote since the last look. Raises StateError."""
        return await self._run(self._database.news)

    async def write(self, batch: Batch) -> None:
        """Return when the batch is on the disk; live secrets are masked in its history. Raises StateError."""
        if self._closed:
            raise StateError("the board is closed already: this change is not kept")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        masked = tuple(map(_masked, batch.events))
        self._waiting.append((batch if masked == batch.events else replace(batch, events=masked), done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all(), name="store")
        await done

    async def report(self, key: JobKey) -> Safe | None:
        """The kept report of a job. Raises StateError."""
        return await self._run(lambda: self._database.report(key))

    async def events(self, key: JobKey) -> tuple[Event, ...]:
        """A job's history, oldest first. Raises StateError."""
        return await self._run(lambda: self._database.events(key))

    async def runs(self) -> tuple[Run, ...]:
        """See `Database.runs`. Raises StateError."""
        return await self._run(self._database.runs)

    async def claim(self, wishes: Sequence[tuple[Event, datetime]]) -> tuple[bool, ...]:
        """See `Database.claim`. Raises StateError."""
        return await self._run(lambda: self._database.claim(wishes))

    async def step_in(self, due: Mapping[JobKey, datetime | None], until: datetime) -> frozenset[JobKey]:
        """See `Database.step_in`. Raises StateError."""
        return await self._run(lambda: self._database.step_in(due, until))

    async def marks(self, names: frozenset[str], now: datetime) -> dict[str, datetime]:
        """See `Database.marks`. Raises StateError."""
        return await self._run(lambda: self._database.marks(names, now))

    async def rename(self, old: str, new: str) -> News:
        """See `Database.rename`. Raises StateError."""
        return await self._run(lambda: self._database.rename(old, new))

    async def archive(self, keys: Sequence[JobKey], now: datetime) -> tuple[JobKey, ...]:
        """See `Database.archive`. Raises StateError."""
        return await self._run(lambda: self._database.archive(keys, now))

    async def bring_back(self, keys: Sequence[JobKey], now: datetime) -> tuple[Job, ...]:
        """See `Database.bring_back`. Raises StateError."""
        return await self._run(lambda: self._database.bring_back(keys, now))

    async def archived(self, before: int | None, most: int) -> Page:
        """See `Database.archived`. Raises StateError."""
        return await self._run(lambda: self._database.archived(before, most))

    async def archived_job(self, key: JobKey) -> Job | None:
        """See `Database.archived_job`. Raises StateError."""
        return await self._run(lambda: self._database.archived_job(key))

    async def tidy(self, now: datetime, forget_before: datetime | None) -> Tidied:
        """See `Database.tidy`. Raises StateError."""
        return await self._run(lambda: self._database.tidy(now, forget_before))

    async def give_back_room(self) -> None:
        """See `Database.give_back_room`. Raises StateError."""
        await self._run(self._database.give_back_room)

    async def close(self) -> None:
        """Write what waits, then close the file; once."""
        if self._is_shut:
            return
        self._closed = True
        if self._writing:
            await self._writing
        await self._run(self._database.close)
        self._is_shut = True
        self._thread.shutdown()

    async def _write_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            batches = [batch for batch, _ in group]
            failure: Exception | None = None
            try:
                await self._run(partial(self._database.write, batches))
            except Exception as error:  # noqa: BLE001  # a worker's border: whoever waits gets the error
                failure = error
            for _, done in group:
                if done.done():
                    continue
                if failure:
                    done.set_exception(failure)
                else:
                    done.set_result(None)
        self._writing = None

    async def _run(self, work: Callable[[], _T]) -> _T:
        if self._is_shut:
            raise StateError("the board is closed already")
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _masked(event: Event) -> Event:
    text = mask_live(event.text)
    return event if text == event.text else event_of(event.at, event.job, event.kind, text)
