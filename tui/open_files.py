"""How it is known that this program may open no more files, its connections among them, and what is said then."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

NO_MORE_FILES = "no more files may be opened by this program"
RAISE_THE_LIMIT = "raise its limit (ulimit -n)"
_ERRORS = frozenset({errno.EMFILE, errno.ENFILE})


def is_out_of_files(error: BaseException) -> bool:
    """Whether it, or what it came of, says so."""
    return any(map(_says_so, causes(error)))


def are_files_used_up() -> bool:
    """Whether none may be opened now: for libraries that say only that something failed."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return _says_so(error)
    return False


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it came of, what that came of, and so on."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _says_so(error: BaseException) -> bool:
    if isinstance(error, ImportError):  # of a library's file the system's linker gives only the words
        return os.strerror(errno.EMFILE) in str(error)
    return isinstance(error, OSError) and error.errno in _ERRORS
