"""Waiting on the screen's loop for what the engine promised."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import TypeVar

from tui.errors import JobdeckError

T = TypeVar("T")


class CalledBackError(JobdeckError):
    """The wish was taken back: nothing that changes something at a vendor was sent."""


async def granted(future: Future[T]) -> T:
    """The future's result. When the waiter goes away the wish itself is not taken back. Raises CalledBackError."""
    return await _result(future, asyncio.shield(asyncio.wrap_future(future)))


async def answered(future: Future[T]) -> T:
    """Like `granted`, for a mere question: when the waiter goes away nobody wants its answer, and it is called back."""
    return await _result(future, asyncio.wrap_future(future))


async def _result(future: Future[T], waiting: asyncio.Future[T]) -> T:
    try:
        return await waiting
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if future.cancelled() and not (task and task.cancelling()):
            raise CalledBackError("called back") from None
        raise
