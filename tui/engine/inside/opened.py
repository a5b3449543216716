"""One output that is open to be looked into, here or at its vendor, and what is done with it in a thread."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

from tui.engine.facts.archives import Contents, Member, Preview
from tui.engine.fetching.extract import extract
from tui.engine.inside.archive import HEAD, head_of, is_archive, members_of, open_archive
from tui.engine.inside.bridge import Bridge
from tui.engine.inside.preview import preview_of
from tui.engine.inside.ranges import NoRangesError, RangeSource
from tui.engine.inside.remote_file import LocalFile, RemoteFile
from tui.engine.wire.daemon import in_daemon
from tui.errors import DownloadError

_T = TypeVar("_T")
_ZIP_START = b"PK"


class Opened:
    """A file, with its directory read when it is an archive. Methods block; they raise JobdeckErrors."""

    def __init__(self, name: str, file: BinaryIO, *, is_here: bool) -> None:
        self.name = name
        self._file = file
        self._is_here = is_here
        self._archive = open_archive(file) if is_archive(file) else None

    @property
    def archive(self) -> zipfile.ZipFile:
        """The archive that it is. Raises DownloadError where it is none."""
        if self._archive is None:
            raise DownloadError(f"{self.name} is no archive", hint="download it whole")
        return self._archive

    def contents(self) -> Contents:
        """Its members, or how it begins."""
        if self._archive is not None:
            return Contents(members_of(self._archive), is_here=self._is_here)
        size = self._file.seek(0, 2)
        self._file.seek(0)
        return Contents(preview=preview_of(self.name, self._file.read(HEAD), size), is_here=self._is_here)

    def preview(self, member: Member) -> Preview:
        """How a member begins."""
        return preview_of(member.name, head_of(self.archive, member), member.size)

    def close(self) -> None:
        """Let go of the file."""
        if self._archive is not None:
            self._archive.close()
        self._file.close()


class Look:
    """An opened file on the event loop; `stop` has a thread that reads it come to its end."""

    def __init__(self, opened: Opened, stop: Callable[[], None]) -> None:
        self.opened = opened
        self._stop = stop

    async def work(self, work: Callable[[], _T]) -> _T:
        """Do something with it in a thread. Raises what the work raises."""
        return await in_daemon(work, self._stop)

    def close(self) -> None:
        """Stop a thread that still reads, and close the file."""
        self._stop()
        self.opened.close()


async def look_here(path: Path, name: str) -> Look:
    """Open a fetched file. Raises DownloadError."""
    file = open_here(path)
    return await _look(name, file, file.stop, is_here=True)


async def look_there(source: RangeSource, name: str) -> Look | Contents:
    """Open a file at its vendor; only its contents, where the server gives no ranges and the file is no archive.

    Raises AskError and DownloadError.
    """
    try:
        tail = await source.open()
    except NoRangesError as error:
        if error.head.startswith(_ZIP_START):
            raise
        return Contents(preview=preview_of(name, error.head, error.size))
    bridge = Bridge(source.read)
    return await _look(name, RemoteFile(bridge.fetch, source.size, tail), bridge.close, is_here=False)


async def unpack_here(path: Path) -> Path:
    """Unpack a fetched archive into a new folder; returns the folder. Raises DownloadError."""
    with open_here(path) as file:
        return await in_daemon(lambda: extract(path, cast("BinaryIO", file)), file.stop)


def open_here(path: Path) -> LocalFile:
    """Open a fetched file. Raises DownloadError."""
    try:
        return LocalFile(path)
    except OSError as error:
        raise DownloadError(f"{path} cannot be read: {error.strerror}", hint="download it again") from error


async def _look(name: str, file: LocalFile | RemoteFile, stop: Callable[[], None], *, is_here: bool) -> Look:
    try:
        opened = await in_daemon(lambda: Opened(name, cast("BinaryIO", file), is_here=is_here), stop)
    except BaseException:
        stop()
        file.close()
        raise
    return Look(opened, stop)
