"""Unpacking a ZIP from strangers: a new folder, cleaned names, limits that are counted, not believed.

Limits as in facts: archives, section 3.4; an archive that breaks one is left packed.
"""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import BinaryIO

from tui.engine.names import numbered, safe_name
from tui.engine.verify import BROKEN_ZIP
from tui.errors import DownloadError

MOST_MEMBERS = 10_000
MOST_BYTES = 10 * 1024**3
MOST_RATIO = 200
RATIO_FROM = 10 * 1024**2
"""Below so many bytes a high ratio is no bomb."""
_CHUNK = 256 * 1024
_MOST_ALIKE = 1000


def extract(archive: Path) -> Path:
    """Unpack into a new folder beside the archive; returns it. Raises DownloadError and leaves nothing behind."""
    folder = _new_folder(archive)
    try:
        with zipfile.ZipFile(archive) as opened:
            total = 0
            for member in _members(opened):
                total += _unpack(opened, member, folder, MOST_BYTES - total)
    except DownloadError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    except BROKEN_ZIP as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise DownloadError(f"{archive.name} cannot be unpacked: {error}") from error
    return folder


def _members(opened: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = [member for member in opened.infolist() if not member.filename.endswith("/")]
    if len(members) > MOST_MEMBERS:
        raise DownloadError(f"{opened.filename} holds {len(members)} files; at most {MOST_MEMBERS} are unpacked")
    return members


def _new_folder(archive: Path) -> Path:
    for number in range(1000):
        folder = numbered(archive.with_suffix("") if archive.suffix else archive.with_name(archive.name + "_"), number)
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return folder
    raise DownloadError(f"there are too many folders named {archive.stem}")


def _unpack(opened: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, room: int) -> int:
    parts = [safe_name(part) for part in member.filename.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    target = folder.joinpath(*parts or ["download"])
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with opened.open(member) as source, _create(target) as sink:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            packed = max(member.compress_size, 1)
            if written > room or (written > RATIO_FROM and written / packed > MOST_RATIO):
                raise DownloadError(f"{opened.filename} grows beyond what is safe to unpack")
            sink.write(chunk)
    return written


def _create(target: Path) -> BinaryIO:
    """A new file of that name, or of the next free one: cleaned names of two members may be the same."""
    for number in range(_MOST_ALIKE):
        try:
            return numbered(target, number).open("xb")
        except FileExistsError:
            continue
    raise DownloadError(f"the archive holds too many files named {target.name}")
