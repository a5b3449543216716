"""Files that one program at a time holds; the kernel lets go of them however the program ends."""

from __future__ import annotations

import fcntl
import os
import struct
import sys
from pathlib import Path

_SHARED_BYTE = 0x4000_0002
"""Where SQLite holds a lock in a database file for as long as a program has it open in WAL mode."""


def lock_file(path: Path) -> int | None:
    """Open (or make) and lock the file; None when somebody else holds it. Raises OSError."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(file), path.stat(follow_symlinks=False)):
            return file
    except (BlockingIOError, FileNotFoundError):
        pass  # held; or its holder has just finished and taken the name away
    except OSError:
        os.close(file)
        raise
    os.close(file)
    return None


def lock_database(path: Path) -> int | None:
    """Open a SQLite file and keep all others from it until it is closed; None while a program has it open.

    Raises OSError.
    """
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        _lock_byte(file, _SHARED_BYTE, fcntl.F_WRLCK)
    except (BlockingIOError, PermissionError):
        os.close(file)
        return None
    except OSError:
        os.close(file)
        raise
    return file


class Claims:
    """Which downloads are under way, and in which program: one byte each of a file that all of them have open.

    A lock file each would cost an open file for every download that waits.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._held: set[int] = set()

    def take(self, number: int) -> bool:
        """Whether the download is ours from now on, and not another program's. Raises OSError."""
        if number in self._held:
            return False
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            _lock_byte(self._file, number, fcntl.F_WRLCK)
        except (BlockingIOError, PermissionError):
            return False
        self._held.add(number)
        return True

    def release(self, number: int) -> None:
        """Let go of a download that was ours."""
        if self._file is not None and number in self._held:
            self._held.discard(number)
            _lock_byte(self._file, number, fcntl.F_UNLCK)

    def close(self) -> None:
        """Let go of all."""
        self._held.clear()
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _lock_byte(file: int, offset: int, kind: int) -> None:
    """Lock one byte, there or not, for this open file, or unlock it. Raises OSError."""
    if sys.platform == "linux" and sys.maxsize > 2**32:
        # `struct flock`. Locks of the open file: those of the process would end when any part of it closes the file.
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", kind, os.SEEK_SET, offset, 1, 0))
    else:
        how = fcntl.LOCK_UN if kind == fcntl.F_UNLCK else fcntl.LOCK_EX | fcntl.LOCK_NB
        fcntl.lockf(file, how, 1, offset)
