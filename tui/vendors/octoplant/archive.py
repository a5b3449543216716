"""octoplant: what is in a fetched archive, told by its directory and its `contents.json` (dossier section 3.3)."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from tui.errors import DownloadError
from tui.untrusted_json import read_json
from tui.vendors._errors import one_line
from tui.vendors.contract import Packed

INDEX = "contents.json"
_MOST_MEMBERS = 10_000
_LARGEST_INDEX = 4_000_000
_LONGEST_NAME = 300
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,
    NotImplementedError,
    ValueError,
    OSError,
)


def list_archive(path: Path) -> tuple[Packed, ...]:
    """The files in the archive, without the index itself; what the index says of each, where it names the file.

    The index's schema is not documented, so whatever stands beside a file's name is taken for what it is. A broken
    index is no error. Raises DownloadError for what is no archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist()[:_MOST_MEMBERS] if not member.is_dir()]
            told = _told(archive) if any(member.filename == INDEX for member in members) else {}
    except _BROKEN as error:
        raise DownloadError(
            f"{path.name} is not a whole ZIP archive: {one_line(str(error))}", hint="download it again"
        ) from error
    return tuple(
        Packed(one_line(member.filename, _LONGEST_NAME), member.file_size, told.get(_last(member.filename)))
        for member in members
        if member.filename != INDEX
    )


def _told(archive: zipfile.ZipFile) -> dict[str, str]:
    """What the index says of each file, by the last part of its name."""
    try:
        with archive.open(INDEX) as index:
            value = read_json(index.read(_LARGEST_INDEX))
    except _BROKEN:
        return {}
    names = {_last(name): name for name in archive.namelist()}
    told: dict[str, str] = {}
    for item in _objects(value):
        words = [word for word in item.values() if isinstance(word, str) and word]
        for name in {_last(word) for word in words} & names.keys():
            said = one_line(", ".join(word for word in words if _last(word) != name))
            if said:
                told.setdefault(name, said)
    return told


def _objects(value: object) -> Iterator[dict[str, object]]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _last(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]
