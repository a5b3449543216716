"""Systems and disks that lack what Linux offers on its own disks: the call to the operating system itself fails."""

from __future__ import annotations

import ctypes
import errno
import os
from typing import Never

import pytest

_TMPFILE: int = getattr(os, "O_TMPFILE", 0)


def without_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """No hard links, as on FAT and some network disks."""

    def refuse(*_: object, **__: object) -> Never:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)


def without_safe_rename(monkeypatch: pytest.MonkeyPatch) -> None:
    """No `renameat2`: a C library that does not have it."""
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: object())


def without_nameless_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk makes no file without a name, as NFS does not."""
    open_file = os.open

    def refuse(path: str | os.PathLike[str], flags: int, mode: int = 0o777) -> int:
        if _TMPFILE and flags & _TMPFILE == _TMPFILE:
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
        return open_file(path, flags, mode)

    monkeypatch.setattr(os, "open", refuse)


def without_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    """No /proc, as in some containers."""
    stat, open_file = os.stat, os.open

    def is_there(path: object) -> bool:
        return not str(path).startswith("/proc/")

    def stat_or_refuse(path: str | os.PathLike[str] | int, **more: bool) -> os.stat_result:
        if not is_there(path):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        return stat(path, **more)

    def open_or_refuse(path: str | os.PathLike[str], flags: int, mode: int = 0o777) -> int:
        if not is_there(path):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        return open_file(path, flags, mode)

    monkeypatch.setattr(os, "stat", stat_or_refuse)
    monkeypatch.setattr(os, "open", open_or_refuse)


def without_room_for_new_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk: what is there can be opened, nothing new can be made."""
    open_file = os.open

    def refuse(path: str | os.PathLike[str], flags: int, mode: int = 0o777) -> int:
        if flags & os.O_CREAT and not os.path.lexists(path):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return open_file(path, flags, mode)

    monkeypatch.setattr(os, "open", refuse)
