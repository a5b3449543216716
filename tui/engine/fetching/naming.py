"""Giving a whole file its name: in one step, and never over another file."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
_HERE = -100
"""AT_FDCWD: paths are as everywhere else."""
_NO_REPLACE = 1
"""RENAME_NOREPLACE."""


def name_once(part: Path, final: Path) -> None:
    """Give the part its name. Raises FileExistsError when another file has it; the same file may have it already."""
    try:
        os.link(part, final)
    except FileExistsError:
        if not _is_same(part, final):  # a program was ended between the two steps below
            raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if not _rename_once(part, final):
            _claim_and_rename(part, final)
        return
    with suppress(OSError):  # it has its name
        part.unlink(missing_ok=True)


def _is_same(part: Path, final: Path) -> bool:
    try:
        return os.path.samestat(part.stat(follow_symlinks=False), final.stat(follow_symlinks=False))
    except FileNotFoundError:
        return False


def _rename_once(part: Path, final: Path) -> bool:
    """The kernel's own way (Linux: vfat, exfat, cifs); False where there is none. Raises FileExistsError."""
    import ctypes  # noqa: PLC0415  # seldom needed, slow to load

    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_HERE, os.fsencode(part), _HERE, os.fsencode(final), _NO_REPLACE) == 0:
        return True
    if ctypes.get_errno() == errno.EEXIST:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(final))
    return False


def _claim_and_rename(part: Path, final: Path) -> None:
    """In two steps: an empty file holds the name for a moment."""
    os.close(os.open(final, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        part.replace(final)
    except OSError:
        final.unlink(missing_ok=True)
        raise
