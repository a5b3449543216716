"""A look at jobs that were just started or changed: the board then holds how they stand, not how they stood."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress

from tui.engine.engine import Engine
from tui.model import JobKey

_SECONDS = 3.0
"""No longer is somebody kept waiting for it: the vendor has taken what was wanted."""


async def glance(engine: Engine, keys: Collection[JobKey]) -> None:
    """Ask for these jobs once, within the quotas; what goes wrong stands on the board as their problem."""
    there = {key for key in keys if key in engine.board.jobs}  # another program may have taken one off the board
    if not there:
        return
    engine.start(there, in_passing=True)
    with suppress(TimeoutError):
        async with asyncio.timeout(_SECONDS):
            await engine.asks.refreshed(there)
