"""What threads still owe an event loop: a test that moves time waits for it first, however slow the disk is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary


class Threads:
    """Counts what the loop has handed to its executors and has not heard of yet."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._hand_over: Callable[..., asyncio.Future[Any]] = loop.run_in_executor
        self.owed = 0
        loop.run_in_executor = self._counted  # type: ignore[method-assign, assignment]

    def _counted(self, executor: Any, work: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        answer = self._hand_over(executor, work, *args)
        self.owed += 1
        answer.add_done_callback(self._answered)
        return answer

    def _answered(self, _: object) -> None:
        self.owed -= 1


_counted: WeakKeyDictionary[asyncio.AbstractEventLoop, Threads] = WeakKeyDictionary()


def threads() -> Threads:
    """Those of the running loop, counted since the first call."""
    loop = asyncio.get_running_loop()
    if loop not in _counted:
        _counted[loop] = Threads(loop)
    return _counted[loop]
