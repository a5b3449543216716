"""The wishes under way in the engine: called back by whoever wished, as long as nothing of them has been sent.

What the wisher holds is an ordinary `Future`. Its `cancel` calls the work back, and says False from the moment on from
which that cannot be done any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from contextvars import ContextVar, copy_context
from typing import Any, TypeVar

from tui.errors import JobdeckError

_T = TypeVar("_T")

CLOSING = "jobdeck is closing: this is not done any more"

_PROMISE: ContextVar[Future[Any] | None] = ContextVar("promise", default=None)


def call(loop: asyncio.AbstractEventLoop, work: Coroutine[object, object, _T], *, recallable: bool) -> Future[_T]:
    """Have the work done in another thread's loop; from any thread."""
    promise: Future[_T] = Future()
    if not recallable:
        promise.set_running_or_notify_cancel()
    loop.call_soon_threadsafe(_start, loop, work, promise)
    return promise


def no_way_back() -> None:
    """From here on the wish at work cannot be called back: what comes next is sent, or written down.

    Raises CancelledError where it has been called back already. What nobody may call back notices nothing.
    """
    promise = _PROMISE.get()
    if promise is None or promise.running() or (promise.done() and not promise.cancelled()):
        return
    if promise.cancelled() or not promise.set_running_or_notify_cancel():
        raise asyncio.CancelledError


def _start(loop: asyncio.AbstractEventLoop, work: Coroutine[object, object, _T], promise: Future[_T]) -> None:
    context = copy_context()
    context.run(_PROMISE.set, promise)
    task = loop.create_task(work, context=context)
    task.add_done_callback(lambda _: _settle(promise, task))
    promise.add_done_callback(lambda _: _stop(loop, task) if promise.cancelled() else None)


def _stop(loop: asyncio.AbstractEventLoop, task: asyncio.Task[_T]) -> None:
    with suppress(RuntimeError):  # the loop has ended, and the task with it
        loop.call_soon_threadsafe(task.cancel)


def _settle(promise: Future[_T], task: asyncio.Task[_T]) -> None:
    """Tell the wisher how it ended; one who called it back just now hears nothing."""
    error = JobdeckError(CLOSING) if task.cancelled() else task.exception()
    with suppress(InvalidStateError):
        if error is not None:
            promise.set_exception(error)
        else:
            promise.set_result(task.result())
