"""Blocking work in threads that nobody waits for at the program's end, and that a cancelled wait calls back."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar
from weakref import WeakKeyDictionary, ref

from tui.engine.unbroken import Outcome, ended

_T = TypeVar("_T")
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
    address. `asyncio.to_thread` has too few threads for lines that stand still, and keeps the program from ending
    while one hangs (facts: secrets, section 0).
    """
    outcome: Outcome[_T] = Outcome()
    inbox = inbox_of(asyncio.get_running_loop())
    run_in_daemon(lambda: inbox.put(news_of(work, outcome)))
    return await waited(outcome, abort, left)


def let_be() -> None:
    """The `abort` and `left` of work that is left to itself: it ends on its own, and nothing is to be cleared up."""


def run_in_daemon(work: Callable[[], None]) -> None:
    """Have a daemon thread do it; it raises nothing."""
    _threads.run(work)


async def waited(outcome: Outcome[_T], abort: Callable[[], None], left: Callable[[], None] | None) -> _T:
    """What the outcome is, see `in_daemon`."""
    try:
        return await outcome.future
    except asyncio.CancelledError:
        settled = outcome.again()
        abort()
        if left is None:
            await ended(settled)
        else:
            settled.add_done_callback(lambda _: left())
        settled.add_done_callback(asyncio.Future.exception)
        raise


def news_of(work: Callable[[], _T], outcome: Outcome[_T]) -> Callable[[], None]:
    """Do the work; returns what the event loop has to call then."""
    try:
        value = work()
    except BaseException as error:  # noqa: BLE001  # a worker's border: it is raised where it is awaited
        return partial(outcome.fail, error)
    return partial(outcome.succeed, value)


class Inbox:
    """What threads have to say to one event loop: it is woken once for all that comes before it looks."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = ref(loop)
        self._news: deque[Callable[[], None]] = deque()
        self._is_called = False

    def put(self, news: Callable[[], None]) -> None:
        """Have the loop call `news` soon."""
        self.lay(news)
        self.call()

    def lay(self, news: Callable[[], None]) -> None:
        """Have the loop call `news` when it looks next; does not wake it."""
        self._news.append(news)

    def call(self) -> None:
        """Wake the loop, to look."""
        loop = self._loop()
        if loop and not self._is_called:
            self._is_called = True
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(self.look)

    def look(self) -> None:
        """Call all that came; on the event loop."""
        self._is_called = False  # first: what comes from here on calls again
        while self._news:
            self._news.popleft()()


_inboxes: WeakKeyDictionary[asyncio.AbstractEventLoop, Inbox] = WeakKeyDictionary()


def inbox_of(loop: asyncio.AbstractEventLoop) -> Inbox:
    """The loop's inbox."""
    inbox = _inboxes.get(loop)
    if inbox is None:
        inbox = _inboxes[loop] = Inbox(loop)
    return inbox
