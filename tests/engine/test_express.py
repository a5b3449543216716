"""The shortest way to a plain address: it reads the same as by httpx, and nothing that does not goes by it."""

from __future__ import annotations

import asyncio
import gc
import io
import socket
import ssl
from collections.abc import Iterator, Mapping

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clock import settle
from tests.engine.talks import Server, answers, request_of
from tui.engine.unbroken import Outcome
from tui.engine.wire.express import Express, plain_address
from tui.engine.wire.light_client import LightClient
from tui.engine.wire.plain_answer import Answer, FullAnswer, answer_on, fields_of
from tui.engine.wire.plain_exchange import plain_head
from tui.engine.wire.reach import Reach
from tui.engine.wire.thread_transport import ThreadTransport
from tui.engine.wire.trip import Read
from tui.errors import AskError
from tui.model import Connection

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


class Keeper:
    """Takes what is fine."""

    def __init__(self) -> None:
        self.come = b""

    def take(self, status: int, headers: Mapping[str, str], read: Read) -> bool:
        if status != 200:
            return False
        view = memoryview(bytearray(int(headers["content-length"])))
        while len(self.come) < len(view):
            count = read(view)
            self.come += view[:count]
        return True


@pytest.fixture(autouse=True)
def nothing_left_open() -> Iterator[None]:
    yield
    gc.collect()  # a socket that nobody closed warns, and warnings are errors


def way_to(base_url: str) -> tuple[Express, ThreadTransport]:
    transport = ThreadTransport(ssl.create_default_context())
    timeout = httpx.Timeout(60.0)
    client = LightClient(login=None, timeout=timeout, transport=transport, on_request=(), on_response=())
    return Express(client, transport, Reach(Connection("lab", "scripted", base_url))), transport


async def test_what_its_taker_leaves_is_an_answer_like_any_other() -> None:
    gone = b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"
    with Server(answers(OK, gone, OK)) as server:
        way, transport = way_to(server.url)
        first, third = Keeper(), Keeper()
        assert (await way.get(f"{server.url}/a?b=%2F", first)) is not None
        left = await way.get(f"{server.url}/b", Keeper())
        assert left is not None
        assert (left.status_code, await left.aread()) == (404, b"gone")
        await left.aclose()
        await way.get(f"{server.url}/c", third)
        await transport.aclose()
    assert (first.come, third.come, server.connections) == (b"hello", b"hello", 1)


async def test_a_kept_line_that_was_closed_is_replaced_and_extra_bytes_close_one() -> None:
    with Server(answers(OK), answers(OK + b"more"), answers(OK)) as server:
        way, transport = way_to(server.url)
        for _ in range(3):
            keeper = Keeper()
            await way.get(f"{server.url}/a", keeper)
            assert keeper.come == b"hello"
        await transport.aclose()
    assert server.connections == 3


async def test_what_follows_a_body_is_never_read_as_the_next_file() -> None:
    long = b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n%b" % bytes(20_000)
    with Server(answers(long + OK.replace(b"hello", b"wrong")), answers(OK)) as server:
        way, transport = way_to(server.url)
        first, second = Keeper(), Keeper()
        await way.get(f"{server.url}/a", first)
        await way.get(f"{server.url}/b", second)
        await transport.aclose()
    assert (first.come, second.come, server.connections) == (bytes(20_000), b"hello", 2)


class Sent:
    """A socket that everything has come to already."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def makefile(self, _mode: str) -> io.BytesIO:
        return self._data

    def recv(self, size: int) -> bytes:
        return self._data.read(size)

    def recv_into(self, buffer: memoryview) -> int:
        return self._data.readinto(buffer)


def read_whole(answer: Answer) -> bytes:
    body = memoryview(bytearray(100))
    return bytes(body[: answer.readinto(body)])


NAMES = st.sampled_from(["Date", "X-A", "Connection", "Content-Length", "transfer-encoding", "x a", "From me"])
VALUES = st.sampled_from(["", "keep-alive", "close", "5", "05", "5, 5", " hi ", "chunked", "a\x00b", "\xe9\x85", "-5"])
LINES = st.tuples(
    NAMES, st.sampled_from([":", ": ", " : "]), VALUES, st.sampled_from(["\r\n", "\n", "\r", "\r\n f\r\n"])
)


@given(
    st.sampled_from(["HTTP/1.1 200 OK", "HTTP/1.0 200 OK", "HTTP/1.1 404"]), st.lists(LINES.map("".join), max_size=3)
)
@settings(max_examples=50)
def test_a_plain_head_is_read_as_the_library_reads_it(first: str, lines: list[str]) -> None:
    head = f"{first}\r\n{''.join(lines)}Content-Length: 5\r\n\r\nhello".encode("latin-1")
    if plain_head(head) is None:
        return
    plain, full = answer_on(Sent(head)), FullAnswer(Sent(head), method="GET")  # type: ignore[arg-type]
    full.begin()
    assert (plain.status, plain.length, plain.will_close) == (full.status, full.length, full.will_close)
    assert plain.raw_headers == [(name, value.strip()) for name, value in full.raw_headers]
    assert (read_whole(plain), plain.isclosed()) == (read_whole(full), full.isclosed()) == (b"hello", True)


async def test_heads_that_end_as_they_should_not_are_read_at_once() -> None:
    """The client would wait for an end that has come, where a server ends its lines in its own way."""

    def talk(line: socket.socket) -> None:
        request_of(line)
        line.sendall(b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello")
        line.recv(1)

    with Server(talk) as server:
        way, transport = way_to(server.url)
        left = await way.get(f"{server.url}/a", Keeper())
        assert left is not None
        assert await left.aread() == b"hello"
        await left.aclose()
        await transport.aclose()


@pytest.mark.parametrize("begun", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 103 x\r\n\r\nHTTP/1.1 200 OK\r\n"])
def test_a_head_that_drips_is_given_up(begun: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(begun)
        with pytest.raises(TimeoutError, match="whole head"):
            answer_on(ours, until=0.0)


def test_a_body_may_drip() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe")
        answer = answer_on(ours, until=0.0)
        theirs.sendall(b"llo\r\n0\r\n\r\n")
        assert read_whole(answer) == b"hello"
        answer.close()


async def test_an_origin_out_of_reach_is_refused() -> None:
    way, transport = way_to("https://vendor.example")
    with pytest.raises(AskError, match="http, where everybody"):
        await way.get("http://vendor.example/a", Keeper())
    await transport.aclose()


@pytest.mark.parametrize(
    "url",
    [
        *("https://ops:pw@h.example/a", "https://h.example", "https://h.example/a b", "https://h.example/é"),
        *("https://h.example/a/../b", "https://h.example/./a", "https://h.example/%", "https://h.example/a#b"),
        *(
            "https://H.example/a",
            "https://[::1]/a",
            "ftp://h.example/a",
            "https://h.example:/a",
            "https://h.example/\n",
        ),
        *("https://h.example/a'b", 'https://h.example/"', "https://h.example/{a}", "https://h.example./a"),
    ],
)
async def test_what_is_not_plain_goes_the_usual_way(url: str) -> None:
    way, transport = way_to("https://vendor.example")
    assert await way.get(url, Keeper()) is None
    await transport.aclose()


@given(rest=st.text("aZ09_~$&+,;=:@/?.!*()-%2Ff#' \"é\\", max_size=20))
@settings(max_examples=80)
def test_a_plain_address_reads_as_httpx_reads_it(rest: str) -> None:
    if plain := plain_address(f"https://h.example:8443/{rest}"):
        url = httpx.URL("".join(plain))
        assert url.raw_path.decode("ascii") == plain[1]
        assert (url.raw_host, url.port, url.userinfo, url.fragment) == (b"h.example", 8443, b"", "")


def test_fields_are_joined_and_read_as_httpx_reads_them() -> None:
    raw = [(b"X-A", b"1"), (b"x-a", b"2"), (b"Content-Disposition", "filename=é".encode()), (b"X-B", b"\xe9")]
    assert fields_of(raw) == {"x-a": "1, 2", "content-disposition": "filename=é", "x-b": "é"}


async def test_an_outcome_outlives_those_who_wait_for_it() -> None:
    for is_late in (False, True):
        outcome = Outcome[int]()
        waiting = asyncio.ensure_future(_result(outcome))
        await settle()
        waiting.cancel()
        if not is_late:
            outcome.succeed(1)
        await asyncio.gather(waiting, return_exceptions=True)
        again = outcome.again()
        if is_late:
            outcome.succeed(1)
        assert await again == 1
    failing = Outcome[int]()
    failing.fail(ValueError("no"))
    with pytest.raises(ValueError, match="no"):
        await failing.future


async def _result(outcome: Outcome[int]) -> int:
    return await outcome.future
