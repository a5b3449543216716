"""`.part` files that nobody has gone on with for long: whose they are, their size, and how to be rid of them."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tui.cli.doctor.finding import Finding, doubtful
from tui.engine.fetching.part_file import beside
from tui.engine.fetching.record import read_record
from tui.engine.storage.database import Database
from tui.errors import StateError
from tui.text import safe_line
from tui.wording import duration, size

OLD_SECONDS = 14 * 86_400.0
_MOST_SHOWN = 5
_MOST_LOOKED_AT = 50_000
"""So many files are looked at: a folder for downloads may hold anything."""


@dataclass(frozen=True, slots=True)
class _Part:
    path: Path
    bytes: int
    age: float
    whose: str


def old_parts(downloads: Path, database: Path) -> Iterator[Finding]:
    """The largest first; those of this folder and of others that downloads on the board went to. Reads only."""
    every = (downloads, *_other_folders(database))
    found = {path.resolve(): path for path in islice(_names(every), _MOST_LOOKED_AT) if path.suffix == ".part"}
    parts = [part for path in found.values() if (part := _looked_at(path)) and part.age >= OLD_SECONDS]
    parts.sort(key=lambda one: one.bytes, reverse=True)
    for part in parts[:_MOST_SHOWN]:
        told = f"{part.path}: {size(part.bytes)} of {part.whose}, untouched for {duration(part.age)}"
        yield doubtful("downloads", "unfinished", told, f"download it again, which goes on with it; or {_away(part)}")
    if more := parts[_MOST_SHOWN:]:
        told = f"{len(more)} more .part files, {size(sum(one.bytes for one in more))}"
        yield doubtful("downloads", "unfinished", told, "they are told when these are gone")


def _other_folders(database: Path) -> tuple[Path, ...]:
    if not os.access(database, os.F_OK):
        return ()
    with suppress(StateError):  # that is told of the board itself
        board = Database(database)
        try:
            return tuple(dict.fromkeys(one.folder for one in board.load().downloads))
        finally:
            board.close()
    return ()


def _names(folders: tuple[Path, ...]) -> Iterator[Path]:
    for top in folders:
        for folder, _, names in os.walk(top):
            yield from (Path(folder, name) for name in names)


def _looked_at(path: Path) -> _Part | None:
    """None for another program's file, which has no record of ours, and for what has just gone."""
    record = read_record(beside(path))
    try:
        there, told_at = path.stat(follow_symlinks=False), beside(path).stat().st_mtime
    except OSError:
        return None
    if record is None:
        return None
    age = time.time() - max(there.st_mtime, told_at)
    return _Part(path, there.st_size, age, f"{record.output} of {record.job}")


def _away(part: _Part) -> str:
    command = f"rm {shlex.quote(str(part.path))} {shlex.quote(str(beside(part.path)))}"
    if safe_line(command, 400) == command:
        return command
    return "remove it with the .part.json beside it"
