"""Short errands that a few threads, the lanes, do one after the other.

To wake a thread, and then the loop, takes as long as such an errand. So a lane goes on with the next one by itself, and
the loop is woken only when nothing waits any more; until then it looks once in each tick what came.

Two lanes are open as soon as something waits, besides those that may hang. While something waits for longer than a
tick, each tick makes them twice as many if an errand takes longer than two ticks, and one fewer if it takes less than
one: a far server gets a lane for each errand, a near one those two, since more of them would only fight for the
interpreter's lock. There are never more lanes than errands that wait or are under way, and all end with them.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, TypeVar

from tui.engine.unbroken import Outcome
from tui.engine.wire.daemon import Inbox, inbox_of, news_of, run_in_daemon, waited

_T = TypeVar("_T")
_TICK = 0.004
"""Seconds."""
_LEAST = 2


class _Errand(NamedTuple):
    do: Callable[[], Callable[[], None]]
    since: float


class Lanes:
    """The errands of one event loop."""

    def __init__(self, begin: Callable[[Callable[[], None]], None] = run_in_daemon) -> None:
        """`begin` has a thread do something; it raises RuntimeError when the system gives no more threads."""
        self._begin_thread = begin
        self._lock = threading.Lock()
        self._waiting: deque[_Errand] = deque()
        self._open = 0
        """How many lanes there are."""
        self._ended = 0
        """How many errands ended in this tick."""
        self._slow = 0
        """At least so many lanes finished nothing in the last tick: they may hang, and are not counted on."""
        self._surplus = 0
        """How many lanes are to end though something waits."""
        self._tick: asyncio.TimerHandle | None = None

    async def do(self, work: Callable[[], _T], abort: Callable[[], None], left: Callable[[], None]) -> _T:
        """What `work` gives, see `in_daemon`; one that was aborted before it began has to end at once."""
        loop = asyncio.get_running_loop()
        outcome: Outcome[_T] = Outcome()
        errand = _Errand(partial(news_of, work, outcome), loop.time())
        with self._lock:
            self._waiting.append(errand)
            more = 1 if self._open - self._slow < _LEAST else 0
            self._open += more
        self._begin(more, loop)
        self._refuse_without_lanes(errand)
        if self._tick is None:
            self._tick = loop.call_later(_TICK, self._look, loop)
        return await waited(outcome, abort, left)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            is_late = bool(self._waiting) and self._waiting[0].since + _TICK <= loop.time()
            more = min(self._open, len(self._waiting)) if is_late and self._ended * 2 < self._open else 0
            self._surplus = int(self._ended > self._open > _LEAST)
            self._slow = max(self._open - self._ended, 0)
            self._open += more
            self._ended = 0
            self._tick = loop.call_later(_TICK, self._look, loop) if self._waiting else None
        self._begin(more, loop)
        inbox_of(loop).look()  # last: what was laid before the last errand went away called nobody

    def _begin(self, more: int, loop: asyncio.AbstractEventLoop) -> None:
        inbox = inbox_of(loop)
        for _ in range(more):
            try:
                self._begin_thread(lambda: self._serve(inbox))
            except RuntimeError:  # those that there are have to do
                with self._lock:
                    self._open -= 1

    def _refuse_without_lanes(self, errand: _Errand) -> None:
        """What is refused must not be done later, when nobody waits for it."""
        with self._lock:
            if self._open or errand not in self._waiting:
                return
            self._waiting.remove(errand)
        raise RuntimeError("no thread can be started")

    def _serve(self, inbox: Inbox) -> None:
        while errand := self._next():
            inbox.lay(errand.do())
            with self._lock:
                self._ended += 1
                is_looked_for = bool(self._waiting)
            if not is_looked_for:
                inbox.call()

    def _next(self) -> _Errand | None:
        with self._lock:
            if self._waiting and not self._surplus:
                return self._waiting.popleft()
            self._surplus = 0
            self._open -= 1
            return None
