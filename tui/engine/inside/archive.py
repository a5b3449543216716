"""What is in a ZIP from strangers: its members, how one begins, one whole. Blocks; runs in a thread."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO

from tui.engine.facts.archives import Member
from tui.engine.fetching.extract import MOST_BYTES, MOST_MEMBERS, counted, refuse_overlaps
from tui.engine.fetching.verify import BROKEN_ZIP
from tui.errors import DownloadError
from tui.redact import mask_live
from tui.text import safe_line

HEAD = 64 * 1024
"""So many bytes of a file are read for a preview, and no more are inflated."""
_LONGEST_NAME = 300
_OTHERWISE = "download it whole, and look at it with another program"
_FLAG_LOCKED = 0x1
_BOUNDED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""What can be inflated a little at a time; the others give all that a block holds at once."""


def is_archive(file: BinaryIO) -> bool:
    """Whether the file ends as a ZIP does."""
    with _in_words():
        return zipfile.is_zipfile(file)


def open_archive(file: BinaryIO) -> zipfile.ZipFile:
    """Read the archive's directory. Raises DownloadError for one that is damaged, too large or made to do harm."""
    with _in_words():
        archive = zipfile.ZipFile(file)
    if len(archive.filelist) > MOST_MEMBERS:
        raise DownloadError(
            f"the archive holds {len(archive.filelist)} files; at most {MOST_MEMBERS} are looked at", hint=_OTHERWISE
        )
    refuse_overlaps(archive)
    return archive


def members_of(archive: zipfile.ZipFile) -> tuple[Member, ...]:
    """The archive's files and folders in its own order."""
    return tuple(_member(number, info) for number, info in enumerate(archive.filelist))


def info_of(archive: zipfile.ZipFile, member: Member) -> zipfile.ZipInfo:
    """The entry that is meant. Raises DownloadError where another one is in its place, and for one that is locked."""
    listed = archive.filelist
    if member.number >= len(listed) or listed[member.number].orig_filename != member.raw:
        raise DownloadError("the archive has changed", hint="look inside again")
    if member.is_folder:
        raise DownloadError(f"{member.name} is a folder", hint="choose a file in it")
    if member.is_locked:
        raise DownloadError(
            f"{member.name} is locked with a password", hint="download the archive and open it with another program"
        )
    return listed[member.number]


def head_of(archive: zipfile.ZipFile, member: Member) -> bytes:
    """How the member begins, at most HEAD bytes. Raises DownloadError."""
    info = info_of(archive, member)
    if info.compress_type not in _BOUNDED:
        raise DownloadError(f"{member.name} is packed in a way that gives no preview", hint="fetch it whole")
    with _in_words(), archive.open(info) as source:
        return source.read(HEAD)


def chunks_of(archive: zipfile.ZipFile, member: Member) -> Iterator[bytes]:
    """The member whole, piece by piece, its CRC checked at the end. Raises DownloadError, above the limits too."""
    info = info_of(archive, member)
    came = 0
    with _in_words():
        for chunk in counted(archive, info, MOST_BYTES):
            came += len(chunk)
            yield chunk
    if came != info.file_size:
        raise DownloadError(f"the archive is damaged: {came} bytes of {info.file_size} came", hint=_OTHERWISE)


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except BROKEN_ZIP as error:
        told = safe_line(mask_live(str(error)), 200)
        raise DownloadError(f"the archive is damaged or not a whole ZIP: {told}", hint=_OTHERWISE) from error


def _member(number: int, info: zipfile.ZipInfo) -> Member:
    name = info.orig_filename.replace("\\", "/")
    return Member(
        number=number,
        raw=info.orig_filename,
        name=safe_line(mask_live(name), _LONGEST_NAME),
        size=info.file_size,
        packed=info.compress_size,
        at=_time_of(info),
        is_folder=name.endswith("/") or stat.S_ISDIR(info.external_attr >> 16),
        is_locked=bool(info.flag_bits & _FLAG_LOCKED),
    )


def _time_of(info: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*info.date_time)  # a ZIP's time has no zone
    except ValueError:
        return None
