"""The usual exchange without h11: words that were judged before, and an answer that comes whole at once.

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

HEAD_PATIENCE = 10
"""So many times the read timeout an answer's head may take, however it drips."""

_ANSWER = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]{0,200})?\r\n"
    rb"((?:[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,200}:[\t\x20-\x7e\x80-\xff]{0,8000}\r\n){1,100})\r\n"
)
_FIELD = re.compile(rb"([^:]+):[ \t]*+((?:[^\r]*[^\r\t ])?)[ \t]*\r\n")
"""One line of a head that is plain; blanks around its value are none of it."""
_TARGET = re.compile(rb"[\x21-\x7e]+")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_WITHOUT_BODY = (204, 304)
_OTHER_FRAMES = (b"transfer-encoding", b"upgrade")
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
    """How the last request of a connection was written: the next one differs in target and body only, as a rule."""

    def __init__(self) -> None:
        self._known: tuple[Headers, int] | None = None
        self._written: bytes | None = None

    def of(self, request: httpx.Request, content: bytes = b"") -> bytes | None:
        """The bytes of a GET without a body, or of a POST with one; None for what h11 has to write, or to refuse."""
        target = request.url.raw_path
        if request.method != ("POST" if content else "GET") or not _TARGET.fullmatch(target):
            return None
        asked = (request.headers.raw, len(content))
        if asked != self._known:
            self._known, self._written = asked, _written(*asked)
        if self._written is None:
            return None
        return b"%b %b HTTP/1.1\r\n%b%b" % (request.method.encode(), target, self._written, content)


def whole_answer(data: bytes) -> Answer | None:
    """The answer to a GET or POST that these bytes are, no more and no less; None for what h11 has to judge."""
    head = plain_head(data)
    if head is None or len(data) - head.end != head.length:
        return None
    return Answer(head.status, head.headers, body=data[head.end :])


def plain_head(data: bytes) -> Head | None:
    """The head that these bytes begin with, of an answer with a body of a known length; None for others."""
    head = _ANSWER.match(data)
    if head is None:
        return None
    headers: Headers = _FIELD.findall(head[2])
    fields = {name.lower(): value for name, value in headers}
    status, length = int(head[1]), fields.get(b"content-length", b"")
    if len(fields) < len(headers) and _is_framed_twice(headers):
        return None
    if status in _WITHOUT_BODY or not _LENGTH.fullmatch(length) or not fields.keys().isdisjoint(_OTHER_FRAMES):
        return None
    if fields.get(b"connection", b"keep-alive").lower() != b"keep-alive":
        return None
    return Head(status, headers, int(length), head.end())


def _is_framed_twice(headers: Headers) -> bool:
    names = [name.lower() for name, _ in headers]
    return names.count(b"content-length") > 1 or names.count(b"connection") > 1


def _written(headers: Headers, length: int) -> bytes | None:
    """The headers as h11 writes them before a body of this length; None where they say otherwise, or h11 refuses."""
    framing = [(name.lower(), value) for name, value in headers if name.lower() in _FRAMING]
    if framing != ([(b"content-length", b"%d" % length)] if length else []):
        return None
    if any(name.lower() == b"connection" and value.lower() != b"keep-alive" for name, value in headers):
        return None
    try:
        sent = h11.Connection(h11.CLIENT).send(h11.Request(method="GET", target="/", headers=headers))
    except h11.LocalProtocolError:
        return None
    return sent[len(_FIRST_LINE) :] if sent else None
