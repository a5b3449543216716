"""JAGGAER: processes started from here, exactly once (dossier section 2)."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from tests.clock import START, FakeClock
from tests.vendors.fakes import FakeSession, secrets_of
from tui.errors import AskError, UsageError
from tui.model import Connection, ProblemKind, Reference
from tui.vendors.contract import Order, Submits
from tui.vendors.jaggaer import VENDOR

BASE = "https://ees.example"
CALL = f"{BASE}/event/17/apiBids/async"
STATUS = f"{BASE}/asyncStatus/p%3D1"
HOUR = START + timedelta(hours=1)

Answer = httpx.Response | Exception


def session_of(answer: Answer) -> FakeSession:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "tok"})
        if isinstance(answer, Exception):
            raise answer
        return answer

    connection = Connection("sourcing", "jaggaer", BASE, {"token_url": f"{BASE}/token", "client_id": "c"})
    found = secrets_of("sourcing", client_secret="s3cret", api_key="key40")
    return FakeSession(VENDOR, connection, found, handle)


async def submit(answer: Answer, place: str = CALL, body: str = "") -> tuple[Reference | AskError, list[httpx.Request]]:
    session = session_of(answer)
    try:
        done: Reference | AskError = await VENDOR.submit(session, Order(body, place))
    except AskError as error:
        done = error
    return done, [request for request in session.sent if request.url.path != "/token"]


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(202, json={"asyncStatusUrl": STATUS, "expiresInSeconds": 3600}),
        httpx.Response(200, json={"data": {"link": STATUS}, "expiresInSeconds": "3600"}),
        httpx.Response(202, json={"encodedAsyncPid": "p=1", "expiresInSeconds": 3600}),
        httpx.Response(202, json={"encodedAsyncPid": "p=1", "self": STATUS, "expiresInSeconds": 3600}),
        httpx.Response(202, json={"expiresInSeconds": 3600}, headers={"location": "/asyncStatus/p%3D1"}),
    ],
)
async def test_the_reply_names_the_process_and_the_end_of_its_life(answer: httpx.Response) -> None:
    done, sent = await submit(answer)
    assert done == Reference("p%3D1", url=STATUS, expires_at=HOUR)
    assert len(sent) == 1


async def test_a_location_without_a_body_names_the_process_too() -> None:
    done, _ = await submit(httpx.Response(202, headers={"location": STATUS}))
    assert done == Reference("p%3D1", url=STATUS)


@pytest.mark.parametrize(
    ("place", "body", "call"),
    [
        (CALL, "", "GET /event/17/apiBids/async"),
        ("/event/17/apiBids/async", " ", "GET /event/17/apiBids/async"),
        (f"post {CALL}", "", "POST /event/17/apiBids/async"),
        (f"{CALL}?x=a%2Fb", '{"a": 1}', "POST /event/17/apiBids/async?x=a%2Fb"),
    ],
)
async def test_a_body_makes_it_a_post(place: str, body: str, call: str) -> None:
    assert isinstance(VENDOR, Submits)
    VENDOR.read_order(Order(body, place))
    _, (request,) = await submit(httpx.Response(202, json={"u": STATUS}), place, body)
    assert f"{request.method} {request.url.raw_path.decode()}" == call
    assert request.content == body.strip().encode()
    assert request.headers["accept"] == "application/vnd.sciquest.com.ees+json"
    assert request.headers.get("content-type") == ("application/json" if body.strip() else None)
    assert (request.headers["authorization"], request.headers["x-api-key"]) == ("Bearer tok", "key40")


@pytest.mark.parametrize(
    ("place", "body", "said"),
    [
        (None, "{}", "by the URL of an /async call"),
        (f"{BASE}/event/17/apiBids", "", "must end with /async"),
        (STATUS, "", "must end with /async"),
        ("file:///etc/async", "", "must end with /async"),
        (f"DELETE {CALL}", "", "'DELETE' is no way"),
        (f"GET {CALL}", "{}", "a GET carries no body"),
        (CALL, "{", "is not JSON"),
        ("http://[::1/async", "", "must end with /async"),
    ],
)
def test_a_wrong_order_is_told_before_anything_is_sent(place: str | None, body: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        VENDOR.read_order(Order(body, place))
    assert caught.value.hint


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(401, json={"message": "no"}), ProblemKind.AUTH),
        (httpx.Response(403, json={"message": "no"}), ProblemKind.FORBIDDEN),
        (httpx.Response(404), ProblemKind.GONE),
        (httpx.Response(406), ProblemKind.BAD_REPLY),
        (httpx.Response(429), ProblemKind.RATE_LIMITED),
        (httpx.Response(302, headers={"location": "/login"}), ProblemKind.BAD_REPLY),
        # From here on nobody knows whether the process was started.
        (httpx.Response(503), ProblemKind.UNREACHABLE),
        (httpx.Response(200, html="<html>login</html>"), ProblemKind.UNREACHABLE),
        (httpx.Response(202), ProblemKind.UNREACHABLE),
        (httpx.Response(202, json={"u": "https://ches.example/asyncStatus/p"}), ProblemKind.UNREACHABLE),
        (httpx.Response(202, json={"a": STATUS, "b": f"{BASE}/asyncStatus/q"}), ProblemKind.UNREACHABLE),
        (httpx.Response(202, text="[" * 5_000), ProblemKind.UNREACHABLE),
        (httpx.Response(202, headers={"location": "http://[/asyncStatus/x"}), ProblemKind.UNREACHABLE),
        (httpx.ReadTimeout("late"), ProblemKind.UNREACHABLE),
    ],
)
async def test_a_start_is_sent_exactly_once_whatever_the_answer(answer: Answer, kind: ProblemKind) -> None:
    done, sent = await submit(answer)
    assert isinstance(done, AskError)
    assert (done.kind, len(sent)) == (kind, 1)
    assert done.hint or isinstance(answer, Exception)


async def test_a_dead_token_is_forgotten_so_that_the_next_try_has_a_new_one() -> None:
    clock, tokens = FakeClock(), iter(("old", "new"))

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": next(tokens)})
        if request.headers["authorization"] == "Bearer old":
            return httpx.Response(401)
        return httpx.Response(202, json={"u": STATUS})

    connection = Connection("sourcing", "jaggaer", BASE, {"token_url": f"{BASE}/token", "client_id": "c"})
    found = secrets_of("sourcing", client_secret="s3cret", api_key="key40")
    session = FakeSession(VENDOR, connection, found, handle, clock)
    with pytest.raises(AskError, match="401"):
        await VENDOR.submit(session, Order("", CALL))
    assert (await VENDOR.submit(session, Order("", CALL))).id == "p%3D1"
    assert [request.url.path for request in session.sent] == ["/token", "/event/17/apiBids/async"] * 2


async def test_the_login_goes_to_no_other_host() -> None:
    done, sent = await submit(httpx.Response(202), "https://evil.example/x/async")
    assert isinstance(done, AskError)
    assert sent == []
