"""Files that have no name until they are whole: Linux makes them in the folder where they will be seen."""

from __future__ import annotations

import os
from pathlib import Path

_SELF = Path("/proc/self/fd")


def open_nameless(folder: Path) -> tuple[Path, int] | None:
    """A new file in the folder, open, with a path that holds as long as it is; None where there is no such thing.

    Systems say so in many ways; a folder that takes no file at all is found when the next way is tried.
    """
    flag: int | None = getattr(os, "O_TMPFILE", None)
    if flag is None or not _SELF.exists():
        return None
    try:
        file = os.open(folder, os.O_RDWR | os.O_CLOEXEC | flag, 0o600)
    except OSError:
        return None
    return _SELF / f"{file}", file


def give_name(file: int, path: Path) -> None:
    """Let the file be seen. Raises FileExistsError when another one has the name, OSError where no link can be made."""
    # Given a descriptor, Python calls linkat(2), which follows the link in /proc; the path is a whole one anyway.
    os.link(_SELF / f"{file}", path, src_dir_fd=file, follow_symlinks=True)
