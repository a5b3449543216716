"""What many downloads have to say at the same moment, said once: to the screen, and to the disk."""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tui.clock import Clock
from tui.durable import sync_folder
from tui.engine.board import Board
from tui.engine.unbroken import Outcome, ended, in_thread
from tui.model import Download

_PACE = 0.05
"""Seconds from one writing to the next: each costs as much as a small file."""


@dataclass(frozen=True, slots=True)
class _Whole:
    download: Download
    event: str
    written: Outcome[None]


class GroupWrites:
    """Gathers what to show for one turn of the event loop, and what to write until the last writing has ended."""

    def __init__(self, board: Board, clock: Clock) -> None:
        self._board = board
        self._clock = clock
        self._shown: set[int] = set()
        self._whole: list[_Whole] = []
        self._writing: asyncio.Task[None] | None = None
        self._next_at = -math.inf

    def show(self, download: Download) -> None:
        """Tell of a moving download without writing it down, soon."""
        self._board.note_download(download)
        if not self._shown:
            asyncio.get_running_loop().call_soon(self._show_all)
        self._shown.add(download.id)

    async def whole(self, download: Download, event: str) -> None:
        """Return when its folder's names are on the platter and the board says that the file is whole.

        A cancelled wait ends then too. Raises StateError.
        """
        one = _Whole(download, event, Outcome())
        self._whole.append(one)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all(), name="whole downloads")
            self._writing.add_done_callback(self._called_off)
        try:
            await one.written.future
        except asyncio.CancelledError:
            written = one.written.again()
            await ended(written)
            written.result()
            raise

    def _show_all(self) -> None:
        shown, self._shown = self._shown, set()
        self._board.tell_downloads(shown)

    def _called_off(self, task: asyncio.Task[None]) -> None:
        """The writing task was cancelled with all others: nothing is written any more, so end all who wait for it."""
        if not task.cancelled():
            return
        group, self._whole, self._writing = self._whole, [], None
        for one in group:
            one.written.fail(asyncio.CancelledError())

    async def _write_all(self) -> None:
        try:
            while self._whole:
                now = self._clock.monotonic()
                if now < self._next_at:
                    await self._clock.sleep(self._next_at - now)
                self._next_at = max(now, self._next_at) + _PACE
                group, self._whole = self._whole, []
                await self._write(group)
        finally:
            self._writing = None

    async def _write(self, group: list[_Whole]) -> None:
        trouble: BaseException | None = None
        try:
            await in_thread(_sync, {one.download.folder for one in group})
            await self._board.put_downloads([(one.download, one.event) for one in group])
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  # a worker's border: who waits gets it
            trouble = error
        for one in group:
            if trouble:
                one.written.fail(trouble)
            else:
                one.written.succeed(None)


def _sync(folders: set[Path]) -> None:
    for folder in folders:
        with suppress(OSError):  # its files have their names
            sync_folder(folder)
