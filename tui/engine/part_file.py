"""The file while it arrives: `NAME.part`, hashed as it is written, renamed last and never over another file."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

from tui.engine.locks import lock_file
from tui.engine.names import numbered
from tui.engine.verify import Received
from tui.errors import DownloadError


class PartFile:
    """One writer at a time: the file is locked, so that a second program leaves it alone."""

    def __init__(self, folder: Path, name: str) -> None:
        """Make and lock the `.part` file. Raises DownloadError."""
        self.folder = folder
        self.name = name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.path, self._file = self._open_free()
        except OSError as error:
            raise _cannot_write(folder, error) from error
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self.size = 0

    def _open_free(self) -> tuple[Path, int]:
        for number in range(1000):
            path = self.folder / f"{numbered(Path(self.name), number)}.part"
            file = lock_file(path)
            if file is not None:
                os.ftruncate(file, 0)
                return path, file
        raise OSError(errno.EEXIST, "too many downloads of that name")

    def write(self, data: bytes) -> None:
        """Append. Raises DownloadError, with what is missing when the disk is full."""
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            raise _cannot_write(self.folder, error) from error
        for digest in (self._sha1, self._sha256, self._md5):
            digest.update(data)
        self.size += len(data)

    @property
    def sha256(self) -> str:
        """Of what was written so far, hex."""
        return self._sha256.hexdigest()

    def received(self) -> Received:
        """What there is to verify."""
        return Received(self.path, self.size, self._sha1.hexdigest(), self._md5.hexdigest())

    def finish(self) -> Path:
        """Put the file on the disk for good, under a name that no other file has. Raises DownloadError."""
        try:
            os.fsync(self._file)
            for number in range(1000):
                final = self.folder / numbered(Path(self.name), number)
                try:
                    os.link(self.path, final)
                except FileExistsError:
                    continue
                self.path.unlink(missing_ok=True)
                self._sync_folder()
                self.close()
                return final
        except OSError as error:
            raise _cannot_write(self.folder, error) from error
        raise DownloadError(f"{self.folder} holds too many files named {self.name}")

    def discard(self) -> None:
        """Remove what came."""
        if self._file >= 0:
            self.path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Release the lock; the `.part` file stays."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _sync_folder(self) -> None:
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _cannot_write(folder: Path, error: OSError) -> DownloadError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DownloadError(f"the disk of {folder} is full", hint="make room, then download again")
    return DownloadError(
        f"{folder} cannot be written: {error.strerror}", hint="choose another folder with --to DIR or downloads.folder"
    )
