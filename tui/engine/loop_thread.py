"""A thread with an event loop of its own, into which other threads hand work."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import TypeVar

from tui.engine.calls import CLOSING, call
from tui.errors import JobdeckError

_T = TypeVar("_T")


class LoopThread:
    """A daemon: nothing that hangs in it can keep the program from ending. All of it may be called from any thread."""

    def __init__(self, last: Callable[[], Coroutine[object, object, None]]) -> None:
        """`last` is run before the end, even if the thread was never started."""
        self._last = last
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._ended = threading.Event()
        self._is_closing = False
        self._lock = threading.Lock()

    def start(self, first: Coroutine[object, object, None]) -> None:
        """Start the thread and wait until it has done its first work. Raises the errors of that."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(first, self._loop).result()

    def soon(self, do: Callable[[], object]) -> bool:
        """Have this called in the thread; False when it is closing and will not."""
        with self._lock:
            if self._is_closing:
                return False
            self._loop.call_soon_threadsafe(do)
            return True

    def submit(self, work: Coroutine[object, object, _T], *, recallable: bool) -> Future[_T]:
        """Have the work done; the future raises its errors, JobdeckError when the thread is closing.

        What is `recallable` may be called back, until it calls `no_way_back` itself.
        """
        with self._lock:
            if not self._is_closing:
                return call(self._loop, work, recallable=recallable)
        work.close()
        refused: Future[_T] = Future()
        refused.set_exception(JobdeckError(CLOSING))
        return refused

    def close(self, timeout: float) -> None:
        """Take no more work, do the last and end; wait for that at most so many seconds."""
        with self._lock:
            is_first, self._is_closing = not self._is_closing, True
        if self._thread.ident is None:  # never started
            if is_first:
                self._loop.run_until_complete(self._last())
                self._loop.close()
            return
        if is_first:
            asyncio.run_coroutine_threadsafe(self._close(), self._loop)
        self._ended.wait(timeout)

    async def _close(self) -> None:
        try:
            await self._last()
        finally:
            self._loop.stop()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        left = asyncio.all_tasks(self._loop)  # wishes that came in last
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()
        self._ended.set()
