"""How a thread gets bytes that coroutines fetch: `zipfile` reads when it likes to, the loop asks the vendor."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError, Future

from tui.errors import DownloadError

Read = Callable[[int, int], Awaitable[bytes]]


class Bridge:
    """Lets a thread call a coroutine of the loop that made the bridge, until it is closed."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._loop = asyncio.get_running_loop()
        self._asked: Future[bytes] | None = None
        self._lock = threading.Lock()
        self._is_closed = False

    def fetch(self, first: int, end: int) -> bytes:
        """The bytes; blocks. Raises what reading raises, and DownloadError once the bridge is closed."""
        with self._lock:
            if self._is_closed:
                raise _nobody_waits()
            self._asked = asyncio.run_coroutine_threadsafe(self._ask(first, end), self._loop)
        try:
            return self._asked.result()
        except CancelledError:
            raise _nobody_waits() from None

    async def _ask(self, first: int, end: int) -> bytes:
        return await self._read(first, end)

    def close(self) -> None:
        """Let no thread wait any longer."""
        with self._lock:
            self._is_closed = True
            if self._asked is not None:
                self._asked.cancel()


def _nobody_waits() -> DownloadError:
    return DownloadError("looking inside was stopped", hint="look inside again")
