"""Whether a fetched file is what it should be, and which check says so (DESIGN: verify, rename last)."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from tui.engine.fetching.digests import Sums
from tui.errors import DownloadError
from tui.model import Verified

_AGAIN = "refresh the job and download it again; if it stays so, the vendor's file is damaged"
BROKEN_ZIP = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError),
    *(NotImplementedError, RuntimeError, ValueError, OSError),
)
"""What the standard library raises over archives that are damaged, locked or made by somebody hostile."""
_END_RECORD = 22
"""Bytes of a ZIP's last record when it carries no comment."""
_END_SIGNATURE = b"PK\x05\x06"


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of the file beforehand; hashes are lower- or upper-case hex, sizes bytes.

    `md5` is a guess: an ETag of 32 digits need not be one, so a mismatch proves nothing.
    """

    size: int | None = None
    sha1: str | None = None
    sha256: str | None = None
    md5: str | None = None
    is_zip: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """What came."""

    path: Path
    size: int
    sums: Sums


def verify(expected: Expected, received: Received) -> Verified:
    """The strongest check that the file passed. Raises DownloadError when it fails one."""
    sums = received.sums
    if expected.size is not None and expected.size != received.size:
        raise DownloadError(f"{received.size} bytes came, {expected.size} were due", hint=_AGAIN)
    if expected.sha1:
        if expected.sha1.lower() != sums.sha1:
            raise DownloadError("the file's SHA-1 is not the one that the vendor gave", hint=_AGAIN)
        return Verified.SHA1
    if expected.sha256:
        if expected.sha256.lower() != sums.sha256:
            raise DownloadError("the file's SHA-256 is not the one that the server gave", hint=_AGAIN)
        return Verified.SHA256
    if expected.is_zip:
        check_zip(received.path)
        return Verified.ZIP
    if expected.md5 and expected.md5.lower() == sums.md5:
        return Verified.MD5
    return Verified.SIZE if expected.size is not None else Verified.NONE


def check_zip(path: Path) -> None:
    """Read every member and check its CRC, and that nothing follows the archive. Raises DownloadError.

    Opening is no check: stray bytes inside and error text behind a complete archive both open (octoplant, 3.3).
    One newline at the end is harmless.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
            comment = len(archive.comment)
    except BROKEN_ZIP as error:
        raise DownloadError(f"the file is not a whole ZIP archive: {error}", hint=_AGAIN) from error
    if broken is not None:
        raise DownloadError("the archive is damaged: a member's checksum is wrong", hint=_AGAIN)
    if not _ends_with_archive(path, comment):
        raise DownloadError("something follows the archive's end: the vendor broke off with an error", hint=_AGAIN)


def _ends_with_archive(path: Path, comment: int) -> bool:
    with path.open("rb") as file:
        file.seek(-min(_END_RECORD + comment + 1, path.stat().st_size), 2)
        tail = file.read()
    at_end = tail[-(_END_RECORD + comment) :].startswith(_END_SIGNATURE)
    before_newline = tail.endswith(b"\n") and tail.startswith(_END_SIGNATURE)
    return at_end or before_newline
