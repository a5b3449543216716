"""A remote file as `zipfile` wants it: seekable, read in blocks, some of them ahead, a few MiB of them kept."""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from tui.errors import DownloadError

Fetch = Callable[[int, int], bytes]
"""The bytes from the first offset up to, not including, the second; blocks until they are there."""

BLOCK = 64 * 1024
MOST_KEPT = 128
"""Blocks; 8 MiB."""
MOST_AHEAD = 64
"""Blocks in one request; 4 MiB."""
LARGEST_READ = 4 * 1024**2
"""Nothing honest reads more at once: it is a directory of more than 10,000 members, or one that lies."""


class LocalFile(io.FileIO):
    """A file on the disk under the same limit."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises OSError."""
        super().__init__(path)
        self._is_stopped = False

    def read(self, size: int | None = -1) -> bytes:
        """See `io.FileIO.read`. Raises DownloadError above the limit, and when it was stopped."""
        if self._is_stopped:
            raise DownloadError("reading was stopped", hint="look inside again")
        refuse_huge(-1 if size is None else size)
        return super().read(-1 if size is None else size)

    def stop(self) -> None:
        """Let nothing be read any more."""
        self._is_stopped = True


class RemoteFile(io.RawIOBase):
    """Read-only; `tail` is the end of the file, which stays in memory."""

    def __init__(self, fetch: Fetch, size: int, tail: bytes) -> None:
        super().__init__()
        self._fetch = fetch
        self._size = size
        self._tail = tail
        self._tail_at = size - len(tail)
        self._at = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._ahead = 1
        self._next = -1

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to another place. Raises ValueError before the beginning."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("there is nothing before the beginning of a file")
        self._at = base + offset
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """So many bytes, fewer only at the end. Raises DownloadError above the limit, and what fetching raises."""
        left = max(self._size - self._at, 0)
        count = left if size is None or size < 0 else min(size, left)
        refuse_huge(count)
        data = self._bytes(self._at, self._at + count)
        self._at += count
        return data

    def _bytes(self, first: int, end: int) -> bytes:
        got = bytearray()
        while first < end:
            if first >= self._tail_at:
                got += self._tail[first - self._tail_at : end - self._tail_at]
                break
            block = self._block(first // BLOCK, end)
            piece = block[first % BLOCK : first % BLOCK + end - first]
            got += piece
            first += len(piece)
        return bytes(got)

    def _block(self, number: int, end: int) -> bytes:
        if number not in self._blocks:
            self._load(number, end)
        self._blocks.move_to_end(number)
        return self._blocks[number]

    def _load(self, number: int, end: int) -> None:
        """Fetch what is missing from this block on in one request, the more ahead the longer reading goes straight."""
        self._ahead = min(self._ahead * 2, MOST_AHEAD) if number == self._next else 1
        stop = min(max(-(-end // BLOCK), number + self._ahead), -(-self._tail_at // BLOCK))
        count = 1
        while number + count < stop and number + count not in self._blocks:
            count += 1
        first = number * BLOCK
        data = self._fetch(first, min((number + count) * BLOCK, self._tail_at))
        self._next = number + count
        for place in range(count):
            self._blocks[number + place] = data[place * BLOCK : (place + 1) * BLOCK]
        while len(self._blocks) > MOST_KEPT:
            self._blocks.popitem(last=False)


def refuse_huge(count: int) -> None:
    """Raise DownloadError for a read that no honest archive needs."""
    if count > LARGEST_READ:
        raise DownloadError(
            "the archive's directory is too large to be looked into", hint="download it and look with another program"
        )
