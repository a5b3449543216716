"""Fetching outputs by itself as soon as a job succeeds, where the connection says `auto = true`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from tui.config import Config
from tui.engine.board import BoardChange
from tui.errors import JobdeckError
from tui.model import Job, JobKey, JobState

_log = logging.getLogger("jobdeck.auto")

Fetch = Callable[[JobKey], Awaitable[object]]


class AutoDownloads:
    """Hears of changes; a job that was seen not to have succeeded, and now has, is fetched once."""

    def __init__(self, config: Config, fetch: Fetch) -> None:
        self._config = config
        self._fetch = fetch
        self._waiting: set[JobKey] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, change: BoardChange) -> None:
        """Note which jobs are still to succeed, and fetch those that have."""
        for job in change.jobs:
            if job.state is not JobState.SUCCEEDED:
                self._waiting.add(job.key)
            elif job.key in self._waiting:
                self._waiting.discard(job.key)
                if self._wanted(job):
                    task = asyncio.create_task(self._run(job), name=f"auto {job.key}")
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
        self._waiting.difference_update(change.gone)

    def _wanted(self, job: Job) -> bool:
        connection = self._config.connections.get(job.connection)
        return connection is not None and connection.auto and not job.downloads

    async def _run(self, job: Job) -> None:
        try:
            await self._fetch(job.key)
        except JobdeckError as error:  # e.g. no file among its outputs: the board says so when the user asks
            _log.warning("%s is not fetched by itself: %s", job.key, error.message)
