"""How asks travel: what httpx's callers see of a transport on the event loop, on real sockets."""

from __future__ import annotations

import asyncio
import gc
import gzip
import socket
import ssl
import struct
import threading
from collections.abc import Iterator

import httpx
import pytest
import trustme

from tests.engine.talks import OK, Server, answers, nobody, request_of, silent
from tests.engine.waiting import until
from tui.engine.wire.changing import mark_changing
from tui.engine.wire.loop_transport import LoopTransport

BROKEN = (httpx.RemoteProtocolError, httpx.ReadError)
LIMITS = httpx.Limits(max_connections=2, keepalive_expiry=100.0)


@pytest.fixture
def trust() -> ssl.SSLContext:
    return ssl.create_default_context()


@pytest.fixture(autouse=True, scope="module")
def nothing_left_open() -> Iterator[None]:
    yield
    gc.collect()  # a socket that nobody closed warns, and warnings are errors


def client(trust: ssl.SSLContext, read: float = 60.0, limits: httpx.Limits = LIMITS) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=LoopTransport(trust, limits), timeout=httpx.Timeout(read, connect=60))


async def test_a_connection_is_kept_for_the_next_request(trust: ssl.SSLContext) -> None:
    seen: list[bytes] = []

    def talk(line: socket.socket) -> None:
        while request := request_of(line):
            seen.append(request)
            line.sendall(OK)

    with Server(talk) as server:
        async with client(trust) as http:
            for _ in range(3):
                assert (await http.get(f"{server.url}/x?a=%2F&b=c%20d&s=~%7E")).text == "hello"
        assert server.connections == 1
    assert seen[0].startswith(b"GET /x?a=%2F&b=c%20d&s=~%7E HTTP/1.1\r\nHost: 127.0.0.1:")  # not written anew


async def test_connections_that_were_idle_for_too_long_are_closed(trust: ssl.SSLContext) -> None:
    with Server(answers(OK), answers(OK)) as server:
        async with client(trust, limits=httpx.Limits(max_connections=2, keepalive_expiry=0.0)) as http:
            for _ in range(2):
                assert (await http.get(server.url)).text == "hello"
        assert server.connections == 2


async def test_a_kept_connection_that_the_server_closed_is_replaced(trust: ssl.SSLContext) -> None:
    with Server(answers(OK), answers(OK)) as server:
        async with client(trust) as http:
            assert (await http.get(server.url)).text == "hello"
            assert (await http.get(server.url)).text == "hello"
        assert server.connections == 2


async def test_a_question_is_asked_again_when_a_kept_connection_broke_before_the_first_byte(
    trust: ssl.SSLContext,
) -> None:
    def then_hangs_up(line: socket.socket) -> None:
        request_of(line)
        line.sendall(OK)
        request_of(line)

    with Server(then_hangs_up, answers(OK)) as server:
        async with client(trust) as http:
            for _ in range(2):
                assert (await http.get(server.url)).text == "hello"
        assert server.connections == 2


@pytest.mark.parametrize("cut", [b"", b"HTTP/1.1 200 OK\r\nContent-Le"])
async def test_what_changes_something_is_never_sent_twice(trust: ssl.SSLContext, cut: bytes) -> None:
    with Server(answers(OK), answers(cut), answers(OK)) as server:
        async with client(trust) as http:
            await http.get(server.url)
            with pytest.raises(BROKEN):
                await http.post(server.url, content=b"order")
        assert server.connections == 2


async def test_what_changes_something_does_not_go_over_a_kept_connection(trust: ssl.SSLContext) -> None:
    """The server may be about to close it: nobody could tell then whether the order was taken."""

    def closes_at_the_next(line: socket.socket) -> None:
        request_of(line)
        line.sendall(OK)
        request_of(line)

    with Server(closes_at_the_next, answers(OK, OK)) as server:
        async with client(trust) as http:
            await http.get(server.url)
            assert (await http.post(server.url, content=b"order")).text == "hello"
            asking = http.build_request("POST", server.url, content=b"ids")
            mark_changing(asking, changes=False)
            assert (await http.send(asking)).text == "hello"
        assert server.connections == 2


async def test_what_goes_with_a_body_may_be_answered_in_any_way(trust: ssl.SSLContext) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    with Server(answers(OK, chunked, OK)) as server:
        async with client(trust) as http:
            for _ in range(3):
                asking = http.build_request("POST", server.url, content=b"ids")
                mark_changing(asking, changes=False)
                assert (await http.send(asking)).text == "hello"
        assert server.connections == 1


async def test_a_server_that_hangs_up_after_the_request_was_reached(trust: ssl.SSLContext) -> None:
    """Else a lost order would count as never sent."""
    with Server(answers(b"")) as server:
        async with client(trust) as http:
            with pytest.raises(BROKEN):
                await http.post(server.url, content=b"order")


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
        pytest.param(b"nonsense\r\n\r\n", id="no HTTP"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"HTTP/1.1 101 Switching Protocols\r\n\r\n", id="another protocol"),
        pytest.param(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 2000, id="hints without end"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"x" * 200_000 + b"\r\n\r\n", id="a line without end"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", id="two lengths"),
    ],
)
async def test_what_is_no_whole_answer_is_an_error_of_httpx(trust: ssl.SSLContext, reply: bytes) -> None:
    with Server(answers(reply)) as server:
        async with client(trust) as http:
            with pytest.raises(BROKEN):
                await http.get(server.url)


@pytest.mark.parametrize(
    ("reply", "connections"),
    [
        pytest.param(OK + b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad", 2, id="more than was asked for"),
        pytest.param(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", 2, id="close"),
        pytest.param(b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", 2, id="1.0"),
        pytest.param(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + OK, 1, id="hints before"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 1, id="chunked"),
    ],
)
async def test_which_connections_are_used_again(trust: ssl.SSLContext, reply: bytes, connections: int) -> None:
    with Server(answers(reply, reply), answers(reply)) as server:
        async with client(trust) as http:
            for _ in range(2):
                assert (await http.get(server.url)).text == "hello"
        assert server.connections == connections


async def test_an_answer_may_end_with_its_connection(trust: ssl.SSLContext) -> None:
    with Server(answers(b"HTTP/1.1 200 OK\r\n\r\nhello")) as server:
        async with client(trust) as http:
            assert (await http.get(server.url)).text == "hello"


def resets(line: socket.socket) -> None:
    request_of(line)
    line.sendall(b"HTTP/1.1 200 OK\r\n\r\nhel")
    line.recv(1)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize("who", ["server", "jobdeck"])
async def test_an_answer_that_is_broken_off_is_not_whole(trust: ssl.SSLContext, who: str) -> None:
    """Where it ends with its connection, a reset or a client that is closed would make half of it look whole."""
    with Server(resets) as server:
        transport = LoopTransport(trust, LIMITS)
        async with (
            httpx.AsyncClient(transport=transport, timeout=60) as http,
            http.stream("GET", server.url) as response,
        ):
            body = response.aiter_raw()
            assert await anext(body) == b"hel"
            if who == "server":
                response.extensions["network_stream"].write(b"!")
            else:
                await transport.aclose()
            with pytest.raises(httpx.ReadError):
                await anext(body)


async def test_an_order_is_not_sent_to_a_server_that_has_just_hung_up(trust: ssl.SSLContext) -> None:
    """It would be lost, and nobody would know whether it was taken."""
    goes, gone = threading.Event(), threading.Event()

    def then_hangs_up(line: socket.socket) -> None:
        request_of(line)
        line.sendall(OK)
        goes.wait()
        line.close()
        gone.set()

    with Server(then_hangs_up, answers(OK)) as server:
        async with client(trust) as http:
            await http.get(server.url)
            goes.set()
            gone.wait()  # the event loop stands still meanwhile
            assert (await http.post(server.url, content=b"order")).text == "hello"
        assert server.connections == 2


async def test_connections_that_slept_with_the_machine_are_not_trusted(trust: ssl.SSLContext) -> None:
    now = [1000.0]
    transport = LoopTransport(trust, LIMITS, lambda: now[0])
    with Server(answers(OK), answers(OK)) as server:
        async with httpx.AsyncClient(transport=transport, timeout=60) as http:
            await http.get(server.url)
            now[0] += 101.0  # the event loop's own seconds stood still
            await http.get(server.url)
        assert server.connections == 2


async def test_what_is_asked_of_a_closed_transport_never_leaves(trust: ssl.SSLContext) -> None:
    with Server(answers(OK)) as server:
        transport = LoopTransport(trust, LIMITS)
        await transport.aclose()
        with pytest.raises(httpx.ConnectError):  # what says that nothing was sent
            await transport.handle_async_request(httpx.Request("POST", server.url, content=b"order"))
    assert server.connections == 0


async def test_an_order_that_is_called_back_gives_its_turn_back(trust: ssl.SSLContext) -> None:
    with Server(answers(OK)) as server:
        async with client(trust, limits=httpx.Limits(max_connections=1)) as http:
            for turns in range(4):
                ordering = asyncio.create_task(http.post(f"http://127.0.0.1:1/{turns}"))
                for _ in range(turns):
                    await asyncio.sleep(0)
                ordering.cancel()
                await asyncio.gather(ordering, return_exceptions=True)
            assert (await http.get(server.url)).text == "hello"


async def test_a_packed_answer_is_unpacked(trust: ssl.SSLContext) -> None:
    packed = gzip.compress(b"hello")
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    with Server(answers(head + packed)) as server:
        async with client(trust) as http:
            assert (await http.get(server.url)).text == "hello"


async def test_a_silent_server_is_given_up(trust: ssl.SSLContext) -> None:
    with Server(silent) as server:
        async with client(trust, read=0.05) as http:
            with pytest.raises(httpx.ReadTimeout):
                await http.get(server.url)


async def test_nobody_there(trust: ssl.SSLContext) -> None:
    with nobody() as port:
        async with client(trust) as http:
            for address in (f"http://127.0.0.1:{port}", "http://no.such.host.invalid", f"http://{'a' * 70}.example"):
                with pytest.raises(httpx.ConnectError):
                    await http.get(address)


async def test_a_server_that_does_not_speak_tls(trust: ssl.SSLContext) -> None:
    def plain(line: socket.socket) -> None:
        line.recv(4096)
        line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    def mute(line: socket.socket) -> None:
        while line.recv(4096):
            pass

    with Server(plain, mute) as server:
        address = server.url.replace("http://", "https://")
        async with client(trust) as http:
            with pytest.raises(httpx.ConnectError) as caught:
                await http.get(address)
            assert isinstance(caught.value.__cause__, ssl.SSLError)
            with pytest.raises(httpx.ConnectTimeout):
                await http.get(address, timeout=0.05)


async def test_more_exchanges_than_connections_wait_for_their_turn(trust: ssl.SSLContext) -> None:
    with Server(silent, silent) as server:
        async with client(trust) as http:
            busy = [asyncio.create_task(http.get(server.url)) for _ in range(2)]
            await until(lambda: server.connections)
            with pytest.raises(httpx.PoolTimeout):
                await http.get(server.url, timeout=httpx.Timeout(60.0, pool=0.01))
            for task in busy:
                task.cancel()
            await asyncio.gather(*busy, return_exceptions=True)


async def test_a_wait_that_is_cancelled_gives_its_turn_back(trust: ssl.SSLContext) -> None:
    with Server(silent, silent, silent, answers(OK)) as server:
        async with client(trust) as http:
            for number in range(3):
                asking = asyncio.create_task(http.get(server.url))
                await until(lambda number=number: server.connections > number)  # type: ignore[misc]
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
            assert (await http.get(server.url)).text == "hello"


async def test_closing_ends_what_is_under_way(trust: ssl.SSLContext) -> None:
    asked = []

    def hears(line: socket.socket) -> None:
        asked.append(request_of(line))
        line.recv(1)

    with Server(hears) as server:
        http = client(trust)
        asking = asyncio.create_task(http.get(server.url))
        await until(lambda: asked)
        await http.aclose()
        with pytest.raises(BROKEN):
            await asking


async def test_a_reader_that_stops_stops_the_sender(trust: ssl.SSLContext) -> None:
    sent = 0

    def flood(line: socket.socket) -> None:
        nonlocal sent
        request_of(line)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n")
        line.settimeout(0.1)
        while sent < 50_000_000:
            try:
                sent += line.send(bytes(100_000))
            except TimeoutError:
                return

    with Server(flood) as server:
        async with client(trust) as http, http.stream("GET", server.url):
            held = 0
            while server._thread.is_alive():  # until the sender gives up
                held = max(held, sent)
                await asyncio.sleep(0.01)
            assert held < 40_000_000


async def test_an_answer_in_tiny_chunks_leaves_others_their_turns(trust: ssl.SSLContext) -> None:
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 5000 + b"0\r\n\r\n"
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    with Server(answers(chunks)) as server:
        async with client(trust) as http, http.stream("GET", server.url) as response:
            await asyncio.sleep(0.02)  # all of it is here
            running = asyncio.create_task(others())
            assert len(await response.aread()) == 5000
            running.cancel()
    assert turns > 40


async def test_a_header_cannot_smuggle_another_one(trust: ssl.SSLContext) -> None:
    with Server(answers(OK), answers(OK)) as server:
        async with client(trust) as http:
            with pytest.raises(httpx.LocalProtocolError):
                await http.get(server.url, headers={"X-A": "b\r\nX-C: d"})
            assert (await http.get(server.url)).text == "hello"


async def test_an_answer_over_tls_may_be_larger_than_one_read() -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    body = bytes(range(256)) * 4096

    def talk(plain: socket.socket) -> None:
        with context.wrap_socket(plain, server_side=True) as line:
            for head in (b"Content-Length: %d\r\n\r\n" % len(body), b"Connection: close\r\n\r\n"):
                request_of(line)
                line.sendall(b"HTTP/1.1 200 OK\r\n" + head + body)
            line.unwrap()

    with Server(talk) as server:
        async with client(trust) as http:
            for _ in range(2):
                assert (await http.get(server.url.replace("http:", "https:"))).content == body
        assert server.connections == 1
