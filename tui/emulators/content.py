"""Files that exist as a recipe: any range of their bytes can be made at once, and is the same each time."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from tui.emulators.rows import Loom

SMALL = 1 << 23
"""Objects up to so many bytes have their MD5 as ETag, larger ones look like a multipart upload."""
_DOS_DATE = (2026 - 1980) << 9 | 3 << 5 | 2
_DOS_TIME = 8 << 11 | 15 << 5
_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END = struct.Struct("<IHHHHIIH")


class Content(Protocol):
    """The bytes behind a link. They never change."""

    @property
    def size(self) -> int:
        """How many bytes."""
        ...

    @property
    def media_type(self) -> str:
        """The Content-Type."""
        ...

    @property
    def file_name(self) -> str:
        """The name that a browser would save it under."""
        ...

    def pieces(self, first: int, stop: int) -> Iterator[bytes]:
        """The bytes from `first` up to `stop`."""
        ...


@dataclass(frozen=True)
class TextContent:
    """A short file that is held as it is."""

    file_name: str
    data: bytes
    media_type: str = "text/plain"

    @property
    def size(self) -> int:
        """How many bytes."""
        return len(self.data)

    def pieces(self, first: int, stop: int) -> Iterator[bytes]:
        """The bytes from `first` up to `stop`."""
        yield self.data[first:stop]


@dataclass(frozen=True)
class PartContent:
    """A piece of another content, as an object of its own."""

    whole: Content
    first: int
    stop: int

    @property
    def size(self) -> int:
        """How many bytes."""
        return self.stop - self.first

    @property
    def media_type(self) -> str:
        """That of the whole."""
        return self.whole.media_type

    @property
    def file_name(self) -> str:
        """That of the whole."""
        return self.whole.file_name

    def pieces(self, first: int, stop: int) -> Iterator[bytes]:
        """The bytes from `first` up to `stop`, counted from the part's beginning."""
        yield from self.whole.pieces(self.first + first, min(self.first + stop, self.stop))


@dataclass(frozen=True)
class Member:
    """One file in a ZIP: rows off a loom, or a short text."""

    name: str
    loom: Loom | None = None
    rows: int = 0
    day: int = 0
    text: bytes = b""

    @property
    def size(self) -> int:
        """How many bytes."""
        return self.loom.size(self.rows) if self.loom else len(self.text)

    def pieces(self, first: int, stop: int) -> Iterator[bytes]:
        """The bytes from `first` up to `stop`."""
        if self.loom:
            yield from self.loom.pieces(self.rows, self.day, first, stop)
        else:
            yield self.text[first:stop]

    @cached_property
    def crc(self) -> int:
        """The CRC-32; works through the whole member once."""
        crc = 0
        for piece in self.pieces(0, self.size):
            crc = zlib.crc32(piece, crc)
        return crc

    @property
    def wire_name(self) -> bytes:
        """The name as it stands in the archive."""
        return self.name.encode()

    def header(self) -> bytes:
        """What stands before the member's bytes."""
        size, name = self.size, self.wire_name
        return _LOCAL.pack(0x04034B50, 20, 0x800, 0, _DOS_TIME, _DOS_DATE, self.crc, size, size, len(name), 0) + name

    def entry(self, offset: int) -> bytes:
        """The member's line in the central directory."""
        size, name = self.size, self.wire_name
        fixed = (0x02014B50, 0x314, 20, 0x800, 0, _DOS_TIME, _DOS_DATE, self.crc, size, size, len(name))
        return _CENTRAL.pack(*fixed, 0, 0, 0, 0, 0o100644 << 16, offset) + name


@dataclass(frozen=True)
class ZipContent:
    """A stored (not deflated) ZIP."""

    file_name: str
    members: tuple[Member, ...]
    media_type: str = "application/zip"

    @cached_property
    def size(self) -> int:
        """How many bytes; known without making them."""
        heads = sum(_LOCAL.size + _CENTRAL.size + 2 * len(member.wire_name) + member.size for member in self.members)
        return heads + _END.size

    def pieces(self, first: int, stop: int) -> Iterator[bytes]:
        """The bytes from `first` up to `stop`; the first piece waits for the members' checksums."""
        at = 0
        for part in self._parts:
            if at >= stop:
                return
            begin, end = max(first - at, 0), min(stop - at, part.size)
            if begin < end:
                yield from part.pieces(begin, end)
            at += part.size

    def again(self) -> ZipContent:
        """Another archive of the same names and size, as a second run of the same job would make it."""
        members = (replace(one, day=one.day + 1) if one.loom else one for one in self.members)
        return replace(self, members=tuple(members))

    @cached_property
    def _parts(self) -> tuple[Member, ...]:
        parts = []
        offset = 0
        directory = b""
        for member in self.members:
            header = Member("", text=member.header())
            directory += member.entry(offset)
            offset += header.size + member.size
            parts += [header, member]
        count = len(self.members)
        end = _END.pack(0x06054B50, 0, 0, count, count, len(directory), offset, 0)
        return (*parts, Member("", text=directory + end))


class Sums:
    """A content together with its checksums, each worked out once, when it is first asked for."""

    def __init__(self, content: Content, *, is_second: bool = False) -> None:
        self.content = content
        self._is_second = is_second
        self._next: Sums | None = None

    @property
    def latest(self) -> Sums:
        """What stands in the place of this content now: itself, until `swap`."""
        return self._next or self

    def swap(self) -> bool:
        """Have another archive in the place of this one; False when that was done already, or it is no archive."""
        if self._is_second or self._next is not None or not isinstance(self.content, ZipContent):
            return False
        self._next = Sums(self.content.again(), is_second=True)
        return True

    @cached_property
    def sha1(self) -> str:
        """40 hex digits."""
        digest = hashlib.sha1(usedforsecurity=False)
        for piece in self.content.pieces(0, self.content.size):
            digest.update(piece)
        return digest.hexdigest()

    @cached_property
    def etag(self) -> str:
        """A strong ETag, quoted: the MD5 of a small object, and the multipart look of a large one."""
        content = self.content
        digest = hashlib.md5(usedforsecurity=False)
        if content.size <= SMALL:
            for piece in content.pieces(0, content.size):
                digest.update(piece)
            return f'"{digest.hexdigest()}"'
        for piece in content.pieces(0, SMALL):
            digest.update(piece)
        digest.update(str(content.size).encode())
        return f'"{digest.hexdigest()}-{-(-content.size // SMALL)}"'
