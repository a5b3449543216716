"""The usual exchange without h11: a GET in words that were judged before, and an answer that comes whole at once.

h11 judges every header of every exchange anew, which costs as much as all else that travels. What is not plain is left
to it from the first byte: bodies that come in several reads or in chunks, 1xx, 204, 304, closing connections, doubts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

import h11
import httpx

Headers = list[tuple[bytes, bytes]]

_ANSWER = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]{0,200})?\r\n"
    rb"((?:[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,200}:[\t\x20-\x7e\x80-\xff]{0,8000}\r\n){1,100})\r\n"
)
_TARGET = re.compile(rb"[\x21-\x7e]+")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_WITHOUT_BODY = (204, 304)
_FRAMING = (b"content-length", b"transfer-encoding", b"expect", b"upgrade")
_FIRST_LINE = b"GET / HTTP/1.1\r\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's head; `body` is all of it where it came with the head."""

    status_code: int
    headers: Headers
    version: bytes = b"1.1"
    body: bytes | None = None


class Head(NamedTuple):
    """An answer's head alone: its body has `length` bytes and begins at `end`."""

    status: int
    headers: Headers
    length: int
    end: int


class Words:
    """How the last request of a connection was written: the next one differs in its target only, as a rule."""

    def __init__(self) -> None:
        self._headers: Headers | None = None
        self._written: bytes | None = None

    def of(self, request: httpx.Request) -> bytes | None:
        """The bytes of a GET without a body; None for what h11 has to write, or to refuse."""
        target = request.url.raw_path
        if request.method != "GET" or not _TARGET.fullmatch(target):
            return None
        headers = request.headers.raw
        if headers != self._headers:
            self._headers, self._written = headers, _written(headers)
        return None if self._written is None else b"GET %b HTTP/1.1\r\n%b" % (target, self._written)


def whole_answer(data: bytes) -> Answer | None:
    """The answer to a GET that these bytes are, no more and no less; None for what h11 has to judge."""
    head = plain_head(data)
    if head is None or len(data) - head.end != head.length:
        return None
    return Answer(head.status, head.headers, body=data[head.end :])


def plain_head(data: bytes) -> Head | None:
    """The head that these bytes begin with, of an answer to a GET with a body of a known length; None for others."""
    head = _ANSWER.match(data)
    if head is None:
        return None
    headers: Headers = []
    length: int | None = None
    for line in head[2].split(b"\r\n")[:-1]:
        name, _, value = line.partition(b":")
        value = value.strip(b" \t")
        headers.append((name, value))
        match name.lower():
            case b"content-length":
                if length is not None or not _LENGTH.fullmatch(value):
                    return None
                length = int(value)
            case b"connection":
                if value.lower() != b"keep-alive":
                    return None
            case b"transfer-encoding" | b"upgrade":
                return None
    status = int(head[1])
    if length is None or status in _WITHOUT_BODY:
        return None
    return Head(status, headers, length, head.end())


def _written(headers: Headers) -> bytes | None:
    """The headers as h11 writes them; None where they say how the request goes on, or h11 refuses them."""
    for name, value in headers:
        low = name.lower()
        if low in _FRAMING or (low == b"connection" and value.lower() != b"keep-alive"):
            return None
    try:
        sent = h11.Connection(h11.CLIENT).send(h11.Request(method="GET", target="/", headers=headers))
    except h11.LocalProtocolError:
        return None
    return sent[len(_FIRST_LINE) :] if sent else None
