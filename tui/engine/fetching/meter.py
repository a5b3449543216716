"""Tells of a moving download: the board four times a second, the disk once, and the platter every few seconds."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from tui.clock import Clock
from tui.engine.board import Board
from tui.engine.fetching.part_file import PartFile
from tui.engine.fetching.transfer import Transfer
from tui.engine.unbroken import in_thread
from tui.model import Download

_TELL_SECONDS = 0.25
_STORE_TICKS = 4
_SYNC_TICKS = 20
_WINDOW = 20
"""Ticks over which the speed is taken: a stalled line shows within five seconds."""


class Meter:
    """Runs beside one download's transfer."""

    def __init__(self, board: Board, clock: Clock, part: PartFile, transfer: Transfer) -> None:
        self._board = board
        self._clock = clock
        self._part = part
        self._transfer = transfer
        self._seen: deque[tuple[float, int]] = deque(maxlen=_WINDOW + 1)

    async def run(self, number: int) -> None:
        """Tell until cancelled. Raises DownloadError or StateError when a disk takes nothing any more."""
        tick = 0
        self._seen.append((self._clock.monotonic(), self._part.progress.size))
        while True:
            await self._clock.sleep(_TELL_SECONDS)
            tick += 1
            download = self.now(self._board.downloads[number])
            if tick % _STORE_TICKS:
                self._board.show_progress(download)
                continue
            await self._board.put_download(download)
            is_time = tick % _SYNC_TICKS == 0 and not self._part.is_synced
            await in_thread(self._part.save, sync=is_time)

    def now(self, download: Download) -> Download:
        """The download as it stands."""
        there, now = self._part.progress.size, self._clock.monotonic()
        if self._seen and there < self._seen[-1][1]:
            self._seen.clear()  # it began again
        self._seen.append((now, there))
        began, before = self._seen[0]
        speed = (there - before) / (now - began) if now > began else None
        size = self._part.progress.total if self._part.progress.total is not None else download.size
        return replace(download, bytes=there, size=size, speed=speed, streams=self._transfer.streams)
