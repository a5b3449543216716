"""HTTP ranges and preconditions, as S3 reads them: one range a request, anything odd is ignored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")


@dataclass(frozen=True, slots=True)
class Slice:
    """What to send: `status` 200 or 206 with the bytes `first` up to `stop`, or 304, 412 or 416 with none."""

    status: int
    first: int = 0
    stop: int = 0


def slice_for(headers: Mapping[str, str], size: int, etag: str) -> Slice:
    """Read If-Match, If-None-Match, Range and If-Range against an object."""
    wanted = headers.get("If-Match")
    if wanted is not None and not _names(wanted, etag):
        return Slice(412)
    known = headers.get("If-None-Match")
    if known is not None and _names(known, etag):
        return Slice(304)
    whole = Slice(200, 0, size)
    asked = headers.get("Range", "").strip()
    if not asked or headers.get("If-Range", etag).strip() != etag:
        return whole
    match = _RANGE.match(asked)
    if match is None or match.group(1) == match.group(2) == "":
        return whole
    return _cut(match.group(1), match.group(2), size)


def _cut(first: str, last: str, size: int) -> Slice:
    if not first:
        length = min(int(last), size)
        return Slice(206, size - length, size) if length else Slice(416)
    begin = int(first)
    stop = min(int(last) + 1, size) if last else size
    if last and int(last) < begin:
        return Slice(200, 0, size)
    return Slice(206, begin, stop) if begin < size else Slice(416)


def _names(header: str, etag: str) -> bool:
    return header.strip() == "*" or etag in [tag.strip() for tag in header.split(",")]
