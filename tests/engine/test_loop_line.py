"""One connection by itself: what its exchange makes of the bytes that come, however they come."""

from __future__ import annotations

import asyncio

import h11
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clock import settle
from tests.engine.talks import come
from tui.engine.wire.loop_line import Line


class Wire(asyncio.Transport):
    """Keeps what is done to it."""

    is_aborted = False

    def abort(self) -> None:
        self.is_aborted = True

    def is_closing(self) -> bool:
        return self.is_aborted

    def get_write_buffer_size(self) -> int:
        return 0

    def write(self, data: object) -> None:
        pass


async def test_a_head_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    line, request = Line(("http", "lab.example", 80)), httpx.Request("GET", "http://lab.example/")
    request.extensions = {"timeout": {"read": 1.0}}
    with monkeypatch.context() as patched:
        patched.setattr(asyncio.get_running_loop(), "time", lambda: now)
        line.connection_made(Wire())
        line.send(request, b"")
        reading = asyncio.ensure_future(line.head(request))
        head = b"HTTP/1.1 200 OK\r\nX: " + b"x" * 60
        while not reading.done() and now < 60:
            await settle()
            come(line, head[int(now / 0.9) :][:1])
            now += 0.9  # no byte is late
        with pytest.raises(httpx.ReadTimeout, match="head"):
            await reading
    assert 10 < now < 12


async def test_bytes_that_nobody_asked_for_end_a_kept_connection() -> None:
    line, wire = Line(("http", "lab.example", 80)), Wire()
    line.connection_made(wire)
    come(line, b"HTTP/1.1 408 Request Timeout\r\n\r\n")
    assert wire.is_aborted


@pytest.mark.parametrize("framed", [b"Content-Length: 5", b"Transfer-Encoding: chunked"])
async def test_what_came_on_one_line_is_not_lost_when_something_comes_on_another(framed: bytes) -> None:
    request, lines = httpx.Request("GET", "http://lab.example/"), [Line(("http", "lab.example", 80)) for _ in range(2)]
    for line, body in zip(lines, (b"hello", b"other"), strict=True):
        line.connection_made(Wire())
        line.send(request, b"")
        come(line, b"HTTP/1.1 200 OK\r\n%b\r\n\r\n%b" % (framed, body if b"5" in framed else b"5\r\n%b\r\n" % body))
    for line, body in zip(lines, (b"hello", b"other"), strict=True):
        assert (await line.head(request)).status_code == 200
        event = await line.next_event(request)
        assert isinstance(event, h11.Data)
        assert event.data == body


@settings(max_examples=25)
@given(st.lists(st.integers(1, 40), max_size=12))
def test_it_does_not_matter_how_the_bytes_come(pieces: list[int]) -> None:
    whole = b"HTTP/1.1 200 OK\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nyou\r\n0\r\n\r\n"

    async def talk() -> tuple[int, bytes]:
        line, request = Line(("http", "lab.example", 80)), httpx.Request("GET", "http://lab.example/")
        line.connection_made(Wire())
        line.send(request, b"")
        reading = asyncio.ensure_future(line.head(request))
        body, rest = b"", whole
        for size in (*pieces, len(whole)):
            await asyncio.sleep(0)
            come(line, rest[:size]) if rest else None
            rest = rest[size:]
        head = await reading
        while hasattr(event := await line.next_event(request), "data"):
            body += bytes(event.data)
        assert line.is_ready_again()
        return head.status_code, body

    assert asyncio.run(talk()) == (200, b"helloyou")
