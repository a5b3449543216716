"""Waiting for what the asking on a connection does next."""

from __future__ import annotations

import asyncio


class Turns:
    """Wakes all who wait, each time a round of asking has ended or the asking stands otherwise than before."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    async def next(self) -> None:
        """Return at the next turn."""
        await self._next.wait()

    def turn(self) -> None:
        """It is the next turn now."""
        self._next.set()
        self._next = asyncio.Event()
