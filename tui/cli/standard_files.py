"""The command's stdin, stdout and stderr where the shell gave none, or where nothing can be written any more."""

from __future__ import annotations

import errno
import os
import sys

from tui.durable import is_full

BYTE_ORDER_MARK = "\ufeff"
"""What some editors and shells put in front of a text."""
_UNWRITABLE = frozenset({errno.EFBIG, errno.EIO})
"""Errors of a file that is open already; the rooms below tell of their own files in JobdeckErrors."""


def fill_in() -> None:
    """Put /dev/null where a standard file is closed: else the next file that is opened would take its place."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # for as long as the process lives
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def stdout_trouble(error: Exception) -> str | None:
    """Why nothing can be written to stdout, where that is what the error tells; None for any other."""
    if not isinstance(error, OSError) or error.filename is not None:
        return None
    if is_full(error) or error.errno in _UNWRITABLE:
        return error.strerror
    return None


def drop_stdout() -> None:
    """Send what is still to be written nowhere: else the flush at the process's end complains."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
