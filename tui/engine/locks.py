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
    """Which numbers (a download under way, say) are whose program's: one byte each of a file that all have open.

    A lock file each would cost an open file for every download that waits.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._held: set[int] = set()

    def take(self, number: int) -> bool:
        """Whether the number is ours from now on, and not another program's. Raises OSError."""
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
        """Let go of a number that was ours."""
        if self._file is not None and number in self._held:
            self._held.discard(number)
            _lock_byte(self._file, number, fcntl.F_UNLCK)

    def of_others(self, first: int, end: int) -> int:
        """How many of the numbers from `first` to before `end`, none of them ours, others hold. Raises OSError."""
        if self._file is None or first >= end or _is_free(self._file, first, end - first):
            return 0
        if end - first == 1:
            return 1
        middle = (first + end) // 2
        return self.of_others(first, middle) + self.of_others(middle, end)

    def close(self) -> None:
        """Let go of all."""
        self._held.clear()
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _is_free(file: int, offset: int, length: int) -> bool:
    """Whether nobody else holds any of these bytes. Raises OSError.

    Tried with a lock that is let go of at once and that many can have together: who only looks is never seen.
    """
    try:
        _lock_byte(file, offset, fcntl.F_RDLCK, length)
    except (BlockingIOError, PermissionError):
        return False
    _lock_byte(file, offset, fcntl.F_UNLCK, length)
    return True


def _lock_byte(file: int, offset: int, kind: int, length: int = 1) -> None:
    """Lock a byte or some, there or not, for this open file, or unlock them. Raises OSError."""
    if sys.platform == "linux" and sys.maxsize > 2**32:
        # `struct flock`. Locks of the open file: those of the process would end when any part of it closes the file.
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", kind, os.SEEK_SET, offset, length, 0))
    else:
        how = {fcntl.F_UNLCK: fcntl.LOCK_UN, fcntl.F_RDLCK: fcntl.LOCK_SH, fcntl.F_WRLCK: fcntl.LOCK_EX}[kind]
        fcntl.lockf(file, how | fcntl.LOCK_NB, length, offset)
