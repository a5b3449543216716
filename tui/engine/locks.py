"""Files that one program at a time holds; the kernel lets go of them however the program ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


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


class Claims:
    """Which downloads are under way, and in which program: one locked file each in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[int, int] = {}

    def take(self, number: int) -> bool:
        """Whether the download is ours from now on, and not another program's. Raises OSError."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        file = lock_file(self._path(number))
        if file is None:
            return False
        self._held[number] = file
        return True

    def release(self, number: int) -> None:
        """Let go of a download that was ours."""
        file = self._held.pop(number, None)
        if file is not None:
            self._path(number).unlink(missing_ok=True)
            os.close(file)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}.lock"
