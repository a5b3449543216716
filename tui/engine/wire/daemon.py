"""Blocking work in threads that nobody waits for at the program's end, and that a cancelled wait calls back."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from tui.engine.unbroken import ended

_T = TypeVar("_T")
_V = TypeVar("_V")
_MOST_IDLE = 64


class _Threads:
    """Daemon threads that wait for their next piece of work: starting one for each costs a millisecond under load."""

    def __init__(self) -> None:
        self._idle: list[queue.SimpleQueue[Callable[[], None]]] = []

    def run(self, work: Callable[[], None]) -> None:
        try:
            inbox = self._idle.pop()
        except IndexError:
            inbox = queue.SimpleQueue()
            threading.Thread(target=self._serve, args=(inbox,), name="transfer", daemon=True).start()
        inbox.put(work)

    def _serve(self, inbox: queue.SimpleQueue[Callable[[], None]]) -> None:
        while True:
            inbox.get()()
            if len(self._idle) >= _MOST_IDLE:
                return
            self._idle.append(inbox)


_threads = _Threads()


async def in_daemon(work: Callable[[], _T], abort: Callable[[], None], *, left: Callable[[], None] | None = None) -> _T:
    """What `work` gives, from a thread of its own.

    A cancelled wait calls `abort`, which has to bring the work to its end, and ends when the thread has let go, so
    that nothing moves any more behind the back of whoever goes on. With `left` nobody waits for the thread, and
    `left` is called when it has ended: for work that may hang where nothing wakes it, like the search for a host's
    address. `asyncio.to_thread` has too few threads
    for lines that stand still, and keeps the program from ending while one hangs (facts: secrets, section 0).
    """
    loop = asyncio.get_running_loop()
    settled: asyncio.Future[_T] = loop.create_future()
    _threads.run(lambda: _settle(work, settled, loop))
    try:
        return await asyncio.shield(settled)
    except asyncio.CancelledError:
        abort()
        if left is None:
            await ended(settled)
        else:
            settled.add_done_callback(lambda _: left())
        settled.add_done_callback(asyncio.Future.exception)
        raise


def _settle(work: Callable[[], _T], ended: asyncio.Future[_T], loop: asyncio.AbstractEventLoop) -> None:
    try:
        value = work()
    except BaseException as error:  # noqa: BLE001  # a worker's border: it is raised where it is awaited
        _tell(loop, ended.set_exception, error)
    else:
        _tell(loop, ended.set_result, value)


def _tell(loop: asyncio.AbstractEventLoop, how: Callable[[_V], object], what: _V) -> None:
    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(how, what)
