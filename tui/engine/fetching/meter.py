"""Tells of moving downloads: the board four times a second, the disk once, and the platter every few seconds."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass, replace

from tui.clock import Clock
from tui.engine.board import Board
from tui.engine.fetching.one_go import OneGo
from tui.engine.fetching.part_file import PartFile
from tui.engine.fetching.transfer import Transfer
from tui.engine.unbroken import in_thread
from tui.errors import StateError
from tui.model import Download

_log = logging.getLogger("jobdeck.downloads")

_TELL_SECONDS = 0.25
_STORE_TICKS = 4
_SYNC_TICKS = 20
_WINDOW = 20
"""Ticks over which the speed is taken: a stalled line shows within five seconds."""


class Gauge:
    """How fast one download is."""

    def __init__(self, clock: Clock, there: int) -> None:
        """`there` is how many bytes there are now."""
        self._clock = clock
        self._seen = deque([(clock.monotonic(), there)], maxlen=_WINDOW + 1)

    def speed(self, there: int) -> float | None:
        """Bytes a second over the last few looks; each call is one."""
        now = self._clock.monotonic()
        if there < self._seen[-1][1]:
            self._seen.clear()  # it began again
        self._seen.append((now, there))
        began, before = self._seen[0]
        return (there - before) / (now - began) if now > began else None


class Meter:
    """Runs beside one download's transfer."""

    def __init__(self, board: Board, clock: Clock, part: PartFile, transfer: Transfer) -> None:
        self._board = board
        self._clock = clock
        self._part = part
        self._transfer = transfer

    async def run(self, number: int) -> None:
        """Tell until cancelled. Raises DownloadError or StateError when a disk takes nothing any more."""
        tick = 0
        gauge = Gauge(self._clock, self._part.progress.size)
        while True:
            await self._clock.sleep(_TELL_SECONDS)
            tick += 1
            download = self._now(self._board.downloads[number], gauge)
            if tick % _STORE_TICKS:
                self._board.show_progress(download)
                continue
            await self._board.put_download(download)
            is_time = tick % _SYNC_TICKS == 0 and not self._part.is_synced
            await in_thread(self._part.save, sync=is_time)

    def _now(self, download: Download, gauge: Gauge) -> Download:
        there, total = self._part.progress.size, self._part.progress.total
        size = total if total is not None else download.size
        return replace(download, bytes=there, size=size, speed=gauge.speed(there), streams=self._transfer.streams)


@dataclass(slots=True)
class _Followed:
    go: OneGo
    attempts: int
    gauge: Gauge | None = None
    """None before the first look: most are over by then."""


class FleetMeter:
    """Tells of all files that come in one go; runs only while there are some."""

    def __init__(self, board: Board, clock: Clock) -> None:
        self._board = board
        self._clock = clock
        self._moving: dict[int, _Followed] = {}
        self._running: asyncio.Task[None] | None = None

    def follow(self, number: int, go: OneGo, attempts: int) -> None:
        """Tell of this download until it is left."""
        self._moving[number] = _Followed(go, attempts)
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name="small downloads' meter")

    def leave(self, number: int) -> None:
        """Tell no more of this one."""
        self._moving.pop(number, None)

    async def close(self) -> None:
        """Stop."""
        if self._running:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> None:
        tick = 0
        await self._clock.sleep(_TELL_SECONDS)
        while self._moving:
            tick += 1
            await self._tell(is_stored=tick % _STORE_TICKS == 0)
            await self._clock.sleep(_TELL_SECONDS)
        self._running = None

    async def _tell(self, *, is_stored: bool) -> None:
        known = self._board.downloads
        seen = [self._now(known[number], one) for number, one in self._moving.items() if number in known]
        if not is_stored:
            self._board.show_progress(*seen)
            return
        try:
            await self._board.put_downloads([(one, None) for one in seen])
        except StateError as error:  # the first one that ends meets it too, and says so
            _log.warning("how far downloads are is not written down: %s", error)

    def _now(self, download: Download, followed: _Followed) -> Download:
        there = followed.go.at
        speed = None
        if followed.gauge is None:
            followed.gauge = Gauge(self._clock, there)
        else:
            speed = followed.gauge.speed(there)
        return replace(
            download,
            bytes=there,
            size=followed.go.size,
            attempts=followed.attempts,
            speed=speed,
            streams=1,
            message=None,
        )
