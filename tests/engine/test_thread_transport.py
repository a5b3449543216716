"""How files come: what httpx's callers see of a transport whose bytes move in threads, on real sockets."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Iterator

import httpx
import pytest
import trustme

from tests.engine.talks import OK, Server, Talk, answers, nobody, request_of, silent
from tests.engine.waiting import until
from tui.engine.fetching.pump import pump
from tui.engine.wire.changing import mark_changing
from tui.engine.wire.thread_transport import BODY, Body, ThreadTransport


@pytest.fixture
def trust() -> ssl.SSLContext:
    return ssl.create_default_context()


@pytest.fixture(autouse=True)
def nothing_left_open() -> Iterator[None]:
    yield
    gc.collect()  # a socket that nobody closed warns, and warnings are errors


def client(trust: ssl.SSLContext, read: float = 60.0) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=ThreadTransport(trust), timeout=httpx.Timeout(read, connect=60))


async def test_a_connection_is_kept_for_the_next_request(trust: ssl.SSLContext) -> None:
    with Server(answers(OK, OK, OK)) as server:
        async with client(trust) as http:
            for _ in range(3):
                assert (await http.get(f"{server.url}/x?a=%2F&b=c%20d")).text == "hello"
        assert server.connections == 1


async def test_a_kept_connection_that_the_server_closed_is_replaced(trust: ssl.SSLContext) -> None:
    with Server(answers(OK), answers(OK)) as server:
        async with client(trust) as http:
            assert (await http.get(server.url)).text == "hello"
            assert (await http.get(server.url)).text == "hello"
        assert server.connections == 2


@pytest.mark.parametrize("method", ["POST", "GET"])  # a login, and a cancel of Aspera's
async def test_what_changes_something_is_never_sent_twice(trust: ssl.SSLContext, method: str) -> None:
    """It goes over a new connection, which nobody can have closed meanwhile."""
    with Server(answers(OK), answers(), answers(OK)) as server:
        async with client(trust) as http:
            await http.get(server.url)
            order = http.build_request(method, server.url)
            if method == "GET":
                mark_changing(order)
            with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
                await http.send(order)
        assert server.connections == 2


async def test_an_answer_that_was_not_read_takes_its_connection_along(trust: ssl.SSLContext) -> None:
    with Server(answers(OK), answers(OK)) as server:
        async with client(trust) as http:
            async with http.stream("GET", server.url) as response:
                assert response.status_code == 200
            assert (await http.get(server.url)).text == "hello"
        assert server.connections == 2


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", id="short"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", id="chunked, cut"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n", id="chunked, garbage"),
        *(
            pytest.param(b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n5\r\nhello\r\n0\r\n\r\n", id=name)
            for name, lines in (
                ("chunks behind a space", b"Transfer-Encoding : chunked\r\n"),
                ("chunks behind a line that is no header", b"oops\r\nTransfer-Encoding: chunked\r\n"),
                ("packed chunks", b"Transfer-Encoding: gzip, chunked\r\n"),
                ("chunks twice", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
            )
        ),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 40 + OK, id="no end of 100"),
        pytest.param(b"nonsense\r\n\r\n", id="no HTTP"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"x" * 70_000 + b"\r\n\r\n", id="a line without end"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n", id="200 headers"),
    ],
)
async def test_what_is_no_whole_answer_is_an_error_of_httpx(trust: ssl.SSLContext, reply: bytes) -> None:
    with Server(answers(reply)) as server:
        async with client(trust) as http:
            with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
                await http.get(server.url)


async def test_an_end_that_the_server_did_not_sign_is_none() -> None:
    """Over TLS: a body without a length would be told to be whole wherever somebody cuts the line."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)

    def until_its_end(*, is_signed: bool) -> Talk:
        def talk(line: socket.socket) -> None:
            with context.wrap_socket(line, server_side=True) as tls:
                for answer in (OK, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello"):
                    request_of(tls)
                    tls.sendall(answer)
                if is_signed:
                    tls.unwrap()

        return talk

    unsigned = until_its_end(is_signed=False)
    with Server(until_its_end(is_signed=True), unsigned, unsigned) as server:
        address = server.url.replace("http://", "https://")
        async with client(trust) as http:
            assert [(await http.get(address)).text for _ in range(3)] == ["hello"] * 3
            with pytest.raises(httpx.ReadError, match="in mid-file"):
                await http.get(address)
            assert server.connections == 2, "one that is kept stays in use"
            await http.get(address)
            came = bytearray()
            async with http.stream("GET", address) as response:
                await pump(response, came.extend, 5.0, is_proven=True)
            assert came == b"hello", "a ZIP shows by itself whether it is whole"


async def test_after_a_body_that_broke_off_the_connection_is_not_used_again(trust: ssl.SSLContext) -> None:
    with Server(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello"), answers(OK)) as server:
        async with client(trust) as http:
            with pytest.raises(httpx.ReadError):
                await http.get(server.url)
            assert (await http.get(server.url)).text == "hello"


async def test_a_silent_server_is_given_up(trust: ssl.SSLContext) -> None:
    with Server(silent) as server:
        async with client(trust, read=0.05) as http:
            with pytest.raises(httpx.ReadTimeout):
                await http.get(server.url)


async def test_a_head_that_drips_is_given_up(trust: ssl.SSLContext) -> None:
    is_over = threading.Event()

    def drip(line: socket.socket) -> None:
        request_of(line)
        while not is_over.wait(0.005):  # no byte is late
            line.sendall(b"x")

    with Server(drip) as server:
        async with client(trust) as http:
            with pytest.raises(httpx.ReadTimeout):
                await http.get(server.url, timeout=httpx.Timeout(0.05))
        is_over.set()


async def test_nobody_there(trust: ssl.SSLContext) -> None:
    with nobody() as port:
        async with client(trust) as http:
            with pytest.raises(httpx.ConnectError):
                await http.get(f"http://127.0.0.1:{port}")
            with pytest.raises(httpx.ConnectError):
                await http.get("http://no.such.host.invalid")


async def test_a_server_that_does_not_speak_tls(trust: ssl.SSLContext) -> None:
    def plain(line: socket.socket) -> None:
        line.recv(4096)
        line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    def silent(line: socket.socket) -> None:
        while line.recv(4096):
            pass

    with Server(plain, silent) as server:
        address = server.url.replace("http://", "https://")
        async with client(trust) as http:
            with pytest.raises(httpx.ConnectError) as caught:
                await http.get(address)
            assert isinstance(caught.value.__cause__, ssl.SSLError)
            with pytest.raises(httpx.ConnectTimeout):
                await http.get(address, timeout=0.05)


async def test_a_wait_that_is_cancelled_wakes_its_reader(trust: ssl.SSLContext) -> None:
    """Neither while the answer is waited for, nor in mid-body, does a thread stay behind."""

    def half(line: socket.socket) -> None:
        request_of(line)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello")
        line.recv(1)

    with Server(silent, half) as server:
        async with client(trust, read=60) as http:
            for number in range(2):
                getting = asyncio.create_task(http.get(server.url))
                await until(lambda number=number: server.connections > number)  # type: ignore[misc]
                getting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await getting
        # Leaving waits for the server's talks: they end because the client's sockets are closed.


async def test_the_body_can_be_read_into_a_buffer(trust: ssl.SSLContext) -> None:
    with Server(answers(OK)) as server:
        async with client(trust) as http, http.stream("GET", server.url) as response:
            body, buffer = response.extensions[BODY], memoryview(bytearray(3))
            assert isinstance(body, Body)
            assert [bytes(buffer[: body.readinto(buffer)]) for _ in range(3)] == [b"hel", b"lo", b""]


class Peeking(httpx.Auth):
    """A login that looks at how the body begins, as EnOS's does, and puts it back."""

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Look at one piece."""
        response = yield request
        assert isinstance(response.stream, httpx.AsyncByteStream)
        rest = aiter(response.stream)
        response.stream = PutBack(await anext(rest), rest, response.stream)


class PutBack(httpx.AsyncByteStream):
    """A body whose beginning was looked at."""

    def __init__(self, head: bytes, rest: AsyncIterator[bytes], source: httpx.AsyncByteStream) -> None:
        self._head, self._rest, self._source = head, rest, source

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._head
        async for piece in self._rest:
            yield piece

    async def aclose(self) -> None:
        """The connection is the source's."""
        await self._source.aclose()


async def test_what_a_login_has_looked_at_is_in_the_file_too(trust: ssl.SSLContext) -> None:
    content = bytes(range(256)) * 800
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(content)
    came = bytearray()
    with Server(answers(head + content)) as server:
        async with client(trust) as http, http.stream("GET", server.url, auth=Peeking()) as response:
            await pump(response, came.extend, 60.0)
    assert came == content


async def test_what_comes_before_the_answer_is_not_taken_for_it(trust: ssl.SSLContext) -> None:
    """Nor is the answer taken for that to the next request on the kept connection."""
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    with Server(answers(early * 2 + OK, OK.replace(b"hello", b"right"))) as server:
        async with client(trust) as http:
            first = await http.get(f"{server.url}/one")
            assert (first.status_code, first.text, first.headers.get("link")) == (200, "hello", None)
            assert (await http.get(f"{server.url}/two")).text == "right"


async def test_what_comes_beforehand_has_an_end(trust: ssl.SSLContext) -> None:
    with Server(answers(b"HTTP/1.1 102 Processing\r\n\r\n" * 40 + OK)) as server:
        async with client(trust) as http:
            with pytest.raises(httpx.RemoteProtocolError):
                await http.get(server.url)


async def test_a_line_that_was_woken_is_not_used_again(trust: ssl.SSLContext) -> None:
    """The wait was cancelled just when the last byte had come."""
    with Server(answers(OK), answers(OK)) as server:
        async with client(trust) as http:
            async with http.stream("GET", server.url) as response:
                body, buffer = response.extensions[BODY], memoryview(bytearray(10))
                while body.readinto(buffer):
                    pass
                body.abort()
            assert (await http.get(server.url)).text == "hello"
