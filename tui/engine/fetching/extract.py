"""Unpacking a ZIP from strangers: a new folder, cleaned names, limits that are counted, not believed.

Limits as in facts: archives, section 3.4; an archive that breaks one is left packed.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from tui.engine.fetching.names import numbered, safe_name
from tui.engine.fetching.verify import BROKEN_ZIP
from tui.errors import DownloadError
from tui.text import safe_line

MOST_MEMBERS = 10_000
MOST_BYTES = 10 * 1024**3
MOST_RATIO = 200
RATIO_FROM = 10 * 1024**2
"""Below so many bytes a high ratio is no bomb."""
_CHUNK = 256 * 1024
_LOCAL_HEADER = 30
"""Bytes before a member's name, at least."""
_MOST_ALIKE = 1000
_OTHERWISE = "leave it packed, or unpack it with another program if you trust who made it"


def extract(archive: Path, source: BinaryIO | None = None) -> Path:
    """Unpack into a new folder beside the archive; returns it. Raises DownloadError and leaves nothing behind.

    `source` is the archive opened by the caller, who can so end the work.
    """
    folder = _new_folder(archive)
    try:
        with zipfile.ZipFile(source or archive) as opened:
            refuse_overlaps(opened)
            total = 0
            for member in _members(opened, archive.name):
                total += _unpack(opened, member, folder, MOST_BYTES - total)
    except DownloadError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    except BROKEN_ZIP as error:
        shutil.rmtree(folder, ignore_errors=True)
        told = f"{archive.name} cannot be unpacked: {safe_line(str(error), 200)}"
        raise DownloadError(told, hint=_OTHERWISE) from error
    return folder


def refuse_overlaps(opened: zipfile.ZipFile) -> None:
    """Raise DownloadError where two members share bytes, as in the smallest of bombs; no honest program does that."""
    places = sorted((one.header_offset, one.compress_size) for one in opened.filelist)
    if any(at + _LOCAL_HEADER + size > following for (at, size), (following, _) in pairwise(places)):
        told = "the archive's files lie over one another: it was made to do harm"
        raise DownloadError(told, hint="leave it packed, and ask who made it")


def _members(opened: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    members = [member for member in opened.infolist() if not member.filename.endswith("/")]
    if len(members) > MOST_MEMBERS:
        told = f"{name} holds {len(members)} files; at most {MOST_MEMBERS} are unpacked"
        raise DownloadError(told, hint=_OTHERWISE)
    return members


def _new_folder(archive: Path) -> Path:
    for number in range(1000):
        folder = numbered(archive.with_suffix("") if archive.suffix else archive.with_name(archive.name + "_"), number)
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return folder
    raise DownloadError(f"there are too many folders named {archive.stem}", hint="move some of them away")


def _unpack(opened: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, room: int) -> int:
    parts = [safe_name(part) for part in member.filename.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    target = folder.joinpath(*parts or ["download"])
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with _create(target) as sink:
        for chunk in counted(opened, member, room):
            written += sink.write(chunk)
    return written


def counted(opened: zipfile.ZipFile, member: zipfile.ZipInfo, room: int) -> Iterator[bytes]:
    """The member piece by piece, its CRC checked at the end; the archive's own figures are not believed.

    Raises DownloadError above `room` bytes or a ratio that only bombs have, and what `zipfile` raises.
    """
    written = 0
    with opened.open(member) as source:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            packed = max(member.compress_size, 1)
            if written > room or (written > RATIO_FROM and written / packed > MOST_RATIO):
                name = Path(opened.filename).name if opened.filename else "the archive"
                raise DownloadError(f"{name} grows beyond what is safe to unpack", hint=_OTHERWISE)
            yield chunk


def _create(target: Path) -> BinaryIO:
    """A new file of that name, or of the next free one: cleaned names of two members may be the same."""
    for number in range(_MOST_ALIKE):
        try:
            return numbered(target, number).open("xb")
        except FileExistsError:
            continue
    raise DownloadError(f"the archive holds too many files named {target.name}", hint=_OTHERWISE)
