"""Workers that share the pieces of one file; whoever meets trouble leaves, and the others go on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tui.engine.fetching.progress import Cut, Piece, Progress
from tui.engine.fetching.replies import CrowdedError, LinkRefusedError
from tui.errors import AskError, DownloadError
from tui.model import ProblemKind

Bring = Callable[[Piece], Awaitable[None]]
"""Brings one piece, and gives it back whatever comes."""
_GROW_AFTER = 8
"""So many pieces without trouble bring back one of the workers that left."""


class Crew:
    """At most `most` workers at a time."""

    def __init__(self, progress: Progress, bring: Bring, cut: Cut, most: int) -> None:
        self._progress = progress
        self._bring = bring
        self._cut = cut
        self._most = most
        self._workers = 0
        self._clean = 0
        self._is_hushed = False
        self._troubles: list[AskError] = []

    async def work(self, first: Awaitable[None] | None = None) -> AskError | None:
        """Work until nothing is left to take, the first worker beginning with `first`.

        Returns the trouble that sent a worker away, if there was any; what cannot pass is raised, and ends all.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(self._most):
                    group.create_task(self._one(group, None if number else first))
        except BaseExceptionGroup as several:
            errors = sorted(several.exceptions, key=lambda error: not isinstance(error, DownloadError))
            raise errors[0] from None
        return max(self._troubles, key=lambda error: error.retry_after or 0.0, default=None)

    async def _one(self, group: asyncio.TaskGroup, first: Awaitable[None] | None = None) -> None:
        self._workers += 1
        try:
            if first:
                await first
            while not self._is_hushed and (piece := self._progress.take(self._cut)):
                await self._bring(piece)
                self._clean += 1
                if self._clean % _GROW_AFTER == 0 and self._workers < self._most:
                    group.create_task(self._one(group))
        except AskError as error:
            if error.kind is not ProblemKind.UNREACHABLE and not isinstance(error, LinkRefusedError):
                raise
            self._troubles.append(error)
            if isinstance(error, CrowdedError):
                self._clean = 1  # the count begins anew: it is crowded now
                self._is_hushed = self._is_hushed or error.retry_after is not None
        finally:
            self._workers -= 1
