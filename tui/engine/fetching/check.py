"""Whether what came is the file, and what it is called; runs in a thread, since it reads all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import httpx

from tui.disposition import file_name_of
from tui.engine.fetching.digests import Sums
from tui.engine.fetching.names import ending_of, safe_name
from tui.engine.fetching.replies import Told, is_error_text
from tui.engine.fetching.transfer import Due
from tui.engine.fetching.verify import Expected, Received, verify
from tui.engine.fetching.way import MOST_OF_AN_ERROR
from tui.errors import AskError, DownloadError
from tui.model import ProblemKind, Verified
from tui.vendors.contract import ExplainsFiles, Link, Reply, Vendor

_ZIP_BEGINS = b"PK\x03\x04"


class Came(Protocol):
    """All of a file's bytes, on the disk but without their name."""

    @property
    def path(self) -> Path:
        """Where they can be read."""
        ...

    def read(self, size: int, at: int) -> bytes:
        """Some of them. Raises DownloadError."""
        ...


@dataclass(frozen=True, slots=True)
class Passed:
    """A file that is right: the name that it gets, the strongest check that it passed, its SHA-256 in hex."""

    name: str
    verified: Verified
    sha256: str


@dataclass(frozen=True, slots=True)
class Check:
    """The last look at a file before it gets its name; `at` is the wall clock."""

    due: Due
    told: Told | None
    link: Link
    vendor: Vendor
    at: datetime

    def run(self, came: Came, size: int, sums: Sums) -> Passed:
        """Raises DownloadError, or the vendor's own AskError, when it is not the file."""
        due, told = self.due, self.told
        media_type = told.media_type if told else ""
        expected = Expected(
            size=due.size if due.size is not None else (told.total if told else size),
            sha1=due.sha1,
            sha256=told.sha256 if told else None,
            md5=told.md5 if told else None,
            is_zip=self.link.is_zip or self._looks_like_zip(came, media_type),
        )
        try:
            verified = verify(expected, Received(came.path, size, sums))
            if verified not in (Verified.SHA1, Verified.SHA256):
                self._refuse_error_text(came, size, media_type)
        except DownloadError:
            if error := self._vendors_words(came, size):
                raise error from None
            raise
        return Passed(self._name(), verified, sums.sha256)

    def _looks_like_zip(self, came: Came, media_type: str) -> bool:
        """Whether it is to be a ZIP: name and media type are guesses, so its first bytes decide if its size is told."""
        is_called_so = media_type == "application/zip"
        if is_called_so and self.due.size is None:
            return True
        is_named_so = is_called_so or self.due.name.lower().endswith(".zip")
        return is_named_so and came.read(len(_ZIP_BEGINS), 0) == _ZIP_BEGINS

    def _refuse_error_text(self, came: Came, size: int, media_type: str) -> None:
        if size <= MOST_OF_AN_ERROR and is_error_text(came.read(size, 0), media_type, self.due.name):
            told = "the file's server sent an error text instead of the file"
            raise AskError(ProblemKind.BAD_REPLY, told, hint="refresh the job, then try again")

    def _vendors_words(self, came: Came, size: int) -> AskError | None:
        """The vendor's own error text, if it came in place of the file or after a part of it."""
        if not isinstance(self.vendor, ExplainsFiles):
            return None
        end = came.read(MOST_OF_AN_ERROR, max(size - MOST_OF_AN_ERROR, 0))
        return self.vendor.file_error(Reply(200, httpx.Headers(), end, self.at))

    def _name(self) -> str:
        name = self.due.name
        if ending_of(name) or self.told is None:
            return name
        return safe_name(file_name_of(self.told.disposition) or name)
