"""A small file in one go: asked for, read, checked, synced and named in one thread, with nothing on the disk before.

For thousands of small files each step from thread to thread costs as much as the file. Anything unusual
is left to the way of large files, together with the bytes that came.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tui.engine.fetching.check import Check, Passed
from tui.engine.fetching.digests import Sums
from tui.engine.fetching.disk import cannot_write
from tui.engine.fetching.nameless import give_name, open_hidden, path_of
from tui.engine.fetching.naming import Names, first_free, is_file_of
from tui.engine.fetching.replies import Told, read_whole
from tui.engine.fetching.transfer import Due
from tui.engine.unbroken import in_thread
from tui.engine.wire.errors import in_our_words
from tui.engine.wire.trip import Read
from tui.errors import AskError, DownloadError


@dataclass(frozen=True, slots=True)
class Named:
    """A file that has its name, while its folder is not yet synced to the disk."""

    path: Path
    passed: Passed


@dataclass(frozen=True, slots=True)
class _Bytes:
    """What came, for the check."""

    file: int
    view: memoryview

    @property
    def path(self) -> Path:
        return path_of(self.file)

    def read(self, size: int, at: int) -> bytes:
        return bytes(self.view[at : at + size])


class OneGo:
    """One try; a `Taker` of the answer. It ends with `named`, with `refusal`, or with neither: then try another way."""

    def __init__(
        self,
        due: Due,
        size: int,
        folder: Path,
        judge: Callable[[Told], Check],
        *,
        timeout: float,
        is_signed_in: bool,
        names: Names,
        may_be_there: bool = False,
    ) -> None:
        """`judge` is called in the thread; `timeout` is only for error messages.

        `may_be_there`: an earlier program may have named the file and ended before it told so.
        """
        self._due = due
        self._folder = folder
        self._judge = judge
        self._timeout = timeout
        self._is_signed_in = is_signed_in
        self._names = names
        self._may_be_there = may_be_there
        self._naming = threading.Lock()
        """Held while the file gets its name, and by `give_up`."""
        self._is_given_up = False
        self._view = memoryview(b"")
        self.size = size
        self.at = 0
        """How many bytes came."""
        self.told: Told | None = None
        self.named: Named | None = None
        self.refusal: AskError | DownloadError | None = None
        """Why what came is not the file."""

    def take(self, status: int, headers: Mapping[str, str], read: Read) -> bool:
        """See `Taker`. Raises AskError or DownloadError; what came until then is in `come`."""
        if status != 200 or self._may_be_an_envelope(headers) or self._is_begun():
            return False
        told = read_whole(status, headers, self._due.name, size=self.size, is_hashed=self._due.sha1 is not None)
        if told.total != self.size or "content-encoding" in headers:
            return False
        file = self._opened()
        if file is None:
            return False
        try:
            self._view = memoryview(bytearray(self.size))
            self.told = told
            with in_our_words(self._timeout):
                while self.at < self.size:
                    self.at += read(self._view[self.at :])
            self._finish(told, file)
        finally:
            os.close(file)
        if self.is_over:
            self._view = memoryview(b"")  # free the bytes: many files may wait until they are written down
        return True

    @property
    def is_over(self) -> bool:
        """Whether it has ended: the file has its name, or was refused."""
        return self.named is not None or self.refusal is not None

    @property
    def come(self) -> memoryview:
        """The bytes that came, from the first one on; none any more once it is over."""
        return self._view[: self.at]

    async def give_up(self) -> None:
        """From here on it gets no name; if it is getting it just now, it has it afterwards."""
        if not self._naming.acquire(blocking=False):
            await in_thread(self._naming.acquire)
        self._is_given_up = True
        self._naming.release()

    def _may_be_an_envelope(self, headers: Mapping[str, str]) -> bool:
        """Whether the login may want to read it (EnOS dossier, section 2)."""
        return self._is_signed_in and "json" in headers.get("content-type", "").lower()

    def _is_begun(self) -> bool:
        return os.path.lexists(f"{self._folder}/{self._due.name}.part")

    def _opened(self) -> int | None:
        file = open_hidden(self._folder)
        if file is not None or os.path.lexists(self._folder):
            return file
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(self._folder, error) from error
        return open_hidden(self._folder)

    def _finish(self, told: Told, file: int) -> None:
        try:
            _write(file, self._view)
            passed = self._judged(told, file)
            if passed is None:
                return
            os.fsync(file)
        except OSError as error:
            raise cannot_write(self._folder, error, self.size) from error
        with self._naming:
            if not self._is_given_up:
                self._name(file, passed)

    def _judged(self, told: Told, file: int) -> Passed | None:
        try:
            return self._judge(told).run(_Bytes(file, self._view), self.size, self._sums(told))
        except (AskError, DownloadError) as error:
            self.refusal = error
            return None

    def _sums(self, told: Told) -> Sums:
        has_sha1 = self._due.sha1 is not None
        return Sums(
            sha256=hashlib.sha256(self._view).hexdigest(),
            sha1=hashlib.sha1(self._view, usedforsecurity=False).hexdigest() if has_sha1 else None,
            md5=hashlib.md5(self._view, usedforsecurity=False).hexdigest() if told.md5 and not has_sha1 else None,
        )

    def _name(self, file: int, passed: Passed) -> None:
        def is_own(path: Path) -> bool:
            return self._may_be_there and is_file_of(path, self.size, passed.sha256)

        def give(path: Path) -> None:
            try:
                self._names.give(path, partial(give_name, file), is_own)
            except FileExistsError:
                raise
            except OSError:  # the folder takes no links: this is not the way here
                return
            self.named = Named(path, passed)

        first_free(self._folder, passed.name, give)


def _write(file: int, data: memoryview) -> None:
    at = 0
    while at < len(data):
        at += os.pwrite(file, data[at:], at)
