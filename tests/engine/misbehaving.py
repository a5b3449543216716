"""A real server on 127.0.0.1 for one object, which answers as its script says: right, or wrong in a chosen way.

It keeps what it was asked and counts the bytes that it sent, so that a test can say what was sent twice.
"""

from __future__ import annotations

import gzip
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Self
from urllib.parse import parse_qs, urlsplit

BLOCK = 16_384
DATE = "Mon, 02 Mar 2026 08:15:00 GMT"
"""The server's clock stands still."""
_MOST_ENDLESS = 64_000_000
"""An endless body ends here, so that a client that never stops does not fill the machine."""
_LONGEST_HANG = 30.0
_SIGNATURE = "X-Amz-Signature"
EXPIRED = b'<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>'
SLOW_DOWN = (
    b'<?xml version="1.0"?>\n<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>'
)


@dataclass(frozen=True, slots=True)
class Thing:
    """The object that is served."""

    content: bytes = field(repr=False)
    etag: str | None = '"version-1"'
    modified: str | None = None
    media_type: str = "application/octet-stream"


class Framing(Enum):
    """How a body says where it ends."""

    LENGTH = auto()
    CHUNKED = auto()
    CLOSE = auto()


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer. As it stands: the right one."""

    status: int | None = None
    """Answered with `body` in place of the object; a 206 or 200 keeps the object's bytes."""
    body: bytes | None = None
    headers: tuple[tuple[str, str | None], ...] = ()
    """Put in place of the right ones; None leaves one out."""
    framing: Framing = Framing.LENGTH
    ignores_range: bool = False
    ignores_conditions: bool = False
    extra: int = 0
    """So many bytes more (or fewer) than are due; Content-Length counts what is sent."""
    claims: tuple[int, int, int] = (0, 0, 0)
    """How far first, last and total in Content-Range are from the truth."""
    packed: bool = False
    """The body is gzipped, and said to be."""
    endless: bool = False
    cut_after: int | None = None
    """The connection ends after so many bytes of the body."""
    reset: bool = False
    """It ends with a reset."""
    hang_after: int | None = None
    """Nothing more comes after so many bytes of the body; -1: not even the headers."""
    slow_headers: bool = False
    """The headers come in many small pieces."""
    kills_link: bool = False
    """The link's signature is dead for every request after this one."""
    then: Thing | None = None
    """The object after this answer."""


RIGHT = Turn()


@dataclass(frozen=True, slots=True)
class Script:
    """The answers in the order of the requests; then `rest` for good. `doors` are paths with an answer of their own."""

    turns: tuple[Turn, ...] = ()
    rest: Turn = RIGHT
    doors: tuple[tuple[str, Turn], ...] = ()
    others: tuple[tuple[str, Thing], ...] = ()
    """What stands at other paths than the object."""
    pace: float = 0.0
    """Seconds between blocks of a body."""
    signatures_live: bool = True
    """Whether a new link works at all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; the names of headers are in lower case."""

    target: str
    headers: dict[str, str]

    @property
    def first(self) -> int:
        """The first byte that was asked for."""
        bounds = re.fullmatch(r"bytes=(\d+)-\d*", self.headers.get("range", ""))
        return int(bounds[1]) if bounds else 0


@dataclass(slots=True)
class _Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Misbehaving:
    """The server; a context manager. `sent` counts the object's bytes, those of errors are not in it."""

    def __init__(self, thing: Thing, script: Script | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.thing = thing
        self.script = script or Script()
        self.asked: list[Asked] = []
        self.sent = 0
        self.signatures = 0
        self._tls = tls
        self._dead: set[str] = set()
        self._turn = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.origin = f"{'https' if tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()  # from here on no connection is new
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in tuple(self._threads):
            thread.join()
        self._listener.close()

    def sign(self, path: str = "/out.bin") -> str:
        """A link with a new signature."""
        self.signatures += 1
        return f"{self.origin}{path}?{_SIGNATURE}=canary{self.signatures}"

    def _start(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._start(self._serve, connection)

    def _serve(self, plain: socket.socket) -> None:
        plain.settimeout(_LONGEST_HANG)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BLOCK)  # what counts as sent is soon received
        with self._lock:
            self._open.add(plain)
        connection = plain
        try:
            if self._tls:
                connection = self._tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
                with self._lock:
                    self._open.add(connection)
            self._talk(connection)
        except (OSError, ValueError):
            pass  # the client went away
        finally:
            with self._lock:
                self._open -= {plain, connection}
            connection.close()
            plain.close()

    def _talk(self, connection: socket.socket) -> None:
        waiting = b""
        while not self._closing.is_set():
            while b"\r\n\r\n" not in waiting:
                more = connection.recv(65_536)
                if not more:
                    return
                waiting += more
            head, _, waiting = waiting.partition(b"\r\n\r\n")
            asked = _read(head)
            turn, thing = self._next(asked)
            if not self._send(connection, turn, _made(turn, thing, asked)):
                return

    def _next(self, asked: Asked) -> tuple[Turn, Thing]:
        url = urlsplit(asked.target)
        signature = "".join(parse_qs(url.query).get(_SIGNATURE, []))
        with self._lock:
            self.asked.append(asked)
            if signature in self._dead or (signature and not self.script.signatures_live):
                return Turn(status=403, body=EXPIRED, headers=(("Content-Type", "application/xml"),)), self.thing
            if door := dict(self.script.doors).get(url.path):
                return door, self.thing
            turns, thing = self.script.turns, dict(self.script.others).get(url.path, self.thing)
            turn = turns[self._turn] if self._turn < len(turns) else self.script.rest
            self._turn += 1
            if turn.kills_link:
                self._dead.add(signature)
            self.thing = turn.then or self.thing
            return turn, thing

    def _send(self, connection: socket.socket, turn: Turn, answer: _Answer) -> bool:
        """Send it; whether the connection can be used again."""
        if turn.hang_after == -1:
            self._closing.wait(_LONGEST_HANG)
            return False
        head = _head(answer)
        for piece in [head[at : at + 20] for at in range(0, len(head), 20)] if turn.slow_headers else [head]:
            connection.sendall(piece)
            if turn.slow_headers:
                self._closing.wait(0.001)
        end = _first_of(turn.cut_after, turn.hang_after)
        body = answer.body if end is None else answer.body[:end]
        self._send_body(connection, body, turn, counted=answer.status < 300)
        if turn.hang_after is not None and turn.hang_after < len(answer.body):
            self._closing.wait(_LONGEST_HANG)
            return False
        if turn.cut_after is not None:
            if turn.reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if turn.endless:
            self._send_body(connection, bytes(_MOST_ENDLESS), turn, counted=True)
            return False
        if turn.framing is Framing.CHUNKED:
            connection.sendall(b"0\r\n\r\n")
        return answer.headers.get("Connection") != "close"

    def _send_body(self, connection: socket.socket, body: bytes, turn: Turn, *, counted: bool) -> None:
        for block in _blocks(body):
            frame = b"%x\r\n%b\r\n" % (len(block), block) if turn.framing is Framing.CHUNKED else block
            connection.sendall(frame)
            if counted:
                with self._lock:
                    self.sent += len(block)
            if self.script.pace and self._closing.wait(self.script.pace):
                raise ConnectionAbortedError


def _read(head: bytes) -> Asked:
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return Asked(first.split(" ")[1], {name.strip().lower(): value.strip() for name, _, value in pairs})


def _made(turn: Turn, thing: Thing, asked: Asked) -> _Answer:
    answer = _right(thing, asked, turn)
    if turn.status is not None:
        body = turn.body if turn.body is not None else answer.body if turn.status in (200, 206) else b""
        answer = replace(answer, status=turn.status, body=body)
    elif turn.body is not None:
        answer.body = turn.body
    if turn.extra:
        answer.body = answer.body + bytes(turn.extra) if turn.extra > 0 else answer.body[: turn.extra]
    if turn.packed:
        answer.body = gzip.compress(answer.body, 1)
        answer.headers["Content-Encoding"] = "gzip"
    _frame(answer, turn)
    for name, value in turn.headers:
        answer.headers.pop(name, None)
        if value is not None:
            answer.headers[name] = value
    return answer


def _frame(answer: _Answer, turn: Turn) -> None:
    if turn.framing is Framing.CHUNKED:
        answer.headers["Transfer-Encoding"] = "chunked"
    elif turn.framing is Framing.CLOSE:
        answer.headers["Connection"] = "close"
    else:
        answer.headers["Content-Length"] = str(len(answer.body))


def _right(thing: Thing, asked: Asked, turn: Turn) -> _Answer:
    """What a server that does everything right answers (RFC 9110, 13 and 14)."""
    headers = {"Date": DATE, "Content-Type": thing.media_type, "Accept-Ranges": "bytes"}
    if thing.etag:
        headers["ETag"] = thing.etag
    if thing.modified:
        headers["Last-Modified"] = thing.modified
    total = len(thing.content)
    if not turn.ignores_conditions and asked.headers.get("if-match", thing.etag) != thing.etag:
        return _Answer(412, headers, b"")
    bounds = re.fullmatch(r"bytes=(\d+)-(\d*)", asked.headers.get("range", ""))
    same = turn.ignores_conditions or asked.headers.get("if-range") in (None, _strong(thing), thing.modified)
    if not bounds or turn.ignores_range or not same:
        return _Answer(200, headers, thing.content)
    first, last = int(bounds[1]), min(int(bounds[2] or total), total - 1)
    if first >= total:
        return _Answer(416, headers | {"Content-Range": f"bytes */{total}"}, b"")
    told = [value + wrong for value, wrong in zip((first, last, total), turn.claims, strict=True)]
    headers["Content-Range"] = f"bytes {told[0]}-{told[1]}/{told[2]}"
    return _Answer(206, headers, thing.content[first : last + 1])


def _strong(thing: Thing) -> str | None:
    return None if (thing.etag or "W/").startswith("W/") else thing.etag


def _head(answer: _Answer) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} As Scripted", *(f"{name}: {value}" for name, value in answer.headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _blocks(body: bytes) -> Iterator[bytes]:
    return (body[at : at + BLOCK] for at in range(0, len(body), BLOCK))


def _first_of(*ends: int | None) -> int | None:
    known = [end for end in ends if end is not None]
    return min(known, default=None)
