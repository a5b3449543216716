"""EnOS: signature vectors, the token service, and every way in which a dead token shows (dossier sections 1, 2, 7)."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clock import START, FakeClock
from tests.engine.webs import Chunks
from tests.vendors.fakes import FakeSession, secrets_of
from tui.errors import AskError, CredentialsError
from tui.model import Connection, ProblemKind, Secret
from tui.vendors._login import Token
from tui.vendors.enos import VENDOR
from tui.vendors.enos.login import EnosLogin, encryption, milliseconds

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "enos-signature-vectors.json").read_text(encoding="utf-8")
)["vectors"]
NORMATIVE = [vector for vector in VECTORS if vector["normative"]]
SIGNING = [vector for vector in NORMATIVE if vector["scheme"] == "apim-v2-request-signature"]
TOKENS = [vector for vector in NORMATIVE if vector["scheme"] == "token-service-encryption"]

GATEWAY = "https://gateway.example"
CONNECTION = Connection("windfarm", "enos", GATEWAY, {"access_key": "key", "org_id": "o1", "data_url": "auto"})
SECRETS = secrets_of("windfarm", secret_key="very-secret")
STATUS = "data-federation/v2.0/channels/read/ch-1/download/t1/status?orgId=o1"
OK = {"code": 0, "msg": "OK", "data": {"taskId": "t1", "progressCode": 1, "progressDesc": "running"}}

Answer = Callable[[httpx.Request], httpx.Response]


def at(stamp: int) -> FakeClock:
    return FakeClock(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=stamp))


def login_of(clock: FakeClock, key: str = "key", secret: str = "very-secret") -> EnosLogin:
    return EnosLogin(clock, GATEWAY, key, Secret(secret))


class Gateway:
    """A token service that hands out T1, T2, … and an API that takes the newest; every answer can be replaced."""

    def __init__(self, *, expire: object = 7200) -> None:
        self.expire = expire
        self.issued = 0
        self.killed: set[str] = set()
        self.token_answers: list[httpx.Response] = []
        self.dead_answer: Answer = lambda request: httpx.Response(401, json={"message": "Invalid credentials"})
        self.answer: Answer = lambda request: httpx.Response(200, json=OK)
        self.calls: list[str] = []
        self.bodies: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if "/apim-token-service/" in request.url.path:
            return self._token(request)
        self.calls.append(request.method)
        if request.headers["apim-accesstoken"] in self.killed:
            return self.dead_answer(request)
        return self.answer(request)

    def _token(self, request: httpx.Request) -> httpx.Response:
        kind = request.url.path.rpartition("/")[2]
        self.calls.append(kind)
        self.bodies.append(json.loads(request.content))
        if self.token_answers:
            return self.token_answers.pop(0)
        self.issued += 1
        data = {"accessToken": f"T{self.issued}", "expire": self.expire}
        return httpx.Response(200, json={"status": 0, "msg": "SUCCESS", "data": data})


def session_of(gateway: Answer, clock: FakeClock | None = None) -> FakeSession:
    return FakeSession(VENDOR, CONNECTION, SECRETS, gateway, clock)


def refused(status: int, msg: str = "no") -> httpx.Response:
    return httpx.Response(200, json={"status": status, "msg": msg, "business": "apim-token-service", "data": None})


# The vectors


@pytest.mark.parametrize("vector", SIGNING, ids=lambda vector: vector["id"])
def test_request_is_signed_as_the_vendor_does(vector: dict[str, Any]) -> None:
    given = vector["input"]
    body = None if given["body"] is None else given["body"].encode()
    request = httpx.Request(given["method"], f"{GATEWAY}{given['path']}?{given['rawQuery']}", content=body)
    login = login_of(at(int(given["timestamp"])), given["appKey"], given["appSecret"])
    login.sign(request, Token(Secret(given["accessToken"])))
    assert {name: request.headers[name] for name in vector["expectHeaders"]} == vector["expectHeaders"]


@pytest.mark.parametrize("vector", TOKENS, ids=lambda vector: vector["id"])
def test_token_request_is_made_as_the_vendor_does(vector: dict[str, Any]) -> None:
    given, expected = vector["input"], vector["expectRequest"]
    login = login_of(at(given["timestamp"]), given["appKey"], given["appSecret"])
    old = Token(Secret(given["accessToken"])) if "accessToken" in given else None
    request = login.token_request(old)
    assert (request.method, request.url.path) == (expected["method"], expected["path"])
    assert json.loads(request.content) == expected["body"]
    assert not [name for name in request.headers if name.startswith("apim-")]


def test_all_vectors_of_the_file_were_used() -> None:
    assert (len(SIGNING), len(TOKENS)) == (6, 2)


# Signing


async def test_trap_01_the_bytes_that_are_sent_are_the_bytes_that_are_signed() -> None:
    gateway = Gateway()
    session = session_of(gateway)
    body = '{ "b":1, "a":"\\u00e9é" }\n'.encode()
    await session.send("POST", "x", query={"orgId": "o1"}, content=body)
    sent = session.sent[-1]
    signed = b"T1orgIdo1" + body + sent.headers["apim-timestamp"].encode() + b"very-secret"
    assert sent.content == body
    assert sent.headers["apim-signature"] == hashlib.sha256(signed).hexdigest()


async def test_trap_02_values_are_signed_decoded_and_names_sorted_by_code_point() -> None:
    session = session_of(Gateway())
    await session.send("GET", "x", query={"orgId": "o1", "b": "ä +&=", "B": "", "_x": "1"})
    sent = session.sent[-1]
    signed = f"T1B_x1bä +&=orgIdo1{sent.headers['apim-timestamp']}very-secret".encode()
    assert sent.headers["apim-signature"] == hashlib.sha256(signed).hexdigest()


def test_a_repeated_name_is_signed_once_with_its_first_value() -> None:
    request = httpx.Request("GET", f"{GATEWAY}/x?a=1&a=2")
    login_of(FakeClock()).sign(request, Token(Secret("T")))
    signed = f"Ta1{request.headers['apim-timestamp']}very-secret".encode()
    assert request.headers["apim-signature"] == hashlib.sha256(signed).hexdigest()


def test_trap_03_the_time_is_in_milliseconds_and_read_once() -> None:
    class Ticking(FakeClock):
        def now(self) -> datetime:
            self.elapsed += 1
            return super().now()

    clock = Ticking()
    request = httpx.Request("GET", f"{GATEWAY}/x")
    login_of(clock).sign(request, Token(Secret("T")))
    stamp = request.headers["apim-timestamp"]
    assert stamp == str(milliseconds(START) + 1000)
    assert request.headers["apim-signature"] == hashlib.sha256(f"T{stamp}very-secret".encode()).hexdigest()


def test_milliseconds_do_not_lose_one_to_a_float() -> None:
    moment = datetime(2023, 11, 14, 22, 13, 20, 57_000, tzinfo=UTC)
    assert milliseconds(moment) == 1_700_000_000_057


# The token service


async def test_trap_04_a_used_encryption_is_asked_again_with_a_later_time() -> None:
    gateway = Gateway()
    gateway.token_answers = [refused(1001), refused(1001)]
    reply = await session_of(gateway).send("GET", STATUS)
    stamps = [body["timestamp"] for body in gateway.bodies]
    assert reply.status == 200
    assert stamps == [stamps[0], stamps[0] + 1, stamps[0] + 2]
    assert [body["encryption"] for body in gateway.bodies] == [
        encryption("key", stamp, Secret("very-secret")) for stamp in stamps
    ]


async def test_trap_04_many_requests_at_once_share_one_token_call() -> None:
    gateway = Gateway()
    session = session_of(gateway)
    await asyncio.gather(*(session.send("GET", STATUS) for _ in range(8)))
    assert gateway.calls == ["get"] + ["GET"] * 8


async def test_a_used_encryption_for_ever_is_no_endless_loop() -> None:
    gateway = Gateway()
    gateway.token_answers = [refused(1001) for _ in range(9)]
    with pytest.raises(AskError) as caught:
        await session_of(gateway).send("GET", STATUS)
    assert caught.value.kind is ProblemKind.UNREACHABLE
    assert len(gateway.calls) == 3


async def test_trap_05_only_refresh_renews_early_and_the_deadline_comes_from_each_reply() -> None:
    gateway, clock = Gateway(expire=600), FakeClock()
    session = session_of(gateway, clock)
    await session.send("GET", STATUS)
    clock.jump(539)
    await session.send("GET", STATUS)
    assert gateway.calls == ["get", "GET", "GET"]
    clock.jump(2)
    await session.send("GET", STATUS)
    assert gateway.calls == ["get", "GET", "GET", "refresh", "GET"]
    assert gateway.bodies[-1]["accessToken"] == "T1"
    assert session.sent[-1].headers["apim-accesstoken"] == "T2"


@pytest.mark.parametrize("code", [1202, 1203, 1204])
async def test_a_refresh_that_came_too_late_is_followed_by_get(code: int) -> None:
    gateway, clock = Gateway(expire=600), FakeClock()
    session = session_of(gateway, clock)
    await session.send("GET", STATUS)
    clock.jump(601)
    gateway.token_answers = [refused(code)]
    await session.send("GET", STATUS)
    assert gateway.calls == ["get", "GET", "refresh", "get", "GET"]


@pytest.mark.parametrize("expire", [None, "7200", "soon", -5])
async def test_a_lifetime_in_any_shape_is_taken(expire: object) -> None:
    gateway = Gateway(expire=expire)
    assert (await session_of(gateway).send("GET", STATUS)).status == 200
    assert gateway.calls == ["get", "GET"]


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (refused(1002), ProblemKind.AUTH, "access_key is unknown"),
        (refused(1003, "bad \x1b[31msign"), ProblemKind.AUTH, "secret_key does not fit"),
        (refused(1004), ProblemKind.BAD_REPLY, "1004: no"),
        (refused(1005), ProblemKind.UNREACHABLE, "internal error"),
        (httpx.Response(200, json={"code": 0, "data": {}}), ProblemKind.BAD_REPLY, "no status"),  # trap 8
        (httpx.Response(200, json={"stauts": 0, "data": {}}), ProblemKind.BAD_REPLY, "no status"),
        (httpx.Response(200, json={"status": 0, "data": None}), ProblemKind.BAD_REPLY, "not a JSON object"),
        (httpx.Response(200, json={"status": 0, "data": {"accessToken": "a\nb"}}), ProblemKind.BAD_REPLY, "no usable"),
        (httpx.Response(200, html="<html>"), ProblemKind.BAD_REPLY, "text/html"),
        (httpx.Response(401, json={"message": "Invalid"}), ProblemKind.AUTH, "Invalid"),
        (httpx.Response(403, json={"message": "Your IP address is not allowed"}), ProblemKind.FORBIDDEN, "Your IP"),
        (httpx.Response(404, json={"message": "no Route"}), ProblemKind.BAD_REPLY, "nothing there (404): no Route"),
        (httpx.Response(429, headers={"retry-after": "7"}), ProblemKind.RATE_LIMITED, "fewer requests"),
        (httpx.Response(503, json={"message": "Service unavailable"}), ProblemKind.UNREACHABLE, "Service unavailable"),
    ],
)
async def test_what_the_token_service_refuses_is_told(answer: httpx.Response, kind: ProblemKind, words: str) -> None:
    gateway = Gateway()
    gateway.token_answers = [answer]
    with pytest.raises(AskError, match=words.replace("(", r"\(").replace(")", r"\)")) as caught:
        await session_of(gateway).send("GET", STATUS)
    assert caught.value.kind is kind
    assert "\x1b" not in caught.value.message


async def test_a_refused_secret_is_never_sent_again() -> None:
    gateway = Gateway()
    gateway.token_answers = [refused(1003)]
    session = session_of(gateway)
    for _ in range(3):
        with pytest.raises(AskError):
            await session.send("GET", STATUS)
    assert gateway.calls == ["get"]


def test_a_missing_secret_is_told_with_the_command_that_stores_it() -> None:
    with pytest.raises(CredentialsError, match="secret_key") as caught:
        VENDOR.login(CONNECTION, secrets_of("windfarm"), FakeClock())
    assert caught.value.hint == "run: jobdeck secret set windfarm secret_key"


def test_trap_13_no_secret_is_in_a_repr() -> None:
    login = login_of(FakeClock())
    request = login.token_request(None)
    assert "very-secret" not in f"{login!r}{vars(login)!r}{request!r}{request.content!r}"


# A dead token


def envelope(body: dict[str, object], status: int = 200, kind: str = "application/json;charset=UTF-8") -> Answer:
    return lambda request: httpx.Response(status, content=json.dumps(body).encode(), headers={"content-type": kind})


DEAD = {
    "401": lambda request: httpx.Response(401, json={"message": "Invalid authentication credentials"}),
    "401 html": lambda request: httpx.Response(401, html="<html>no</html>"),
    "status 1202": envelope({"status": 1202}),
    "status 1203": envelope({"status": "1203", "msg": "accessToken expired"}),
    "code 1202": envelope({"code": "1202"}),
    "code 1203": envelope({"code": 1203}),
    "code 1203 under 400": envelope({"code": 1203}, 400),
    "apim 4011": envelope({"apim_status": 4011, "apim_refreshtoken": "x"}),
    "apim 4012": envelope({"apim_status": "4012"}),
    "text/json": envelope({"apim_status": 4012}, kind="text/json"),
    "zipped": lambda request: httpx.Response(
        200,
        content=gzip.compress(b'{"code":1203}'),
        headers={"content-type": "application/json", "content-encoding": "gzip"},
    ),
}


@pytest.mark.parametrize("style", DEAD)
async def test_trap_06_a_dead_token_is_dropped_and_the_request_sent_once_more(style: str) -> None:
    gateway = Gateway()
    session = session_of(gateway)
    await session.send("GET", STATUS)
    gateway.killed, gateway.dead_answer = {"T1"}, DEAD[style]
    reply = await session.send("DELETE", STATUS)
    assert reply.json() == OK
    assert gateway.calls == ["get", "GET", "DELETE", "get", "DELETE"]


@pytest.mark.parametrize("style", DEAD)
async def test_trap_06_a_token_that_stays_dead_ends_as_refused_credentials(style: str) -> None:
    gateway = Gateway()
    gateway.killed, gateway.dead_answer = {"T1", "T2", "T3"}, DEAD[style]
    session = session_of(gateway)
    with pytest.raises(AskError) as caught:
        await VENDOR.probe(session)
    assert caught.value.kind is ProblemKind.AUTH
    assert gateway.calls == ["get", "GET", "get", "GET"]


async def test_requests_that_find_the_token_dead_together_share_one_renewal() -> None:
    gateway = Gateway()
    session = session_of(gateway)
    await session.send("GET", STATUS)
    gateway.killed = {"T1"}
    replies = await asyncio.gather(*(session.send("GET", STATUS) for _ in range(5)))
    assert {reply.status for reply in replies} == {200}
    assert gateway.calls.count("get") == 2


# Results are streamed, never read to find out


class Pieces(httpx.AsyncByteStream):
    """A body that can be read once, as from a socket, and tells how far it was."""

    def __init__(self, *pieces: bytes) -> None:
        self.left = list(pieces)
        self.taken = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.left:
            self.taken += 1
            yield self.left.pop(0)

    async def aclose(self) -> None:
        self.closed = True


def client_of(gateway: Answer) -> httpx.AsyncClient:
    login = VENDOR.login(CONNECTION, SECRETS, FakeClock())
    return httpx.AsyncClient(transport=httpx.MockTransport(gateway), auth=login)


DATA = f"{GATEWAY}/data-federation/v2.0/channels/read/ch-1/download/t1/data?orgId=o1"


async def test_a_binary_body_is_not_read_by_the_login() -> None:
    gateway, body = Gateway(), Pieces(b'{"code":1203}', b"rest")
    gateway.answer = lambda request: httpx.Response(200, headers={"content-type": "application/zip"}, stream=body)
    async with client_of(gateway) as client, client.stream("GET", DATA) as response:
        taken_before = body.taken
        content = b"".join([piece async for piece in response.aiter_raw()])
    assert (taken_before, content) == (0, b'{"code":1203}rest')
    assert gateway.calls == ["get", "GET"]


async def test_a_long_json_result_is_looked_at_only_at_its_start_and_arrives_whole() -> None:
    pieces = [b"[" + b"1," * 20_000] + [b"1," * 20_000] * 50 + [b"1]"]
    gateway, body = Gateway(), Pieces(*pieces)
    gateway.answer = lambda request: httpx.Response(200, headers={"content-type": "application/json"}, stream=body)
    async with client_of(gateway) as client, client.stream("GET", DATA) as response:
        taken_before = body.taken
        content = b"".join([piece async for piece in response.aiter_raw()])
    assert taken_before == 2
    assert content == b"".join(pieces)
    assert body.closed


async def test_trap_07_an_error_envelope_in_place_of_the_file_is_an_error() -> None:
    gateway = Gateway()
    gateway.answer = envelope({"code": 81404, "msg": "not found", "data": None})
    async with client_of(gateway) as client:
        with pytest.raises(AskError) as caught:
            await client.get(DATA)
    assert caught.value.kind is ProblemKind.GONE
    assert caught.value.message == "the vendor does not have the file (any more) (81404: not found)"
    assert caught.value.hint == "refresh the job; if its file has expired, start the task again"


async def test_a_small_json_result_is_a_file_like_any_other() -> None:
    gateway = Gateway()
    gateway.answer = envelope({"code": 7, "rows": [1, 2]})
    async with client_of(gateway) as client:
        assert (await client.get(DATA)).json() == {"code": 7, "rows": [1, 2]}


async def test_a_body_that_lies_about_its_coding_is_left_to_the_reader() -> None:
    gateway = Gateway()
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    gateway.answer = lambda request: httpx.Response(200, headers=headers, stream=Pieces(b"no gzip"))
    async with client_of(gateway) as client, client.stream("GET", DATA) as response:
        assert [piece async for piece in response.aiter_raw()] == [b"no gzip"]


async def test_a_token_services_answer_without_an_end_is_given_up() -> None:
    gateway, endless = Gateway(), Pieces(*[b" " * 10_000] * 500)
    gateway.token_answers = [httpx.Response(200, stream=endless)]
    async with client_of(gateway) as client:
        with pytest.raises(AskError, match="longer than 65536 bytes") as caught:
            await client.get(DATA)
    assert caught.value.kind is ProblemKind.BAD_REPLY
    assert (endless.taken, endless.closed) == (7, True)


async def test_a_token_services_answer_that_drips_is_given_up() -> None:
    """All jobs of the connection wait for it."""
    clock = FakeClock()
    drips = Chunks((b" " for _ in range(100)), between=lambda: clock.jump(20))
    gateway = Gateway()
    gateway.token_answers = [httpx.Response(200, stream=drips)]
    login = VENDOR.login(CONNECTION, SECRETS, clock)
    async with httpx.AsyncClient(transport=httpx.MockTransport(gateway), auth=login) as client:
        with pytest.raises(AskError, match="had no end after 60 s") as caught:
            await client.get(DATA)
        assert (await client.get(DATA)).status_code == 200
    assert (caught.value.kind, drips.closed) == (ProblemKind.UNREACHABLE, True)
