"""Servers on real sockets that say what a test wrote down, byte by byte."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Self

from tui.engine.wire.loop_line import Line

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
Talk = Callable[[socket.socket], None]


class Server:
    """One talk per connection, in order; keeps the first line of each request."""

    def __init__(self, *talks: Talk) -> None:
        self._talks = iter(talks)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.connections = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        for talk in self._talks:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with line, suppress(OSError):
                talk(line)


@contextmanager
def nobody() -> Iterator[int]:
    """A port that nobody listens at, and that nobody else is given meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def request_of(line: socket.socket) -> bytes:
    """One whole request; empty when the client has gone."""
    got = b""
    while b"\r\n\r\n" not in got:
        data = line.recv(4096)
        if not data:
            return b""
        got += data
    return got


def answers(*replies: bytes) -> Talk:
    def talk(line: socket.socket) -> None:
        for reply in replies:
            if not request_of(line):
                return
            line.sendall(reply)

    return talk


def silent(line: socket.socket) -> None:
    request_of(line)
    line.recv(1)


def come(line: Line, data: bytes) -> None:
    """Have bytes come on a line, as an event loop does."""
    line.get_buffer(-1)[: len(data)] = data
    line.buffer_updated(len(data))
