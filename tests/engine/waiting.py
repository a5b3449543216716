"""Waiting for what other threads and processes do: for the thing itself, never for a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object]) -> None:
    """Return when the condition holds; the test's time limit ends a condition that never does."""
    while not condition():  # noqa: ASYNC110  # what is waited for knows no event
        await asyncio.sleep(0)
