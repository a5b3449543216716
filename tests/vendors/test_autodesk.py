"""Autodesk through a session: login, asking, reports, downloads, cancel (autodesk dossier, sections 2 to 4)."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import parse_qs

import httpx
import pytest

from tests.clock import FakeClock
from tests.vendors.fakes import FakeSession, Handler, secrets_of
from tui.errors import AskError, CredentialsError
from tui.model import Connection, JobState, Output, ProblemKind, Reference, Snapshot
from tui.vendors.autodesk import VENDOR
from tui.vendors.autodesk.login import AutodeskLogin
from tui.vendors.contract import (
    AsksMany,
    Browses,
    Cancels,
    Discovers,
    ExplainsWaits,
    Lags,
    Limited,
    NamesOutputs,
    Reports,
    Submits,
    Vendor,
)

ID = "0f3c9a1b2d4e4f60a1b2c3d4e5f60718"
REF = Reference(ID, outputs=("acme-results/a dir/r.zip",))
BASE = "https://developer.api.autodesk.com"
APS = Connection("aps-prod", "autodesk", BASE, {"client_id": "cid", "region": "us-east"})
SECRETS = secrets_of("aps-prod", client_secret="s3cret!")
ITEMS = "/da/us-east/v3/workitems"


def aps(
    answer: Handler, clock: FakeClock | None = None, token: Callable[[], httpx.Response] | None = None
) -> FakeSession:
    tokens = iter(range(1, 100))

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/authentication/v2/token":
            return answer(request)
        if token is not None:
            return token()
        return httpx.Response(
            200, json={"access_token": f"tok{next(tokens)}", "token_type": "Bearer", "expires_in": 3599}
        )

    return FakeSession(VENDOR, APS, SECRETS, handle, clock)


def answer_with(
    status: int = 200, *, json: object = None, text: str | None = None, headers: dict[str, str] | None = None
) -> Handler:
    return lambda _: httpx.Response(status, json=json, text=text, headers=headers)


def paths(session: FakeSession) -> list[str]:
    return [request.url.raw_path.decode() for request in session.sent]


async def refused(wish: Awaitable[object]) -> AskError:
    with pytest.raises(AskError) as caught:
        await wish
    return caught.value


def test_it_says_what_it_can_do() -> None:
    vendor: Vendor = VENDOR
    assert vendor.name == "autodesk"
    for ability in (
        *(AsksMany, Browses, Cancels, Discovers, ExplainsWaits, Lags, Limited, NamesOutputs, Reports, Submits),
    ):
        assert isinstance(VENDOR, ability)
    assert VENDOR.most_at_once == 50


def test_a_missing_secret_names_the_command() -> None:
    with pytest.raises(CredentialsError) as caught:
        VENDOR.login(APS, secrets_of("aps-prod"), FakeClock())
    assert caught.value.hint == "run: jobdeck secret set aps-prod client_secret"


async def test_trap_25_the_secret_goes_into_the_header_and_nowhere_else() -> None:
    session = aps(answer_with(json={"status": "pending", "id": ID}))
    assert (await VENDOR.ask(session, REF)).state is JobState.WAITING
    token, question = session.sent
    assert token.method == "POST"
    assert token.headers["Authorization"] == "Basic " + base64.b64encode(b"cid:s3cret!").decode()
    assert parse_qs(token.content.decode()) == {"grant_type": ["client_credentials"], "scope": ["code:all data:read"]}
    assert question.url == f"{BASE}{ITEMS}/{ID}"
    assert question.headers["Authorization"] == "Bearer tok1"  # one blank


async def test_an_app_with_other_rights_is_asked_for_other_scopes() -> None:
    wide = replace(APS, options={**APS.options, "scopes": "code:all  data:read bucket:read"})
    login = VENDOR.login(wide, SECRETS, FakeClock())
    assert isinstance(login, AutodeskLogin)
    asked = parse_qs(login.token_request(None).content.decode())
    assert asked["scope"] == ["code:all data:read bucket:read"]


async def test_trap_24_a_token_is_renewed_early_and_once_when_refused() -> None:
    clock = FakeClock()
    refuse: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        token = request.headers["Authorization"]
        return (
            httpx.Response(401, json={"errorCode": "AUTH-006", "developerMessage": "expired"})
            if token in refuse
            else (httpx.Response(200, json={"status": "inprogress", "id": ID}))
        )

    session = aps(answer, clock)
    await VENDOR.ask(session, REF)
    clock.jump(3600)
    await VENDOR.ask(session, REF)
    refuse.append("Bearer tok2")
    assert (await VENDOR.ask(session, REF)).state is JobState.RUNNING
    refuse.extend(f"Bearer tok{number}" for number in range(3, 9))
    before = len(session.sent)
    error = await refused(VENDOR.ask(session, REF))
    assert error.kind is ProblemKind.AUTH
    assert "AUTH-006" in error.message
    assert len(session.sent) - before == 3  # question, one new token, question: no loop


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_refused_secret_is_not_sent_again(status: int) -> None:
    session = aps(
        answer_with(), token=answer_token(status, {"error": "invalid_client", "error_description": "no match"})
    )
    error = await refused(VENDOR.ask(session, REF))
    assert error.kind is ProblemKind.AUTH
    assert "no match" in error.message
    assert (await refused(VENDOR.ask(session, REF))).kind is ProblemKind.AUTH
    assert len(session.sent) == 1


def answer_token(status: int, body: object) -> Callable[[], httpx.Response]:
    return lambda: httpx.Response(status, json=body, headers={"Retry-After": "7"})


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, {}, ProblemKind.BAD_REPLY),  # a missing token service says nothing of the job: never GONE
        (429, {}, ProblemKind.RATE_LIMITED),
        (500, {}, ProblemKind.UNREACHABLE),
        (200, {}, ProblemKind.BAD_REPLY),
        (200, [], ProblemKind.BAD_REPLY),
        (200, {"access_token": "é"}, ProblemKind.BAD_REPLY),
        (200, {"access_token": "a\r\nX-Evil: 1"}, ProblemKind.BAD_REPLY),
        (200, {"access_token": 7}, ProblemKind.BAD_REPLY),
    ],
)
async def test_a_failing_token_service_is_tried_again_later(status: int, body: object, kind: ProblemKind) -> None:
    session = aps(answer_with(), token=answer_token(status, body))
    assert (await refused(VENDOR.ask(session, REF))).kind is kind
    await refused(VENDOR.ask(session, REF))
    assert len(session.sent) == 2


@pytest.mark.parametrize("life", [None, 0, -5, "soon", 10**400, 1e308])
async def test_a_token_without_a_usable_life_lives_until_refused(life: object) -> None:
    session = aps(
        answer_with(json={"status": "pending"}), token=answer_token(200, {"access_token": "t", "expires_in": life})
    )
    await VENDOR.ask(session, REF)
    await VENDOR.ask(session, REF)
    assert len(session.sent) == 3


def batch(answer: object, single: httpx.Response | None = None) -> Handler:
    """A service that knows no single WorkItem but what `single` says, and answers batches so."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(answer) if isinstance(answer, int) else httpx.Response(200, json=answer)
        return single or httpx.Response(404)

    return handle


async def test_a_workitem_that_a_lagging_batch_does_not_know_yet_is_asked_alone() -> None:
    session = aps(batch({"results": [], "errors": {ID: "Not found"}}, httpx.Response(200, json={"status": "pending"})))
    answer = (await VENDOR.ask_many(session, [REF]))[ID]
    assert isinstance(answer, Snapshot)
    assert answer.state is JobState.WAITING


async def test_trap_6_few_of_many_unknown_workitems_are_asked_alone() -> None:
    session = aps(batch({"results": []}))
    answers = await VENDOR.ask_many(session, [Reference(f"{number:032x}") for number in range(50)])
    assert len(answers) == 50
    assert len(session.sent) == 1 + 1 + 5


@pytest.mark.parametrize("status", [404, 405])
async def test_without_the_batch_call_they_are_asked_one_by_one(status: int) -> None:
    session = aps(batch(status, httpx.Response(200, json={"status": "success"})))
    answers = await VENDOR.ask_many(session, [REF, Reference("1" * 32)])
    assert [answer.state for answer in answers.values() if isinstance(answer, Snapshot)] == [JobState.SUCCEEDED] * 2


async def test_a_wrong_region_is_not_the_end_of_all_jobs() -> None:
    error = await refused(VENDOR.ask_many(aps(answer_with(404)), [REF, Reference("1" * 32)]))
    assert error.kind is ProblemKind.BAD_REPLY
    assert "region" in error.hint


async def test_trap_7_many_are_asked_by_a_bare_array() -> None:
    session = aps(batch({"results": [{"status": "success", "id": ID}], "errors": {"f" * 32: "Not found"}}))
    answers = await VENDOR.ask_many(session, [Reference("f" * 32), REF])
    _, request, *rest = session.sent
    assert [one.url.path for one in rest] == [f"{ITEMS}/{'f' * 32}"]  # a lagging batch may not know it yet
    assert (request.method, request.url.path) == ("POST", f"{ITEMS}/status")
    assert json.loads(request.content) == ["f" * 32, ID]
    assert isinstance(answers[ID], Snapshot)
    missing = answers["f" * 32]
    assert isinstance(missing, AskError)
    assert missing.kind is ProblemKind.GONE


async def test_traps_1_2_12_17_and_23_a_download_is_resolved_by_get_with_the_key_as_one_segment() -> None:
    url = "https://b.s3.example/k%2F1?X-Amz-Signature=ab%2Fc"
    session = aps(answer_with(json={"status": "complete", "url": url, "size": 3}))
    (link,) = await VENDOR.resolve(session, REF, Output("r.zip"))
    request = session.sent[-1]
    assert request.method == "GET"
    assert request.url.raw_path == (
        b"/oss/v2/buckets/acme-results/objects/a%20dir%2Fr.zip/signeds3download?minutesExpiration=60"
    )
    assert (link.url, link.signed_in, link.size) == (url, False, 3)
    assert "Signature" not in repr(link)


async def test_traps_2_and_11_the_debug_archive_is_asked_anew_and_fetched_without_a_login() -> None:
    url = "https://b.s3.example/debug.zip?n=1"
    session = aps(answer_with(json={"status": "success", "debugInfoUrl": url}))
    (link,) = await VENDOR.resolve(session, REF, Output("debug.zip"))
    assert (link.url, link.signed_in, link.is_zip, link.size) == (url, False, True, None)
    error = await refused(VENDOR.resolve(aps(answer_with(json={"status": "success"})), REF, Output("debug.zip")))
    assert error.kind is ProblemKind.GONE
    assert "adskDebug" in error.hint


async def test_an_output_that_nobody_named_cannot_be_resolved() -> None:
    error = await refused(VENDOR.resolve(aps(answer_with()), REF, Output("other.zip")))
    assert error.kind is ProblemKind.GONE
    assert "--output" in error.hint


def report_server(report: httpx.Response, signed: list[int]) -> Handler:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host != "store.example":
            signed.append(len(signed))
            return httpx.Response(
                200, json={"status": "success", "reportUrl": f"https://store.example/r?n={signed[-1]}"}
            )
        return report

    return answer


async def test_traps_2_11_and_28_the_report_is_signed_anew_fetched_bare_and_masked() -> None:
    text = "\ufeff[03/02/2026 08:15:04] Start downloading input: url - 'https://b.example/k?X-Amz-Signature=abc'\r\n"
    session = aps(report_server(httpx.Response(200, text=text), []))
    report = await VENDOR.report(session, REF)
    assert report == "[03/02/2026 08:15:04] Start downloading input: url - 'https://b.example/k?…'\r\n"
    await VENDOR.report(session, REF)
    assert [request.url.query for request in session.fetched] == [b"n=0", b"n=1"]
    assert all("Authorization" not in request.headers for request in session.fetched)


async def test_a_report_whose_link_died_is_gone() -> None:
    xml = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
    session = aps(report_server(httpx.Response(403, text=xml, headers={"content-type": "application/xml"}), []))
    error = await refused(VENDOR.report(session, REF))
    assert error.kind is ProblemKind.GONE
    assert "Request has expired" in error.message


async def test_a_running_workitem_has_no_report_yet() -> None:
    error = await refused(VENDOR.report(aps(answer_with(json={"status": "inprogress"})), REF))
    assert error.kind is ProblemKind.GONE


async def test_trap_26_cancel_is_one_delete_and_proves_nothing() -> None:
    session = aps(answer_with(204))
    await VENDOR.cancel(session, REF)
    assert session.sent[-1].method == "DELETE"
    assert paths(session)[1:] == [f"{ITEMS}/{ID}"]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (403, ProblemKind.FORBIDDEN),
        (404, ProblemKind.GONE),
        (409, ProblemKind.BAD_REPLY),
        (500, ProblemKind.UNREACHABLE),
    ],
)
async def test_a_refused_cancel_is_told_and_not_repeated(status: int, kind: ProblemKind) -> None:
    session = aps(answer_with(status))
    assert (await refused(VENDOR.cancel(session, REF))).kind is kind
    assert len(session.sent) == 2


async def test_trap_21_the_probe_sends_seconds() -> None:
    session = aps(answer_with(json={"paginationToken": None, "data": []}))
    assert "signed in" in await VENDOR.probe(session)
    assert paths(session)[-1] == f"{ITEMS}?startAfterTime={int(FakeClock().now().timestamp())}"


async def test_an_unreachable_vendor_is_not_a_failed_job() -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    assert (await refused(VENDOR.ask(aps(broken), REF))).kind is ProblemKind.UNREACHABLE


async def test_a_page_with_200_is_a_bad_reply() -> None:
    session = aps(answer_with(text="<html>sign in</html>", headers={"content-type": "text/html"}))
    error = await refused(VENDOR.ask(session, REF))
    assert error.kind is ProblemKind.BAD_REPLY
    assert "text/html" in error.message
