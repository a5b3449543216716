"""What is read and written without h11 is what h11 reads and writes; what is not plain is left to it."""

from __future__ import annotations

import h11
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.engine.wire.plain_exchange import Words, whole_answer

URL = "http://lab.example/v1/order/a?b=c"
names = st.sampled_from(["Date", "content-type", "X-A", "set-cookie", "Connection", "Content-Length", "x a", "Upgrade"])
values = st.sampled_from(["", "keep-alive", "close", "5", "05", "5, 5", " hello ", "\t", "a\x00b", "\xe9", "-5", "+5"])
endings = st.sampled_from(["\r\n", "\n", "\r\n folded\r\n"])
lines = st.tuples(names, st.sampled_from([":", ": ", " : "]), values, endings).map("".join)
bodies = st.sampled_from([b"", b"hello", b"hello!", b"0\r\n\r\n"])
heads = st.sampled_from(["HTTP/1.1 200 OK", "HTTP/1.0 200 OK", "HTTP/1.1 204 x", "HTTP/1.1 304", "HTTP/1.1 503 a\xe9"])


def read_by_h11(data: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    http = h11.Connection(h11.CLIENT)
    http.send(h11.Request(method="GET", target="/", headers=[("Host", "lab.example")]))
    http.send(h11.EndOfMessage())
    http.receive_data(data)
    head, body = http.next_event(), b""
    assert isinstance(head, h11.Response)
    while isinstance(event := http.next_event(), h11.Data):
        body += bytes(event.data)
    assert isinstance(event, h11.EndOfMessage)
    assert http.trailing_data == (b"", False)
    http.start_next_cycle()  # the connection can be used again
    return head.status_code, head.headers.raw_items(), body


@settings(max_examples=200)
@given(heads, st.lists(lines, max_size=4), st.booleans(), bodies)
def test_an_answer_that_is_taken_is_the_one_that_h11_reads(
    head: str, some: list[str], has_length: bool, body: bytes
) -> None:
    length = f"Content-Length: {len(body)}\r\n" if has_length else ""
    data = f"{head}\r\n{''.join(some)}{length}\r\n".encode("latin-1") + body
    answer = whole_answer(data)
    if answer is not None:
        assert (answer.status_code, answer.headers, answer.body) == read_by_h11(data)


def test_the_usual_answer_is_taken() -> None:
    answer = whole_answer(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
    assert answer
    assert (answer.status_code, answer.body) == (200, b"{}")
    assert answer.headers == [(b"Content-Type", b"application/json"), (b"Content-Length", b"2")]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}more",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n\r\n{}",
        b"HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\n{}",
        b"",
    ],
)
def test_what_is_not_plain_is_left_to_h11(answer: bytes) -> None:
    assert whole_answer(answer) is None


def test_a_request_is_written_as_h11_writes_it() -> None:
    words = Words()
    for token in ("one", "one", "two"):
        request = httpx.Request("GET", URL, headers={"X-Token": token, "Connection": "keep-alive"})
        head = h11.Request(method="GET", target=request.url.raw_path, headers=request.headers.raw)
        assert words.of(request) == h11.Connection(h11.CLIENT).send(head)


def test_a_request_with_a_body_is_written_as_h11_writes_it() -> None:
    words = Words()
    for body in (b'["a"]', b'["b"]', b'["a", "b"]'):
        request = httpx.Request("POST", URL, content=body)
        http = h11.Connection(h11.CLIENT)
        head = h11.Request(method="POST", target=request.url.raw_path, headers=request.headers.raw)
        written = [http.send(event) for event in (head, h11.Data(data=body), h11.EndOfMessage())]
        assert words.of(request, body) == b"".join(part or b"" for part in written)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"[]", {"Content-Length": "3"}),
        (b"[]", {"Transfer-Encoding": "chunked"}),
        (b"[]", {"Content-Length": "2", "Expect": "100-continue"}),
        (b"[]", {}),
        (b"", {"Content-Length": "0"}),
    ],
)
def test_a_body_that_is_not_plain_is_left_to_h11(body: bytes, headers: dict[str, str]) -> None:
    request = httpx.Request("POST", URL, headers=headers)
    if not headers:
        del request.headers["Content-Length"]
    assert Words().of(request, body) is None


@pytest.mark.parametrize(
    "request_",
    [
        httpx.Request("POST", URL),
        httpx.Request("HEAD", URL),
        httpx.Request("GET", URL, headers={"Connection": "close"}),
        httpx.Request("GET", URL, headers={"Content-Length": "5"}),
        httpx.Request("GET", URL, headers={"X-Token": "a\r\nX-Evil: b"}),
        httpx.Request("GET", URL, headers={"X Token": "a"}),
    ],
)
def test_a_request_that_is_not_plain_is_left_to_h11(request_: httpx.Request) -> None:
    assert Words().of(request_) is None
