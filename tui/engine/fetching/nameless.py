"""Files that have no name until they are whole: Linux makes them in the folder where they will be seen."""

from __future__ import annotations

import os
from pathlib import Path

_SELF = Path("/proc/self/fd")


def open_nameless(folder: Path) -> tuple[Path, int] | None:
    """A new file in the folder, open, with a path that holds as long as it is; None where there is no such thing."""
    file = open_hidden(folder)
    return None if file is None else (path_of(file), file)


def open_hidden(folder: Path) -> int | None:
    """The same without its path.

    Systems say in many ways that they have no such thing; a folder that takes no file at all is found when the next
    way is tried.
    """
    flag: int | None = getattr(os, "O_TMPFILE", None)
    if flag is None or not _SELF.exists():
        return None
    try:
        return os.open(folder, os.O_RDWR | os.O_CLOEXEC | flag, 0o600)
    except OSError:
        return None


def path_of(file: int) -> Path:
    """A path that holds as long as the file is open."""
    return _SELF / f"{file}"


def give_name(file: int, path: Path) -> None:
    """Let the file be seen. Raises FileExistsError when another one has the name, OSError where no link can be made."""
    # Given a descriptor, Python calls linkat(2), which follows the link in /proc; the path is a whole one anyway.
    os.link(f"{_SELF}/{file}", path, src_dir_fd=file, follow_symlinks=True)
