"""What many downloads have to say at the same moment, said once: to the screen, and to the disk."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tui.engine.board import Board
from tui.engine.fetching.disk import sync_folder
from tui.engine.unbroken import Outcome, ended, in_thread
from tui.model import Download


@dataclass(frozen=True, slots=True)
class _Whole:
    download: Download
    event: str
    folder: Path
    written: Outcome[None]


class Teller:
    """Gathers for one turn of the event loop, or for as long as the disk takes for what was said before."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._shown: set[int] = set()
        self._whole: list[_Whole] = []
        self._writing: asyncio.Task[None] | None = None

    def show(self, download: Download) -> None:
        """Tell of a moving download without writing it down, soon."""
        self._board.note_download(download)
        if not self._shown:
            asyncio.get_running_loop().call_soon(self._show_all)
        self._shown.add(download.id)

    async def whole(self, download: Download, event: str, folder: Path) -> None:
        """Return when the folder's names are on the platter and the board says that the file is whole.

        A cancelled wait ends then too. Raises StateError.
        """
        one = _Whole(download, event, folder, Outcome())
        self._whole.append(one)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all(), name="whole downloads")
            self._writing.add_done_callback(self._never_began)
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

    def _never_began(self, task: asyncio.Task[None]) -> None:
        """All of the program's tasks are cancelled: nobody writes any more, and nobody may wait for it."""
        if not task.cancelled():
            return
        group, self._whole, self._writing = self._whole, [], None
        for one in group:
            one.written.fail(asyncio.CancelledError())

    async def _write_all(self) -> None:
        try:
            while self._whole:
                group, self._whole = self._whole, []
                await self._write(group)
        finally:
            self._writing = None

    async def _write(self, group: list[_Whole]) -> None:
        trouble: BaseException | None = None
        try:
            await in_thread(_sync, {one.folder for one in group})
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
