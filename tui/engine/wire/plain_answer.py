"""A file's answer read straight from its socket: `http.client` takes longer over a head than a small file's bytes do.

What is not plain goes to `http.client` from its first byte: chunks, 1xx, 204, 304, HTTP/1.0, last answers, doubts.
"""

from __future__ import annotations

import http.client
import io
import math
import re
import socket
import time
from email import errors
from http import HTTPStatus
from typing import Protocol

from tui.engine.wire.plain_exchange import Head, Headers, plain_head

_HEAD_END = re.compile(rb"\n\r?\n")
_FIRST_READ = 16_384
_LONGEST_HEAD = 65_536
_MOST_BEFOREHAND = 32
"""So many answers (1xx) may come before the answer itself."""
_BROKEN_HEADS = (
    errors.MissingHeaderBodySeparatorDefect,
    errors.FirstHeaderLineIsContinuationDefect,
    errors.MisplacedEnvelopeHeaderDefect,
    errors.InvalidHeaderDefect,
)
"""Where the library says no more than this of a line that is no header: what follows it is lost."""


class Answer(Protocol):
    """An answer whose head is read. `length` is what of the body is still to come, None where nobody knows."""

    status: int
    length: int | None
    will_close: bool
    """Whether the server takes no further request on this connection."""

    @property
    def raw_headers(self) -> Headers:
        """The headers as they were sent."""
        ...

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the view as far as the body goes; returns how many bytes. Blocks. Raises OSError."""
        ...

    def isclosed(self) -> bool:
        """Whether the body was read to its end, or broke off."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class PlainAnswer:
    """An answer with a body of a known length on a connection that stays."""

    def __init__(self, line: socket.socket, head: Head, begun: bytes) -> None:
        """`begun` is what of the body came with the head."""
        self._line = line
        self._begun = begun[: head.length]
        self.status = head.status
        self.raw_headers = head.headers
        self.length: int | None = head.length
        self.will_close = len(begun) > head.length  # what nobody asked for would be taken for the next answer

    def read_some(self, buffer: memoryview) -> int:
        """Some bytes, as soon as there are any; 0 at the end, also one that comes too early. Raises OSError."""
        buffer = buffer[: self.length]
        if self._begun:
            count = min(len(buffer), len(self._begun))
            buffer[:count] = self._begun[:count]
            self._begun = self._begun[count:]
        else:
            count = self._line.recv_into(buffer) if buffer else 0
        self.length = (self.length or 0) - count
        return count

    def readinto(self, buffer: memoryview, /) -> int:
        """See `Answer`."""
        there = 0
        while there < len(buffer) and (count := self.read_some(buffer[there:])):
            there += count
        return there

    def isclosed(self) -> bool:
        """See `Answer`."""
        return self.length == 0

    def close(self) -> None:
        """See `Answer`; the connection is its line's."""


class UnclearHeadError(http.client.HTTPException):
    """Nobody can say how this answer's body is framed."""


class FullAnswer(http.client.HTTPResponse):
    """The library's, and as strict as h11: a frame that is read in two ways makes another file of its bytes.

    It steps over what a server says beforehand (103 Early Hints, 102), where the library steps over 100 only.
    """

    _heads = 0

    @property
    def raw_headers(self) -> Headers:
        """See `Answer`."""
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.getheaders()]

    def begin(self) -> None:
        """Read the head. Raises HTTPException or OSError."""
        super().begin()
        while self.status < HTTPStatus.OK and self.status != HTTPStatus.SWITCHING_PROTOCOLS:
            self.headers = self.msg = None  # type: ignore[assignment]  # as before the first head
            super().begin()
        codings = [one.strip().lower() for one in self.headers.get_all("transfer-encoding", ())]
        is_clear = not codings or codings == ["identity"] or (codings == ["chunked"] and self.chunked)
        if not is_clear or any(isinstance(one, _BROKEN_HEADS) for one in self.headers.defects):
            raise UnclearHeadError

    def _read_status(self) -> tuple[str, int, str]:
        self._heads += 1
        if self._heads > _MOST_BEFOREHAND:
            raise http.client.HTTPException("no end of what comes beforehand")
        return super()._read_status()  # type: ignore[misc, no-any-return]  # each answer's first line, 1xx included


def fields_of(headers: Headers) -> dict[str, str]:
    """The headers by their names in lower case."""
    fields: dict[str, str] = {}
    for raw, value in headers:
        name, text = raw.decode("latin-1").lower(), _text(value)
        fields[name] = f"{fields[name]}, {text}" if name in fields else text
    return fields


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def answer_on(line: socket.socket, until: float = math.inf) -> Answer:
    """Read the head of the answer to a GET, all of it until this monotonic time, however it drips.

    Blocks. Raises HTTPException or OSError.
    """
    data = b""
    while not _HEAD_END.search(data) and len(data) < _LONGEST_HEAD:
        if data:
            _refuse_late(until)
        more = line.recv(_FIRST_READ)
        if not more:
            break
        data += more
    if head := plain_head(data):
        return PlainAnswer(line, head, data[head.end :])
    replay = _Replay(data, line, until)
    answer = FullAnswer(replay, method="GET")  # type: ignore[arg-type]  # all that it asks of a socket
    answer.begin()
    replay.until = math.inf  # a body may take its time
    return answer


def _refuse_late(until: float) -> None:
    if time.monotonic() > until:
        raise TimeoutError("no whole head in time")


class _Replay(io.RawIOBase):
    """A socket of which some was read already."""

    def __init__(self, begun: bytes, line: socket.socket, until: float) -> None:
        self._begun = begun
        self._line = line
        self.until = until

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # what BufferedReader gives it
        if not self._begun:
            _refuse_late(self.until)
            return self._line.recv_into(buffer)
        count = min(len(buffer), len(self._begun))
        buffer[:count] = self._begun[:count]
        self._begun = self._begun[count:]
        return count
