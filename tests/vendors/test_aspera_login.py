"""Aspera: the four ways to sign in, and that no credential stays in a URL (dossier section 2, traps 1 and 2)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable

import httpx
import pytest

from tests.clock import FakeClock
from tests.vendors.fakes import FakeSession, secrets_of
from tui.errors import AskError, ConfigError, CredentialsError, JobdeckError
from tui.model import Connection, ProblemKind, Reference
from tui.redact import redact
from tui.vendors.aspera import VENDOR

BASE = "https://orchestrator.example/aspera/orchestrator"
ORDER = {"work_order": {"id": 7100, "name": "Ingest 07", "status": "In Progress", "work_steps": []}}
PASSWORD = "p&ss=w+rd ö"

Answer = Callable[[httpx.Request], httpx.Response]


def session_of(auth: str, answer: Answer, base: str = BASE, name: str = "ops", **options: str) -> FakeSession:
    connection = Connection("orc", "aspera", base, {"auth": auth, "username": name, **options})
    return FakeSession(VENDOR, connection, secrets_of("orc", password=PASSWORD, api_key="k3y-k3y"), answer)


def fine(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=ORDER)


class TokenServer:
    """Hands out T1, T2, …; takes only the newest, and none at all when `deaf`."""

    def __init__(self, *, deaf: bool = False) -> None:
        self.issued = 0
        self.deaf = deaf
        self.calls: list[str] = []
        self.logins: list[object] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request.url.path.rpartition("/api/")[2])
        if request.url.path.endswith("/api/login"):
            assert (request.method, request.headers["accept"]) == ("POST", "application/json")
            self.logins.append(json.loads(request.content))
            self.issued += 1
            return httpx.Response(200, json={"token": f"T{self.issued}"})
        if self.deaf or request.headers.get("authorization") != f"Bearer T{self.issued}":
            return httpx.Response(401, html="<html>401</html>")
        return fine(request)


async def test_basic_is_the_default() -> None:
    for auth in ("basic", ""):
        session = session_of(auth, fine)
        await VENDOR.ask(session, Reference("7100"))
        expected = "Basic " + base64.b64encode(f"ops:{PASSWORD}".encode()).decode()
        assert session.sent[0].headers["authorization"] == expected


async def test_a_token_is_asked_for_once() -> None:
    server = TokenServer()
    session = session_of("token", server)
    for _ in range(2):
        await VENDOR.ask(session, Reference("7100"))
    assert server.calls == ["login", "work_order_status/7100", "work_order_status/7100"]
    assert server.logins == [{"username": "ops", "password": PASSWORD}]


async def test_without_a_password_the_api_key_gets_the_token() -> None:
    server = TokenServer()
    connection = Connection("orc", "aspera", BASE + "/", {"auth": "token"})
    session = FakeSession(VENDOR, connection, secrets_of("orc", api_key="k3y-k3y"), server)
    await VENDOR.ask(session, Reference("7100"))
    assert server.logins == [{"apikey": "k3y-k3y"}]
    assert session.sent[0].url.path == "/aspera/orchestrator/api/login"


async def test_a_refused_token_is_renewed_and_the_read_replayed_once() -> None:
    server = TokenServer()
    session = session_of("token", server)
    await VENDOR.ask(session, Reference("7100"))
    server.issued = 7
    await VENDOR.ask(session, Reference("7100"))
    assert server.calls[2:] == ["work_order_status/7100", "login", "work_order_status/7100"]


async def test_a_token_that_stays_refused_ends_as_refused_credentials() -> None:
    server = TokenServer(deaf=True)
    with pytest.raises(AskError) as caught:
        await VENDOR.ask(session_of("token", server), Reference("7100"))
    assert caught.value.kind is ProblemKind.AUTH
    assert server.calls == ["login", "work_order_status/7100"] * 2


async def test_trap_1_a_cancel_is_not_replayed_after_a_refused_token() -> None:
    server = TokenServer()

    def dying(request: httpx.Request) -> httpx.Response:
        if "work_order_cancel" in request.url.path:
            server.calls.append("cancel")
            return httpx.Response(401)
        return server(request)

    with pytest.raises(AskError):
        await VENDOR.cancel(session_of("token", dying), Reference("7100"))
    assert server.calls == ["login", "work_order_status/7100", "cancel"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(401, json={"error": "Invalid credentials"}), ProblemKind.AUTH),
        (httpx.Response(200, json={"error": "Invalid credentials"}), ProblemKind.AUTH),
        (httpx.Response(400, text="bad\nstack"), ProblemKind.AUTH),
        (httpx.Response(404, text="not found"), ProblemKind.BAD_REPLY),
        (httpx.Response(200, html="<html>login</html>"), ProblemKind.BAD_REPLY),
        (httpx.Response(200, text="<a/>"), ProblemKind.BAD_REPLY),
        (httpx.Response(200, json={"token": "a b"}), ProblemKind.BAD_REPLY),
        (httpx.Response(200, json=[]), ProblemKind.BAD_REPLY),
        (httpx.Response(302, headers={"location": "/login"}), ProblemKind.BAD_REPLY),
        (httpx.Response(503), ProblemKind.UNREACHABLE),
    ],
)
async def test_what_the_token_login_refuses_is_told(answer: httpx.Response, kind: ProblemKind) -> None:
    with pytest.raises(AskError) as caught:
        await VENDOR.ask(session_of("token", lambda request: answer), Reference("7100"))
    assert caught.value.kind is kind


@pytest.mark.parametrize(
    ("auth", "key_name", "added"),
    [
        ("query", "api_key", "login=ops&password=p%26ss%3Dw%2Brd%20%C3%B6"),
        ("api-key", "api_key", "login=ops&api_key=k3y-k3y"),
        ("api-key", "apikey", "apikey=k3y-k3y"),
    ],
)
async def test_query_credentials_stand_at_the_end_of_the_query(auth: str, key_name: str, added: str) -> None:
    seen: list[str] = []

    def look(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.query.decode())
        return httpx.Response(200, json={"work_step": {"status": "In Progress"}})

    session = session_of(auth, look, api_key_name=key_name)
    await VENDOR.ask(session, Reference("7100/a+b c"))
    assert seen == [f"work_order_id=7100&step_name=a%2Bb+c&format=json&{added}"]
    assert "authorization" not in session.sent[0].headers


@pytest.mark.parametrize("auth", ["query", "api-key"])
async def test_trap_2_credentials_leave_the_url_with_the_answer(auth: str) -> None:
    connection = Connection("orc", "aspera", BASE, {"auth": auth, "username": "ops"})
    login = VENDOR.login(connection, secrets_of("orc", password=PASSWORD, api_key="k3y-k3y"), FakeClock())
    url = f"{BASE}/api/work_order_status/7100"

    def fail(request: httpx.Request) -> httpx.Response:
        assert b"login=ops" in request.url.query
        raise httpx.ConnectError("no", request=request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(fine), auth=login) as client:
        response = await client.get(url)
    assert (str(response.url), str(response.request.url)) == (url, url)
    async with httpx.AsyncClient(transport=httpx.MockTransport(fail), auth=login) as client:
        with pytest.raises(httpx.ConnectError) as caught:
            await client.get(url)
    assert str(caught.value.request.url) == url


async def test_trap_2_what_travels_in_the_url_is_masked_wherever_it_is_met() -> None:
    session_of("query", fine, name="operator")
    assert redact("GET failed: p%26ss%3Dw%2Brd%20%C3%B6") == "GET failed: ***"
    assert redact("the operator") == "the operator"


@pytest.mark.parametrize("auth", ["basic", "query", "api-key"])
async def test_refused_credentials_are_not_sent_again(auth: str) -> None:
    session = session_of(auth, lambda request: httpx.Response(401, html="<html>401</html>"))
    for _ in range(3):
        with pytest.raises(AskError) as caught:
            await VENDOR.ask(session, Reference("7100"))
        assert caught.value.kind is ProblemKind.AUTH
    assert len(session.sent) == 1


@pytest.mark.parametrize(
    ("options", "found", "kind", "words"),
    [
        ({"auth": "basic", "username": "ops"}, {}, CredentialsError, "password is missing"),
        ({"auth": "query", "username": "ops"}, {"api_key": "k"}, CredentialsError, "password is missing"),
        ({"auth": "token", "username": "ops"}, {}, CredentialsError, "password is missing"),
        ({"auth": "api-key", "username": "ops"}, {"password": "p"}, CredentialsError, "api_key is missing"),
        ({"auth": "basic"}, {"password": "p"}, ConfigError, "username is missing"),
        ({"auth": "api-key"}, {"api_key": "k"}, ConfigError, "username is missing"),
        ({"auth": "token"}, {"password": "p"}, ConfigError, "username is missing"),
    ],
)
def test_what_is_missing_is_told(
    options: dict[str, str], found: dict[str, str], kind: type[JobdeckError], words: str
) -> None:
    with pytest.raises(kind, match=re.escape(words)):
        VENDOR.login(Connection("orc", "aspera", BASE, options), secrets_of("orc", **found), FakeClock())


@pytest.mark.parametrize("auth", ["basic", "token", "query", "api-key"])
def test_no_secret_is_in_a_repr(auth: str) -> None:
    connection = Connection("orc", "aspera", BASE, {"auth": auth, "username": "ops"})
    login = VENDOR.login(connection, secrets_of("orc", password=PASSWORD, api_key="k3y-k3y"), FakeClock())
    text = f"{login!r} {vars(login)!r}"
    assert PASSWORD not in text
    assert "k3y-k3y" not in text
    assert base64.b64encode(f"ops:{PASSWORD}".encode()).decode() not in text
