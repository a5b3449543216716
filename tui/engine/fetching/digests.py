"""Hashing a file while it arrives: a thread follows what is written without a hole and reads it from the page cache.

Hashing where the bytes are written would halve the speed, and a second full read costs 20 to 30 % more (facts:
performance, section B: hashing and writing).
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from typing import Protocol

from tui.errors import DownloadError

_CHUNK = 1024**2


class Source(Protocol):
    """Where written bytes can be read again."""

    def read_into(self, buffer: memoryview, at: int) -> int:
        """Fill the buffer with the bytes from `at` on; returns how many. Raises DownloadError."""
        ...


@dataclass(frozen=True, slots=True)
class Sums:
    """Hashes of a whole file, lower-case hex; None for what was not wanted."""

    sha256: str
    sha1: str | None = None
    md5: str | None = None


class Digests:
    """SHA-256, and SHA-1 and MD5 where somebody will compare them. One thread at a time works on it."""

    def __init__(self, source: Source, *, sha1: bool = False, md5: bool = False) -> None:
        self._source = source
        self._sha256 = hashlib.sha256()
        self._sha1 = hashlib.sha1(usedforsecurity=False) if sha1 else None
        self._md5 = hashlib.md5(usedforsecurity=False) if md5 else None
        self._at = 0
        self._buffer = memoryview(b"")
        """Used again and again: a new one for each chunk costs as much as reading it."""
        self._working = threading.Lock()
        self._news = threading.Event()
        self._follower: threading.Thread | None = None
        self._written = 0
        self._is_over = False

    def follow(self, written: int) -> None:
        """So many bytes are there now: have a thread read on. Cheap; called while the file arrives."""
        self._written = written
        if written - self._at < _CHUNK:
            return
        if self._follower is None:
            self._follower = threading.Thread(target=self._follow, name="hash", daemon=True)
            self._follower.start()
        self._news.set()

    def close(self) -> None:
        """Stop the thread."""
        self._is_over = True
        self._news.set()

    def sums(self, size: int) -> Sums:
        """The hashes of the first `size` bytes. Blocks until they are read. Raises DownloadError."""
        self._catch_up(size)
        self.close()
        return Sums(
            sha256=self._sha256.hexdigest(),
            sha1=self._sha1.hexdigest() if self._sha1 else None,
            md5=self._md5.hexdigest() if self._md5 else None,
        )

    def _follow(self) -> None:
        while not self._is_over:
            self._news.wait()
            self._news.clear()
            try:
                self._catch_up(self._written)
            except DownloadError:
                return  # whoever asks for the sums meets it again

    def _catch_up(self, end: int) -> None:
        wanted = [one for one in (self._sha256, self._sha1, self._md5) if one is not None]
        while True:
            with self._working:  # by the chunk: whoever asks for the sums must not wait for the whole of it
                if self._at >= end:
                    return
                if len(self._buffer) < min(_CHUNK, end - self._at):
                    self._buffer = memoryview(bytearray(min(_CHUNK, end - self._at)))
                count = self._source.read_into(self._buffer[: end - self._at], self._at)
                if not count:
                    raise DownloadError("the part file is shorter than what was written", hint="download it again")
                for one in wanted:
                    one.update(self._buffer[:count])
                self._at += count
