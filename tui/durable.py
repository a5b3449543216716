"""What makes that which was written outlive a crash of the machine, and how a disk says that it is full."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def is_full(error: BaseException) -> bool:
    """Whether it says that there is no room left: on the disk, or in the user's share of it."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def sync_file(path: Path) -> None:
    """Put what the file holds on the platter. Raises OSError."""
    _sync(path, os.O_RDONLY)


def sync_folder(path: Path) -> None:
    """Put the folder's names on the platter. Raises OSError."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, how: int) -> None:
    opened = os.open(path, how)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
