"""Whether what came is the file, and what it is called; runs in a thread, since it reads all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

import httpx

from tui.disposition import file_name_of
from tui.engine.fetching.names import safe_name
from tui.engine.fetching.part_file import PartFile
from tui.engine.fetching.replies import is_error_text
from tui.engine.fetching.transfer import Transfer
from tui.engine.fetching.verify import Expected, Received, verify
from tui.engine.fetching.way import MOST_OF_AN_ERROR
from tui.errors import AskError, DownloadError
from tui.model import ProblemKind, Verified
from tui.vendors.contract import ExplainsFiles, Link, Reply, Vendor

_ZIP_BEGINS = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Passed:
    """A file that is right: the name that it gets, the strongest check that it passed, its SHA-256 in hex."""

    name: str
    verified: Verified
    sha256: str


@dataclass(frozen=True, slots=True)
class Check:
    """The last look at a file before it gets its name; `at` is the wall clock."""

    part: PartFile
    transfer: Transfer
    link: Link
    vendor: Vendor
    at: datetime

    def run(self) -> Passed:
        """Raises DownloadError, or the vendor's own AskError, when it is not the file."""
        due, told, size = self.transfer.due, self.transfer.told, self.part.progress.size
        sums = self.transfer.digests.sums(size)
        media_type = told.media_type if told else ""
        expected = Expected(
            size=due.size if due.size is not None else (told.total if told else size),
            sha1=due.sha1,
            sha256=told.sha256 if told else None,
            md5=told.md5 if told else None,
            is_zip=self.link.is_zip or media_type == "application/zip" or self._looks_like_zip(),
        )
        try:
            verified = verify(expected, Received(self.part.path, size, sums))
            if verified not in (Verified.SHA1, Verified.SHA256):
                self._refuse_error_text(size, media_type)
        except DownloadError:
            if error := self._vendors_words():
                raise error from None
            raise
        return Passed(self._name(), verified, sums.sha256)

    def _looks_like_zip(self) -> bool:
        is_named_so = self.transfer.due.name.lower().endswith(".zip")
        return is_named_so and self.part.read(len(_ZIP_BEGINS), 0) == _ZIP_BEGINS

    def _refuse_error_text(self, size: int, media_type: str) -> None:
        if size <= MOST_OF_AN_ERROR and is_error_text(self.part.read(size, 0), media_type, self.transfer.due.name):
            told = "the file's server sent an error text instead of the file"
            raise AskError(ProblemKind.BAD_REPLY, told, hint="refresh the job, then try again")

    def _vendors_words(self) -> AskError | None:
        """What the vendor says, in place of the file or behind a part of it, of why it cannot be had."""
        if not isinstance(self.vendor, ExplainsFiles):
            return None
        size = self.part.progress.size
        end = self.part.read(MOST_OF_AN_ERROR, max(size - MOST_OF_AN_ERROR, 0))
        return self.vendor.file_error(Reply(200, httpx.Headers(), end, self.at))

    def _name(self) -> str:
        name = self.transfer.due.name
        if PurePosixPath(name).suffix or self.transfer.told is None:
            return name
        return safe_name(file_name_of(self.transfer.told.disposition) or name)
