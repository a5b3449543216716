"""The lines of a recording out of its gzip members; one that breaks off gives all that came before."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO

_GZIP = 31
_PIECE = 4096
"""Packed bytes at once: never more than 4 MB when they are unpacked."""
_LONGEST = 256_000_000


def lines_from(opened: BinaryIO, offset: int) -> Iterator[tuple[int, bytes]]:
    """Each whole line, and where its member begins. Raises OSError, and ValueError for what nobody has packed so."""
    opened.seek(offset)
    unpacker, begun, length = zlib.decompressobj(_GZIP), list[bytes](), 0
    while packed := opened.read(_PIECE):
        *ends, rest = _unpacked(unpacker, packed).split(b"\n")
        for end in ends:
            yield offset, b"".join((*begun, end))
            begun, length = [], 0
        begun.append(rest)
        length += len(rest)
        if length > _LONGEST or (length and unpacker.eof):
            raise ValueError("a line without an end")
        if unpacker.eof:
            offset = opened.tell() - len(unpacker.unused_data)
            opened.seek(offset)
            unpacker = zlib.decompressobj(_GZIP)


def _unpacked(unpacker: zlib._Decompress, packed: bytes) -> bytes:
    try:
        return unpacker.decompress(packed)
    except zlib.error as error:
        raise ValueError(str(error)) from error
