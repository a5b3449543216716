"""Giving a whole file its name: in one step, and never over another file."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tui.engine.fetching.disk import cannot_write
from tui.engine.fetching.names import numbered
from tui.errors import DownloadError

MOST_ALIKE = 1000
"""So many files of one name may lie in a folder, numbered."""
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
_HERE = -100
"""AT_FDCWD: paths are as everywhere else."""
_NO_REPLACE = 1
"""RENAME_NOREPLACE."""


def first_free(folder: Path, name: str, give: Callable[[Path], None]) -> Path:
    """Give the name, or the first numbered one that no other file in the folder has; returns the file's path.

    `give` raises FileExistsError for a name that is taken, or OSError. Raises DownloadError.
    """
    try:
        for number in range(MOST_ALIKE):
            final = folder / (numbered(Path(name), number) if number else name)
            try:
                give(final)
            except FileExistsError:
                continue
            return final
    except OSError as error:
        raise cannot_write(folder, error) from error
    raise DownloadError(f"{folder} holds too many files named {name}", hint="move some of them away")


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


class Names:
    """The names that downloads are given just now, each until the board knows whose it is; used by threads.

    Otherwise two downloads of the same bytes could both find the one file that one of them had made.
    """

    def __init__(self, is_known: Callable[[Path], bool]) -> None:
        """`is_known` says whether a download on the board has the file."""
        self._is_known = is_known
        self._owners: dict[Path, object] = {}

    def give(self, path: Path, link: Callable[[Path], None], is_own: Callable[[Path], bool]) -> bool:
        """Give the name by `link`, until `forget`; False when the file lies there already.

        `is_own` says whether the file there is this download's, from a program that ended before it told so. Raises
        OSError; FileExistsError when another file has the name.
        """
        owner = object()
        if self._owners.setdefault(path, owner) is not owner:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        try:
            link(path)
        except OSError as error:
            if isinstance(error, FileExistsError) and is_own(path) and not self._is_known(path):
                return False
            self.forget(path)
            raise
        return True

    def forget(self, path: Path) -> None:
        """Release the name: the board knows its owner by now, or the file did not get it."""
        self._owners.pop(path, None)


def is_file_of(path: Path, size: int, sha256: str) -> bool:
    """Whether a file of ours with these bytes lies there, and is no link to one."""
    try:
        # Another user's file is none: it may change when it was read. A pipe would keep whoever opens it.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            seen = os.fstat(file.fileno())
            if not stat.S_ISREG(seen.st_mode) or seen.st_size != size or seen.st_uid != os.geteuid():
                return False
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


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
