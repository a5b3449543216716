"""config.toml and the folders: whether they are there, whose they are, and whether there is room."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tui import config
from tui.cli.doctor.finding import Finding, broken, doubtful, fine
from tui.cli.doctor.leftovers import old_parts
from tui.config import Config
from tui.engine.storage.database import Database
from tui.errors import ConfigError, StateError
from tui.paths import Paths
from tui.wording import size

_LITTLE_SPACE = 1_000_000_000
_TINY_SPACE = 50_000_000


def read_config(path: Path) -> tuple[Config | None, list[Finding]]:
    """The config, None when it is broken, and what is to be said of its file."""
    topic, place = "config", str(path)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return Config(), [fine(topic, "file", f"{place}: there is none yet", "jobdeck connections add NAME …")]
    except OSError as error:
        told = f"{place} cannot be read: {error.strerror}"
        return None, [broken(topic, "file", told, "look at the permissions of its folders")]
    found = [_private(topic, "file", path, mode)]
    try:
        read = config.load(path)
    except ConfigError as error:
        return None, [*found, broken(topic, "content", error.message, error.hint)]
    return read, [*found, fine(topic, "content", f"{len(read.connections)} connections")]


def _private(topic: str, name: str, path: Path, mode: int) -> Finding:
    """Whether others may read or, worse, write it: a secret_command in it is run."""
    told = f"{path} ({stat.S_IMODE(mode):04o})"
    want = "700" if stat.S_ISDIR(mode) else "600"
    if mode & stat.S_IWOTH:
        return broken(topic, name, f"{told}: everybody may change it", f"chmod {want} '{path}'")
    if mode & stat.S_IWGRP:
        return doubtful(topic, name, f"{told}: its group may change it", f"chmod {want} '{path}'")
    if mode & (stat.S_IRGRP | stat.S_IROTH):
        return doubtful(topic, name, f"{told}: others may read it", f"chmod {want} '{path}'")
    return fine(topic, name, told)


def folders(paths: Paths, downloads: Path | None) -> Iterator[Finding]:
    """The state folder with the board, and the folder for downloads."""
    yield from _state(paths)
    if downloads is not None:
        yield from _downloads(downloads)
        yield from old_parts(downloads, paths.database)


def _state(paths: Paths) -> Iterator[Finding]:
    topic = "state"
    try:
        mode = paths.state.stat().st_mode
    except FileNotFoundError:
        yield _usable(topic, "folder", paths.state)
        return
    except OSError as error:
        yield broken(topic, "folder", f"{paths.state}: {error.strerror}", "name another one with --state DIR")
        return
    yield _private(topic, "folder", paths.state, mode)
    yield _usable(topic, "room", paths.state)
    if os.access(paths.database, os.F_OK):
        yield _board(paths.database)


def _board(database: Path) -> Finding:
    try:
        board = Database(database)
        try:
            jobs = len(board.load().jobs)
        finally:
            board.close()
    except StateError as error:
        return broken("state", "board", error.message, error.hint)
    return fine("state", "board", f"{jobs} jobs, {size(database.stat().st_size)}")


def _downloads(folder: Path) -> Iterator[Finding]:
    yield _usable("downloads", "folder", folder)
    there = nearest(folder)
    if os.access(there, os.W_OK | os.X_OK):
        yield _links(there)


def _usable(topic: str, name: str, folder: Path) -> Finding:
    """Whether files can be written there, and how much room there is."""
    there = nearest(folder)
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        return broken(topic, name, f"{folder} cannot be written to", f"look at the permissions of {there}")
    free = shutil.disk_usage(there).free
    told = f"{folder}: {size(free)} free" + ("" if there == folder else ", made when it is needed")
    if free < _TINY_SPACE:
        return broken(topic, name, told, "make room on the disk")
    if free < _LITTLE_SPACE:
        return doubtful(topic, name, told, "make room on the disk")
    return fine(topic, name, told)


def nearest(folder: Path) -> Path:
    """The folder itself, or the first one above it that is there."""
    return next((one for one in (folder, *folder.parents) if os.access(one, os.F_OK)), Path("/"))


def _links(folder: Path) -> Finding:
    """Whether a finished file gets its name in one step, never over another one: that takes hard links."""
    try:
        with tempfile.TemporaryDirectory(prefix=".jobdeck-", dir=folder) as trial:
            one = Path(trial) / "one"
            one.touch()
            os.link(one, Path(trial) / "two")
    except OSError as error:
        told = f"hard links do not work in {folder}: {error.strerror}"
        return doubtful(
            "downloads", "names", told, "a finished file is named in two steps there; another disk is safer"
        )
    return fine("downloads", "names", "a finished file gets its name in one step")
