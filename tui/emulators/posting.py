"""What emulated vendors post by themselves about their jobs: to addresses on loopback alone, each once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from urllib.parse import urlsplit

import aiohttp

from tui.emulators.script import Run
from tui.emulators.worldtime import WorldTime

LOOK_EVERY = 1.0
_PATIENCE = aiohttp.ClientTimeout(total=5)
_NEAR = ("127.0.0.1", "localhost")


class Posting:
    """The jobs that are followed for somebody."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def follow(self, work: Coroutine[object, object, None]) -> None:
        """Follow one more job, until it is over or `close` is called."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Post nothing more."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def next_look(run: Run, time: WorldTime) -> None:
    """Wait until a job is to be looked at again."""
    await time.clock.sleep(min(LOOK_EVERY, max(run.end - time.seconds(), 0.01)))


async def post(url: str, document: Mapping[str, object]) -> int | None:
    """The answer's status; None where nobody answers. It is sent once: no vendor promises a second."""
    if urlsplit(url).hostname not in _NEAR:
        return None
    try:
        async with aiohttp.ClientSession(timeout=_PATIENCE) as client, client.post(url, json=document) as answer:
            return answer.status
    except (aiohttp.ClientError, TimeoutError):
        return None
