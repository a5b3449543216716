"""The file of a recording while it grows: gzip, readable up to the last line written, however the program ends."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

from tui.durable import is_full
from tui.errors import UsageError

_GZIP = 31
"""zlib's number for a gzip stream with the largest window."""


class RecordingEndError(Exception):
    """Why nothing more can be written, in words."""


class GrowingFile:
    """A new file that only its owner can read; never one that is there. `most` is its size in bytes at which it ends.

    It is made of gzip members, from each of which on it can be read without what stands before.
    """

    def __init__(self, path: Path, most: int) -> None:
        """Raises UsageError where there can be no such file."""
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            raise UsageError(f"there is a file {path} already", hint="name another one for the recording") from None
        except OSError as error:
            hint = "name a file in a folder that can be written to"
            raise UsageError(f"{path} cannot be written: {error.strerror}", hint=hint) from error
        self._most = most
        self._size = 0
        self._packer = zlib.compressobj(wbits=_GZIP)
        self._has_begun = False
        self._is_broken = False

    def begin_member(self) -> None:
        """From here on the file can be read alone. Raises RecordingEndError."""
        if self._has_begun:
            self._put(self._packer.flush())
        self._packer = zlib.compressobj(wbits=_GZIP)

    def write(self, text: bytes) -> None:
        """Raises RecordingEndError when the file is as large as it may be, the disk is full or the file is gone."""
        self._has_begun = True
        self._put(self._packer.compress(text) + self._packer.flush(zlib.Z_SYNC_FLUSH))

    def close(self) -> None:
        """Let go of the file, whole as far as that goes."""
        try:
            if not self._is_broken:  # else the packer has gone on from what is not in the file
                self._put(self._packer.flush())
        except RecordingEndError:
            return  # the board has ended: nobody can be told
        finally:
            os.close(self._file)

    def _put(self, packed: bytes) -> None:
        self._is_broken = True
        if self._size + len(packed) > self._most:
            raise RecordingEndError(f"the file has reached its {self._most // 1_000_000} MB")
        try:
            if not os.fstat(self._file).st_nlink:
                raise RecordingEndError("its file was removed")
            while packed:
                written = os.write(self._file, packed)
                self._size += written
                packed = packed[written:]
        except OSError as error:
            raise RecordingEndError("the disk is full" if is_full(error) else f"{error.strerror}") from error
        self._is_broken = False
