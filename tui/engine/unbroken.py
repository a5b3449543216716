"""Work that is not left half done: whoever waits for it may be cancelled, the work itself comes to its end first."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Generic, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


async def unbroken(work: Coroutine[object, object, _T]) -> _T:
    """What the work gives; a cancelled wait ends when the work has ended."""
    running = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await ended(running)
        raise


async def begun(beginning: Coroutine[object, object, _T], undo: Callable[[_T], Awaitable[object]]) -> _T:
    """Begin something, e.g. start a program, and return it. A cancelled wait lets it begin and then undoes it.

    asyncio must not be broken off while it starts a program: it leaves pipes open, and may wait for their end for ever.
    """
    running = asyncio.ensure_future(beginning)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await ended(running)
        if running.exception() is None:
            await undo(running.result())
        raise


class Outcome(Generic[_T]):
    """A result that survives a cancelled wait; cheaper than a future behind `asyncio.shield`."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.future: asyncio.Future[_T] = self._loop.create_future()
        """To wait for, once; a wait that is cancelled cancels it."""

    def again(self) -> asyncio.Future[_T]:
        """What to wait for after a wait was cancelled."""
        if self.future.cancelled():
            self.future = self._loop.create_future()
        return self.future

    def succeed(self, value: _T) -> None:
        """Set the result."""
        self.again().set_result(value)

    def fail(self, error: BaseException) -> None:
        """Set the error."""
        self.again().set_exception(error)


async def ended(work: asyncio.Future[_T]) -> None:
    """Return when the work has ended, however often the wait is cancelled: by a pause, then by the program's end."""
    while not work.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait((work,))


async def in_thread(work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Like `asyncio.to_thread`, but a cancelled wait ends when the thread has let go of what it works on."""
    context = contextvars.copy_context()
    running = asyncio.get_running_loop().run_in_executor(None, partial(context.run, work, *args, **kwargs))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await ended(running)
        raise


async def beside(work: Coroutine[object, object, _T], companion: Coroutine[object, object, object]) -> _T:
    """What the work gives; the companion runs as long as it does. A companion that fails ends the work."""
    working, running = asyncio.ensure_future(work), asyncio.ensure_future(companion)
    try:
        await asyncio.wait((working, running), return_when=asyncio.FIRST_COMPLETED)
        if running.done() and not working.done():
            running.result()
        return await working
    finally:
        working.cancel()
        running.cancel()
        await asyncio.gather(working, running, return_exceptions=True)
