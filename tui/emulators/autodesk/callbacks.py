"""What the emulated Design Automation posts by itself: onProgress and onComplete (dossier autodesk.md, section 3.6)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

import aiohttp

from tui.emulators.autodesk.workitems import Json, WorkItem
from tui.emulators.script import Phase
from tui.emulators.worldtime import WorldTime

PROGRESS_EVERY = 30.0
_LOOK_EVERY = 1.0
_PATIENCE = aiohttp.ClientTimeout(total=5)
_STOP = 205
_NEAR = ("127.0.0.1", "localhost")


class Callbacks:
    """Posts to addresses on loopback alone; others are passed over. `status` gives a WorkItem's status document."""

    def __init__(self, time: WorldTime, status: Callable[[WorkItem], Json]) -> None:
        self._time = time
        self._status = status
        self._tasks: set[asyncio.Task[None]] = set()

    def follow(self, job: WorkItem, on_complete: str | None, on_progress: str | None) -> None:
        """Post while the WorkItem runs and when it is over, to what was asked for."""
        if on_complete or on_progress:
            task = asyncio.create_task(self._follow(job, on_complete, on_progress))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Post nothing more."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, job: WorkItem, on_complete: str | None, on_progress: str | None) -> None:
        due = job.run.script.starts
        while not job.run.beat(self._time.seconds()).phase.is_over:
            now = self._time.seconds()
            if on_progress and now >= due and job.run.beat(now).phase is not Phase.WAITING:
                due = now + PROGRESS_EVERY
                if await _post(on_progress, {"id": job.id}) == _STOP:
                    job.run.cancel(self._time.seconds())
            await self._time.clock.sleep(min(_LOOK_EVERY, max(job.run.end - now, 0.01)))
        if on_complete:
            await _post(on_complete, self._status(job))


async def _post(url: str, document: Json) -> int | None:
    """The answer's status; None where nobody answers. A callback is sent once: the vendor promises no second."""
    if urlsplit(url).hostname not in _NEAR:
        return None
    try:
        async with aiohttp.ClientSession(timeout=_PATIENCE) as client, client.post(url, json=document) as answer:
            return answer.status
    except (aiohttp.ClientError, TimeoutError):
        return None
