"""The short way through httpx's `send`: logins, hooks, cookies and errors as httpx has them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable

import httpx
import pytest

from tui.engine.wire.light_client import LightClient

URL = "https://vendor.example/x"
Answer = Callable[[httpx.Request], httpx.Response]


class Web:
    """A client on answers that the test writes; keeps what was sent and what the hooks saw."""

    def __init__(self, answer: Answer, login: httpx.Auth | None = None) -> None:
        self.sent: list[httpx.Request] = []
        self.hooks: list[str] = []
        self._answer = answer
        self.client = LightClient(
            login=login,
            timeout=httpx.Timeout(60.0),
            transport=httpx.MockTransport(self._handle),
            on_request=[self._note],
            on_response=[self._say],
        )

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return self._answer(request)

    async def _note(self, request: httpx.Request) -> None:
        self.hooks.append(f"> {request.url.path}")

    async def _say(self, response: httpx.Response) -> None:
        self.hooks.append(f"< {response.status_code} {response.request.url.path}")


class Badge(httpx.Auth):
    """Fetches a badge, and once more when it was refused."""

    requires_response_body = True

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        for _ in range(2):
            badge = yield httpx.Request("POST", "https://vendor.example/badge")
            request.headers["X-Badge"] = badge.text
            answer = yield request
            if answer.status_code != 401:
                return


async def test_the_login_asks_what_it_likes_and_every_request_meets_the_hooks() -> None:
    badges = iter(["old", "new"])

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/badge":
            return httpx.Response(200, text=next(badges))
        return httpx.Response(200 if request.headers["X-Badge"] == "new" else 401, text="hello")

    web = Web(answer, Badge())
    async with web.client as client:
        assert (await client.get(URL)).text == "hello"
    assert web.hooks == [
        "> /badge",
        "< 200 /badge",
        "> /x",
        "< 401 /x",
        "> /badge",
        "< 200 /badge",
        "> /x",
        "< 200 /x",
    ]


PLAIN: list[tuple[str, str, dict[str, str] | None, bytes]] = [
    ("GET", URL, None, b""),
    ("GET", URL, {"Accept-Encoding": "identity", "Range": "bytes=5-"}, b""),
    ("GET", URL, {"Accept-Encoding": "identity", "Range": "bytes=9-"}, b""),
    ("GET", URL, {"Host": "other.example"}, b""),
    ("GET", "https://vendor.example:8443/x?a=%2F", None, b""),
    ("DELETE", URL, None, b""),
    ("POST", URL, None, b""),
    ("POST", URL, {"Content-Type": "application/json"}, b'["a"]'),
    ("POST", URL, {"Content-Type": "application/json"}, b'["a","b"]'),
    ("POST", URL, {"Content-Length": "3"}, b'["a"]'),
]


@pytest.mark.parametrize(("method", "url", "headers", "content"), PLAIN)
async def test_a_request_is_built_as_httpx_builds_it(
    method: str, url: str, headers: dict[str, str] | None, content: bytes
) -> None:
    web, address = Web(lambda _: httpx.Response(200, headers={"Set-Cookie": "sticky=node1"})), httpx.URL(url)
    async with web.client as client:
        for _ in ("without a cookie", "with one"):
            theirs = client.build_request(method, url, headers=headers, content=content)
            for _ in ("at first", "again"):
                ours = client.plain_request(method, address, headers, content)
                assert (ours.method, ours.url, ours.headers.raw) == (theirs.method, theirs.url, theirs.headers.raw)
                assert (ours.extensions, ours.content) == (theirs.extensions, theirs.content)
                ours.headers["Authorization"] = "canary-token"
            await client.get(url)


async def test_no_request_has_what_another_one_was_sent_with() -> None:
    async with Web(lambda _: httpx.Response(200)).client as client:
        for method, url, headers, content in (*PLAIN, *reversed(PLAIN)):
            ours = client.plain_request(method, httpx.URL(url), headers, content)
            assert ours.headers.raw == client.build_request(method, url, headers=headers, content=content).headers.raw
        changing = {"X-Page": "1"}
        for page in "12":
            changing["X-Page"] = page
            assert client.plain_request("GET", httpx.URL(URL), changing).headers["X-Page"] == page


async def test_cookies_come_back_and_redirects_are_not_followed() -> None:
    web = Web(lambda _: httpx.Response(302, headers={"Location": "/elsewhere", "Set-Cookie": "sticky=node1"}))
    async with web.client as client:
        for _ in range(2):
            assert (await client.get(URL)).status_code == 302
    assert [request.headers.get("cookie") for request in web.sent] == [None, "sticky=node1"]


class Endless(httpx.AsyncByteStream):
    """A body that breaks when it is read, and says whether it was closed."""

    is_closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if not self.is_closed:
            raise httpx.ReadError("read on and on")
        yield b""

    async def aclose(self) -> None:
        self.is_closed = True


async def test_a_refusal_that_the_login_answers_with_a_new_badge_is_not_read() -> None:
    refusal = Endless()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/badge":
            return httpx.Response(200, text="new" if refusal.is_closed else "old")
        return httpx.Response(200) if request.headers["X-Badge"] == "new" else httpx.Response(401, stream=refusal)

    async with Web(answer, Badge()).client as client:
        assert (await client.get(URL)).status_code == 200


async def test_a_body_that_breaks_is_closed() -> None:
    body = Endless()
    async with Web(lambda _: httpx.Response(200, stream=body)).client as client:
        with pytest.raises(httpx.ReadError):
            await client.get(URL)
    assert body.is_closed


async def test_an_error_names_the_request_it_is_about() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("slow")

    web = Web(answer, Badge())
    async with web.client as client:
        with pytest.raises(httpx.ReadTimeout) as caught:
            await client.get(URL)
    assert caught.value.request.url.path == "/badge"


async def test_a_body_is_read_by_whoever_asked_for_a_stream() -> None:
    web = Web(lambda _: httpx.Response(200, stream=httpx.ByteStream(b"hello")))
    async with web.client as client:
        async with client.stream("GET", URL) as response:
            assert not response.is_closed
            assert await response.aread() == b"hello"
        assert response.is_closed
