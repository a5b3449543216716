"""A connection's session: where the login may go, what is said when it fails, and answers that are hostile."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clock import FakeClock
from tests.engine.webs import CONNECTION, Chunks, PlainVendor, Web, as_vendor, connection, sessions
from tui.address import same_origin
from tui.engine.secrets.finder import SecretFinder
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.wire.errors import NoHttpError
from tui.engine.wire.sessions import Sessions
from tui.errors import AskError, ConfigError, CredentialsError
from tui.model import Connection, ProblemKind, Secret, SecretField
from tui.vendors.contract import Secrets

SECRET = "canary-hunter2"


def fine(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"path": request.url.raw_path.decode()})


def raising(error: Exception) -> object:
    def answer(_: httpx.Request) -> httpx.Response:
        raise error

    return answer


async def test_a_path_goes_below_the_base_url_with_the_login() -> None:
    rooms, web = sessions(fine)
    session = await rooms.of(CONNECTION)
    reply = await session.send("GET", "/v1/order", query={"a": "b c"})
    assert (reply.status, reply.json()) == (200, {"path": "/base/v1/order?a=b+c"})
    assert reply.received_at == session.clock.now()
    assert web.sent[0].headers["Authorization"] == f"Bearer {SECRET}"
    await rooms.close()


async def test_an_absolute_url_of_the_same_origin_is_sent_as_it_is() -> None:
    rooms, web = sessions(fine)
    session = await rooms.of(CONNECTION)
    for url in ("https://vendor.example/other?x=%2F%3D", "https://VENDOR.example:443/other?x=%2F%3D"):
        reply = await session.send("GET", url)
        assert reply.json() == {"path": "/other?x=%2F%3D"}
    assert {request.url.host for request in web.sent} == {"vendor.example"}
    await rooms.close()


FOREIGN = [
    "https://evil.example/",
    "http://vendor.example/base",
    "https://vendor.example:8443/",
    "https://vendor.example.evil.example/",
    "https://vendor.example@evil.example/",
    "https:evil.example",
    "file:///etc/passwd",
    "https://[bad",
    "https://vendor.example:99999999/",
]


@pytest.mark.parametrize("url", FOREIGN)
async def test_the_login_goes_to_no_other_origin(url: str) -> None:
    rooms, web = sessions(fine)
    session = await rooms.of(CONNECTION)
    with pytest.raises(AskError) as caught:
        await session.send("GET", url)
    assert caught.value.kind in (ProblemKind.FORBIDDEN, ProblemKind.BAD_REPLY)
    assert not web.sent
    await rooms.close()


@given(st.sampled_from(FOREIGN) | st.text(alphabet="https:/vendor.xmpl@\\#?[]%0 \té", max_size=40))
def test_comparing_origins_never_fails(text: str) -> None:
    same_origin(text, CONNECTION.base_url)


@pytest.mark.parametrize(
    "url",
    [
        "//evil.example/x",
        "\\\\evil.example",
        "@evil.example",
        "/\t/evil.example",
        "https://evil.example\\@vendor.example/",
    ],
)
async def test_what_another_parser_might_send_elsewhere_stays_at_home(url: str) -> None:
    rooms, web = sessions(fine)
    with suppress(AskError):
        await (await rooms.of(CONNECTION)).send("GET", url)
    assert {request.url.host for request in web.sent} <= {"vendor.example"}
    await rooms.close()


async def test_a_presigned_url_gets_no_header_of_ours() -> None:
    rooms, web = sessions(lambda _: httpx.Response(200, text="report"))
    reply = await (await rooms.of(CONNECTION)).fetch("https://bucket.example/key?X-Amz-Signature=abc")
    assert reply.text == "report"
    headers = web.sent[0].headers
    assert set(headers) == {"host", "accept", "accept-encoding", "connection", "user-agent"}
    assert SECRET not in str(headers)
    await rooms.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(status: int) -> None:
    rooms, web = sessions(lambda _: httpx.Response(status, headers={"Location": "https://evil.example/"}))
    session = await rooms.of(CONNECTION)
    assert (await session.send("GET", "/x")).status == status
    assert (await session.fetch("https://bucket.example/x")).status == status
    assert len(web.sent) == 2
    await rooms.close()


async def test_json_is_sent_compact_and_content_as_it_is() -> None:
    rooms, web = sessions(fine)
    session = await rooms.of(CONNECTION)
    await session.send("POST", "/x", json_body={"ä": [1, None]}, headers={"X-More": "1"})
    await session.send("POST", "/x", content=b"raw", headers={"Content-Type": "text/plain"})
    first, second = web.sent
    assert first.content == '{"ä":[1,null]}'.encode()
    assert (first.headers["Content-Type"], first.headers["X-More"]) == ("application/json", "1")
    assert (second.content, second.headers["Content-Type"]) == (b"raw", "text/plain")
    await rooms.close()


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (httpx.ConnectTimeout(f"to https://h/?{SECRET}"), ProblemKind.UNREACHABLE, "no connection in 5 s"),
        (httpx.ReadTimeout(SECRET), ProblemKind.UNREACHABLE, "no answer in 20 s"),
        (httpx.PoolTimeout(SECRET), ProblemKind.UNREACHABLE, "no answer in 20 s"),
        (httpx.ConnectError(f"refused https://h/p?x={SECRET}"), ProblemKind.UNREACHABLE, "cannot connect: refused"),
        (httpx.ReadError(""), ProblemKind.UNREACHABLE, "the connection broke: ReadError"),
        (httpx.RemoteProtocolError(f"got {SECRET}"), ProblemKind.UNREACHABLE, "the connection broke: got ***"),
        (NoHttpError("no answer in HTTP"), ProblemKind.BAD_REPLY, "no answer in HTTP"),
        (httpx.ProxyError("407"), ProblemKind.UNREACHABLE, "the connection broke: 407"),
        (
            httpx.LocalProtocolError(f"Illegal header value b'x{SECRET[:7]}'"),
            ProblemKind.BAD_REPLY,
            "LocalProtocolError",
        ),
        (httpx.UnsupportedProtocol(SECRET), ProblemKind.BAD_REPLY, "UnsupportedProtocol"),
        (httpx.DecodingError("bad gzip"), ProblemKind.BAD_REPLY, "DecodingError"),
        (httpx.InvalidURL(SECRET), ProblemKind.BAD_REPLY, "InvalidURL"),
        (UnicodeError(f"label too long {SECRET}"), ProblemKind.BAD_REPLY, "UnicodeError"),
    ],
)
async def test_errors_are_said_in_our_words_without_urls_and_secrets(
    error: Exception, kind: ProblemKind, words: str
) -> None:
    rooms, _ = sessions(raising(error))  # type: ignore[arg-type]
    session = await rooms.of(CONNECTION)
    for asking in (session.send("GET", "/x?token=1"), session.fetch(f"https://b.example/?sig={SECRET}")):
        with pytest.raises(AskError) as caught:
            await asking
        said = caught.value.message + caught.value.hint
        assert caught.value.kind is kind
        assert words in said
        assert SECRET not in said
        assert "canary" not in said
        assert "://h" not in said.replace("://h/p?…", "")
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__
    await rooms.close()


async def test_an_answer_that_is_too_large_is_given_up_soon() -> None:
    read = itertools.count()
    endless = Chunks(b"x" * 1_000_000 for _ in read)
    rooms, _ = sessions(lambda _: httpx.Response(200, stream=endless))
    session = await rooms.of(CONNECTION)
    with pytest.raises(AskError, match="larger than 8 MB") as caught:
        await session.send("GET", "/x")
    assert caught.value.kind is ProblemKind.BAD_REPLY
    assert next(read) <= 10
    assert endless.closed
    await rooms.close()


async def test_an_answer_that_says_it_is_too_large_is_not_read_at_all() -> None:
    read = itertools.count()
    body = Chunks(b"x" * 1000 for _ in read)
    rooms, _ = sessions(lambda _: httpx.Response(200, stream=body, headers={"Content-Length": "8000001"}))
    with pytest.raises(AskError, match="larger than 8 MB"):
        await (await rooms.of(CONNECTION)).send("GET", "/x")
    assert next(read) == 0
    assert body.closed
    await rooms.close()


async def test_the_limit_is_the_callers_and_counts_what_was_unpacked() -> None:
    packed = gzip.compress(bytes(50_000_000))
    rooms, _ = sessions(lambda _: httpx.Response(200, content=packed, headers={"Content-Encoding": "gzip"}))
    session = await rooms.of(CONNECTION)
    with pytest.raises(AskError, match=r"larger than 0\.5 MB"):
        await session.send("GET", "/x", limit=500_000)
    with pytest.raises(AskError, match="larger than 8 MB"):
        await session.send("GET", "/x")
    assert len((await session.fetch("https://b.example/")).body) == 50_000_000
    await rooms.close()


@pytest.mark.parametrize("codings", ["gzip, gzip", "deflate, gzip", "br", "zstd", "gzip, identity, gzip"])
async def test_what_is_packed_in_a_way_nobody_asked_for_is_not_unpacked(codings: str) -> None:
    """Packed twice, three hundred bytes become a terabyte, in one piece."""
    packed = gzip.compress(gzip.compress(bytes(3_000_000)))
    rooms, web = sessions(lambda _: httpx.Response(200, stream=Chunks([packed]), headers={"Content-Encoding": codings}))
    session = await rooms.of(CONNECTION)
    for asking in (session.send("GET", "/x"), session.fetch("https://b.example/")):
        with pytest.raises(AskError, match="DecodingError") as caught:
            await asking
        assert caught.value.kind is ProblemKind.BAD_REPLY
    assert {request.headers["Accept-Encoding"] for request in web.sent} == {"gzip, deflate"}
    await rooms.close()


@pytest.mark.parametrize(
    ("answer", "method", "kind"),
    [
        (httpx.Response(200, content=b"x", headers={"Content-Encoding": "br"}), "POST", ProblemKind.UNREACHABLE),
        (httpx.Response(200, content=bytes(101)), "POST", ProblemKind.UNREACHABLE),
        (httpx.Response(200, content=bytes(101)), "DELETE", ProblemKind.UNREACHABLE),
        (httpx.Response(200, content=bytes(101)), "GET", ProblemKind.BAD_REPLY),
    ],
    ids=str,
)
async def test_what_changes_something_and_is_answered_unreadably_may_have_been_done(
    answer: httpx.Response, method: str, kind: ProblemKind
) -> None:
    rooms, _ = sessions(lambda _: answer)
    with pytest.raises(AskError) as caught:
        await (await rooms.of(CONNECTION)).send(method, "/x", limit=100)
    assert (caught.value.kind, caught.value.leaves_open) == (kind, method != "GET")
    await rooms.close()


async def test_what_changes_something_and_is_answered_in_no_http_may_have_been_done() -> None:
    rooms, _ = sessions(raising(NoHttpError("no answer in HTTP")))  # type: ignore[arg-type]
    with pytest.raises(AskError, match="no answer in HTTP") as caught:
        await (await rooms.of(CONNECTION)).send("POST", "/x")
    assert (caught.value.kind, caught.value.leaves_open) == (ProblemKind.UNREACHABLE, True)
    await rooms.close()


async def test_what_cannot_be_sent_at_all_leaves_nothing_open() -> None:
    rooms, _ = sessions(raising(httpx.LocalProtocolError("a header with a line break")))  # type: ignore[arg-type]
    with pytest.raises(AskError) as caught:
        await (await rooms.of(CONNECTION)).send("POST", "/x")
    assert (caught.value.kind, caught.value.leaves_open) == (ProblemKind.BAD_REPLY, False)
    await rooms.close()


async def test_an_answer_that_drips_for_ever_is_given_up(clock: FakeClock) -> None:
    drips = Chunks((b" " for _ in itertools.count()), between=lambda: clock.jump(15))
    rooms, _ = sessions(lambda _: httpx.Response(200, stream=drips), clock)
    session = await rooms.of(CONNECTION)
    with pytest.raises(AskError, match="had no end after 300 s") as caught:
        await session.send("GET", "/x")
    assert caught.value.kind is ProblemKind.UNREACHABLE
    await rooms.close()


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b"", b"[" * 200_000, b"\xff\xfe\x00", b"9" * 5000])
async def test_what_is_not_json_is_a_bad_reply_not_a_crash(body: bytes) -> None:
    rooms, _ = sessions(lambda _: httpx.Response(200, content=body, headers={"Content-Type": "text/html; x"}))
    reply = await (await rooms.of(CONNECTION)).send("GET", "/x")
    with pytest.raises(AskError, match="answered 200 with text/html that is not JSON"):
        reply.json()
    await rooms.close()


async def test_a_body_that_breaks_off_is_unreachable() -> None:
    rooms, _ = sessions(lambda _: httpx.Response(200, stream=Chunks([b"{", httpx.ReadError("reset")])))
    with pytest.raises(AskError, match="the connection broke: reset"):
        await (await rooms.of(CONNECTION)).send("GET", "/x")
    await rooms.close()


async def test_latency_is_that_of_the_last_good_answer(clock: FakeClock) -> None:
    answers = iter([Chunks([b"1"], between=lambda: clock.jump(2.5)), Chunks([httpx.ReadError("x")])])
    rooms, _ = sessions(lambda _: httpx.Response(200, stream=next(answers)), clock)
    session = await rooms.of(CONNECTION)
    latencies = [session.latency]
    await session.send("GET", "/x")
    latencies.append(session.latency)
    with pytest.raises(AskError):
        await session.send("GET", "/x")
    assert [*latencies, session.latency] == [None, 2.5, 2.5]
    await rooms.close()


async def test_the_quota_of_the_connection_is_kept(clock: FakeClock) -> None:
    rooms, web = sessions(fine, clock)
    session = await rooms.of(connection(max_requests_per_minute=30))
    asking = [asyncio.create_task(session.send("GET", f"/{number}")) for number in range(100)]
    await clock.advance(59.9)
    assert [request.url.path for request in web.sent] == [f"/base/{number}" for number in range(30)]
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    await rooms.close()


async def test_one_session_per_connection_until_it_is_forgotten() -> None:
    rooms, _ = sessions(fine)
    first, again = await asyncio.gather(rooms.of(CONNECTION), rooms.of(CONNECTION))
    assert first is again
    await rooms.forget("plant")
    await rooms.forget("plant")
    assert await rooms.of(CONNECTION) is not first
    with pytest.raises(AskError, match="renewed meanwhile"):
        await first.send("GET", "/x")
    await rooms.close()


class Finder(SecretFinder):
    """The keyring takes its time, and gives what it had when it was asked."""

    def __init__(self, *had: str | None) -> None:
        self.had = list(had)
        self.asked = asyncio.Event()
        self.goes_on = asyncio.Event()

    async def find_all(self, connection: Connection, fields: Sequence[SecretField]) -> Secrets:
        had = self.had.pop(0)
        self.asked.set()
        await self.goes_on.wait()
        if had is None:
            raise CredentialsError("the password is missing")
        return Secrets(connection.name, {"password": Secret(had)})


@pytest.mark.parametrize("old", ["old", None])
async def test_a_secret_that_changes_while_it_is_looked_up_is_looked_up_again(
    clock: FakeClock, old: str | None
) -> None:
    finder, web = Finder(old, SECRET), Web(fine)
    rooms = Sessions(clock, finder, lambda _: as_vendor(PlainVendor()), web.transport)
    making = asyncio.create_task(rooms.of(CONNECTION))
    await finder.asked.wait()
    await rooms.forget("plant")
    finder.goes_on.set()
    await (await making).send("GET", "/x")
    assert web.sent[0].headers["Authorization"] == f"Bearer {SECRET}"
    await rooms.close()


async def test_a_session_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    class Needy:
        secrets = ()

        def login(self, found_for: object, secrets: Secrets, clock: object) -> httpx.Auth:
            secrets.need("password")
            return httpx.Auth()

    rooms, _ = sessions(fine, vendor=Needy())
    with pytest.raises(CredentialsError, match="plant: the password is missing"):
        await rooms.of(CONNECTION)
    rooms, _ = sessions(fine)
    (tmp_path / "not.pem").write_text("nonsense")
    for name in ("not.pem", "none.pem"):
        with pytest.raises(ConfigError, match=r"ca_file .* cannot be used"):
            await rooms.of(connection(ca_file=tmp_path / name))


@pytest.mark.parametrize("proxy", ["socks5://u:canary@h:1", "nonsense://u:canary@h"])
async def test_a_proxy_variable_that_cannot_be_used_is_told(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    clock = FakeClock()
    finder = SecretFinder({"JOBDECK_SECRET_PLANT_PASSWORD": "x"}, GuardedKeyring(trouble="none here"), clock)
    with pytest.raises(ConfigError, match="the proxy cannot be used") as caught:
        await Sessions(clock, finder, lambda _: as_vendor(PlainVendor())).of(CONNECTION)
    assert "canary" not in caught.value.message + caught.value.hint


async def test_nothing_is_logged_of_a_request(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    rooms, _ = sessions(fine)
    session = await rooms.of(CONNECTION)
    await session.send("GET", f"/x?password={SECRET}")
    await session.fetch(f"https://b.example/?sig={SECRET}")
    await rooms.close()
    assert SECRET not in caplog.text
    assert "vendor.example" not in json.dumps(caplog.messages)
