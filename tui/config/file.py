"""config.toml on the disk: read, watched, and changed in one step without losing what somebody else wrote."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tui import config
from tui.config import Config
from tui.durable import sync_folder
from tui.errors import ConfigError

_TRIES = 5
Stamp = tuple[int, int, int] | None
"""What tells one version of a file from another: inode, time of change, size; None where there is no file."""


class ConfigFile:
    """One config.toml. Every method blocks; errors are ConfigErrors."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def stamp(self) -> Stamp:
        """What changes when the file does; a link is followed."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return (found.st_ino, found.st_mtime_ns, found.st_size)

    def read(self) -> str:
        """The file's text; empty when there is none."""
        return config.read_text(self.path)

    def check(self, edit: Callable[[str], str]) -> None:
        """See whether `edit` makes a good config of the text."""
        config.parse(self._edited(self.read(), edit), self.path)

    def change(self, edit: Callable[[str], str]) -> Config:
        """Put what `edit` makes of the text in the file's place, if it is a good config; returns that.

        Another jobdeck waits its turn; a text that an editor saved meanwhile is edited anew, never overwritten.
        """
        target = _target(self.path)
        with _one_at_a_time(target.parent):
            for _ in range(_TRIES):
                before = self.stamp()
                text = self.read()
                edited = self._edited(text, edit)
                made = config.parse(edited, self.path)
                if edited == text:
                    return made
                if _put(target, edited, lambda before=before: self.stamp() == before):  # type: ignore[misc]
                    return made
        raise ConfigError(f"{self.path} is being changed again and again", hint="close its editor, then try again")

    def _edited(self, text: str, edit: Callable[[str], str]) -> str:
        """Edits know one kind of line end; the file keeps its own."""
        try:
            edited = edit(text.replace("\r\n", "\n"))
        except ValueError:
            config.parse(text, self.path)  # names the line
            raise
        return edited.replace("\n", "\r\n") if "\r\n" in text else edited


def _target(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise ConfigError(f"{path} leads nowhere", hint="mend the symbolic link") from error


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Programs that change a file in this folder wait for each other; the folder is made if it is not there."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _cannot_write(folder, error) from error
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _put(target: Path, text: str, still_as_read: Callable[[], bool]) -> bool:
    """Write beside the file and rename, 0600; False, with nothing done, when the file is not as it was read."""
    try:
        file, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise _cannot_write(target, error) from error
    try:
        with os.fdopen(file, "w", encoding="utf-8", newline="") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        if still_as_read():
            Path(name).replace(target)
            sync_folder(target.parent)
            return True
    except OSError as error:
        raise _cannot_write(target, error) from error
    finally:
        with suppress(OSError):
            Path(name).unlink(missing_ok=True)
    return False


def _cannot_write(path: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"{path} cannot be written: {error.strerror}", hint="make room or mend its permissions, then try again"
    )
