"""What comes in place of an answer on the event loop's lines: nothing, a piece of one, or something else than HTTP."""

from __future__ import annotations

import asyncio
import ssl

import httpx
import pytest

from tests.engine.talks import Server, answers, come
from tui.engine.wire.errors import NoHttpError
from tui.engine.wire.loop_line import Line
from tui.engine.wire.loop_transport import LoopTransport

BROKEN = (httpx.RemoteProtocolError, httpx.ReadError)


@pytest.fixture
def trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def client(trust: ssl.SSLContext) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=LoopTransport(trust, httpx.Limits(max_connections=2)), timeout=60)


class Wire(asyncio.Transport):
    """Takes whatever is sent."""

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0

    def write(self, data: object) -> None:
        pass


async def test_a_server_that_hangs_up_is_said_to_do_so(trust: ssl.SSLContext) -> None:
    with Server(answers(b"")) as server:
        async with client(trust) as http:
            with pytest.raises(httpx.RemoteProtocolError, match="hung up without an answer"):
                await http.get(server.url)


@pytest.mark.parametrize(
    "said",
    [
        b"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n",  # TLS where http was meant
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nno header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    ],
)
async def test_what_does_not_speak_http_is_said_to_do_so(trust: ssl.SSLContext, said: bytes) -> None:
    with Server(answers(said)) as server:
        async with client(trust) as http:
            with pytest.raises(NoHttpError, match="what came is no answer in HTTP"):
                await http.get(server.url)


async def test_what_does_not_speak_http_is_not_waited_for() -> None:
    """A server that says something else first (SSH, SMTP) waits for us then."""
    line, request = Line(("http", "lab.example", 80)), httpx.Request("GET", "http://lab.example/")
    line.connection_made(Wire())
    line.send(request, b"")
    come(line, b"220 mail.example ESMTP\r\n")
    with pytest.raises(NoHttpError):
        await line.head(request)


@pytest.mark.parametrize(
    ("begun", "words"),
    [(b"HTT", "without an answer"), (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", "mid-answer")],
)
async def test_an_answer_that_breaks_off_is_no_unreadable_one(trust: ssl.SSLContext, begun: bytes, words: str) -> None:
    with Server(answers(begun)) as server:
        async with client(trust) as http:
            with pytest.raises(BROKEN, match=words) as caught:
                await http.get(server.url)
    assert not isinstance(caught.value, NoHttpError)
