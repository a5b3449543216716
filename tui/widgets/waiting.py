"""Waiting on the screen's loop for what the engine promised."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


async def granted(future: Future[T]) -> T:
    """The future's result. When the waiter goes away the wish itself is not taken back."""
    return await asyncio.shield(asyncio.wrap_future(future))
