"""JAGGAER: status URLs, the two expiries, and the logins (jaggaer dossier, sections 1 to 5 and Traps)."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clock import START, FakeClock
from tests.vendors.fakes import FakeSession, Handler, reply, secrets_of
from tests.vendors.strategies import almost, json_values
from tui.errors import AskError, CredentialsError, UsageError
from tui.model import Connection, JobState, Output, OutputKind, ProblemKind, Reference, Stat
from tui.untrusted_json import DEEPEST
from tui.vendors.contract import Cancels, Pasted, Reports, Vendor
from tui.vendors.jaggaer import VENDOR
from tui.vendors.jaggaer.read import error_sentence, read_ref, read_result, read_status

BASE = "https://ees.example"
PID = "Zm9v%2Bbar%2F1%3D%3D"
URL = f"{BASE}/asyncStatus/{PID}"
REF = Reference(PID, url=URL)
FIXED = Connection("sourcing", "jaggaer", BASE, {"service": "ees"})
CLIENT = replace(FIXED, options={"service": "ches", "token_url": "https://auth.example/t", "client_id": "cid"})
RESULT = "https://s3.us-east-2.amazonaws.com/demo.async-results/EES_000001_9f3c?X-Amz-Expires=300&X-Amz-Signature=a%2Fb"
COMPLETED = {"status": "completed", "resultUrl": RESULT, "resultUrlExpiresInSeconds": 289}
FIXED_SECRETS = secrets_of("sourcing", access_token="tok", api_key="key40")
CLIENT_SECRETS = secrets_of("sourcing", client_secret="s3cret", api_key="key40")


def ref_of(text: str = "", *, url: str | None = None, body: object = None) -> Reference | None:
    written = body if body is None or isinstance(body, str) else json.dumps(body)
    return read_ref(Pasted(text or url or "", START, url=url, body=written), FIXED)


def fixed(answer: Handler, clock: FakeClock | None = None) -> FakeSession:
    return FakeSession(VENDOR, FIXED, FIXED_SECRETS, answer, clock)


def client(answer: Handler, clock: FakeClock | None = None) -> FakeSession:
    tokens = iter(range(1, 100))

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.host == "auth.example":
            return httpx.Response(200, json={"access_token": f"tok{next(tokens)}"})
        return answer(request)

    return FakeSession(VENDOR, CLIENT, CLIENT_SECRETS, handle, clock)


def answer_with(status: int, body: object) -> Handler:
    return lambda _: httpx.Response(status, json=body)


async def refused(wish: Awaitable[object]) -> AskError:
    with pytest.raises(AskError) as caught:
        await wish
    return caught.value


def test_it_says_what_it_can_do() -> None:
    vendor: Vendor = VENDOR
    assert vendor.name == "jaggaer"
    assert not isinstance(VENDOR, Cancels)
    assert not isinstance(VENDOR, Reports)


def test_a_status_url_is_kept_as_it_came_and_its_pid_is_the_id() -> None:
    assert ref_of(url=URL) == REF
    assert ref_of(url=f"{BASE}/ees/v1/asyncStatus/a=b+c") == Reference("a=b+c", url=f"{BASE}/ees/v1/asyncStatus/a=b+c")


@pytest.mark.parametrize("name", ["statusUrl", "location", "anything"])
def test_the_reply_of_the_start_gives_the_url_and_its_life(name: str) -> None:
    body = {name: URL, "expiresInSeconds": 3600, "docs": "https://docs.example/x"}
    assert ref_of(body=body) == replace(REF, expires_at=START + timedelta(hours=1))
    assert ref_of(body={"reply": [{name: URL}], "meta": {"expiresInSeconds": "60"}}) == replace(
        REF, expires_at=START + timedelta(minutes=1)
    )
    assert ref_of(body={name: URL}) == REF
    for_ever = ref_of(body={name: URL, "expiresInSeconds": 2**62})
    assert for_ever is not None
    assert for_ever.expires_at is not None
    assert for_ever.expires_at > START + timedelta(days=3000)


def test_a_pid_alone_is_asked_at_the_base_url() -> None:
    assert ref_of(body={"encodedAsyncPid": "Zm9v+bar/1=="}) == REF
    assert ref_of(body={"encodedAsyncPid": PID}) == REF


def test_a_pid_that_stands_alone_needs_its_connection_named() -> None:
    for any_shape, expected in ((True, Reference(PID, url=URL)), (False, None)):
        for text in (PID, f"/asyncStatus/{PID}"):
            assert read_ref(Pasted(text, START, any_shape=any_shape), FIXED) == expected


def test_a_status_url_in_a_list_is_found_too() -> None:
    assert ref_of(body={"started": [URL, 5]}) == Reference(PID, url=URL)


def test_a_reply_for_another_host_is_not_of_this_connection() -> None:
    assert ref_of(body={"u": "https://ches.example/asyncStatus/x"}) is None
    assert ref_of(body={"u": "http://ees.example/asyncStatus/x"}) is None


def test_a_reply_with_several_status_urls_is_refused() -> None:
    with pytest.raises(UsageError, match="several"):
        ref_of(body={"a": URL, "b": f"{BASE}/asyncStatus/other"})


@pytest.mark.parametrize("url", [BASE, f"{BASE}/asyncStatus/", f"{BASE}/v1/order/x", f"{BASE}/x?u=/asyncStatus/y"])
def test_other_urls_are_left_alone(url: str) -> None:
    assert ref_of(url=url) is None


@pytest.mark.parametrize(
    "text", ["0f3c9a1b2d4e4f60a1b2c3d4e5f60718", "0c5b9c1e-77aa-4f0e-9a53-3f1d2b6c8e10", "12", "a/b", "step:1", "Zm9v"]
)
def test_texts_of_other_vendors_are_left_alone(text: str) -> None:
    assert ref_of(text) is None


@pytest.mark.parametrize("body", [{}, [], {"name": "x", "done": False}, {"id": "0" * 32, "status": "pending"}, "{"])
def test_bodies_of_other_vendors_are_left_alone(body: object) -> None:
    assert ref_of(body=body) is None


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("processing", JobState.RUNNING),
        ("failed", JobState.FAILED),
        ("cancelled", JobState.CANCELLED),
        ("archived", JobState.UNKNOWN),
    ],
)
def test_each_status_has_its_state(word: str, state: JobState) -> None:
    snapshot = read_status(reply({"status": word, "new": 1}), REF)
    assert (snapshot.state, snapshot.vendor_status, snapshot.outputs) == (state, word, ())


@pytest.mark.parametrize("word", ["PENDING", "IN_PROGRESS"])
def test_trap_10_the_third_partys_words_are_not_the_vendors(word: str) -> None:
    snapshot = read_status(reply({"status": word, "downloadUrl": "https://x.example/y"}), REF)
    assert (snapshot.state, snapshot.outputs) == (JobState.UNKNOWN, ())


def test_trap_11_cancelled_is_spelt_the_british_way() -> None:
    assert read_status(reply({"status": "cancelled"}), REF).state is JobState.CANCELLED
    assert read_status(reply({"status": "canceled"}), REF).state is JobState.UNKNOWN


def test_trap_8_a_process_is_asked_twice_inside_the_life_of_its_result() -> None:
    assert FIXED.max_interval * 2 < 300


def test_trap_12_a_failure_without_a_reason_says_so() -> None:
    assert read_status(reply({"status": "failed"}), REF).notice == "JAGGAER gives no reason"


def test_a_completed_process_has_one_result_and_its_raw_text_keeps_no_signature() -> None:
    snapshot = read_status(reply(COMPLETED), REF)
    assert snapshot.state is JobState.SUCCEEDED
    dies = START + timedelta(seconds=289)
    assert snapshot.outputs == (Output("EES_000001_9f3c", expires_at=dies),)
    assert snapshot.notice == "the result link dies in 4m49s, at 08:19:49 UTC: fetch it now"
    assert snapshot.stats == (Stat("result link dies", "2026-03-02 08:19:49Z"),)
    assert "X-Amz" not in snapshot.raw


@pytest.mark.parametrize("url", [RESULT, None])
def test_trap_5_minus_one_is_succeeded_with_a_result_that_says_expired(url: str | None) -> None:
    snapshot = read_status(reply({"status": "completed", "resultUrl": url, "resultUrlExpiresInSeconds": -1}), REF)
    assert snapshot.state is JobState.SUCCEEDED
    assert snapshot.notice is not None
    assert "expired" in snapshot.notice
    (output,) = snapshot.outputs
    assert (output.kind, output.value) == (OutputKind.VALUE, "expired")
    assert output.name == ("EES_000001_9f3c" if url else f"result-{PID}")


def test_trap_7_the_result_url_is_byte_for_byte_and_not_signed_in() -> None:
    link, _ = read_result(reply(COMPLETED), REF)
    assert (link.url, link.signed_in, link.size, link.parts) == (RESULT, False, None, ())


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({**COMPLETED, "resultUrlExpiresInSeconds": -1}, ProblemKind.GONE),
        ({"status": "processing"}, ProblemKind.BAD_REPLY),
        ({"status": "completed"}, ProblemKind.BAD_REPLY),
        ({"status": "completed", "resultUrl": "file:///etc/passwd"}, ProblemKind.BAD_REPLY),
    ],
)
def test_a_result_that_cannot_be_had_says_why(body: object, kind: ProblemKind) -> None:
    with pytest.raises(AskError) as caught:
        read_result(reply(body), REF)
    assert caught.value.kind is kind


@pytest.mark.parametrize(
    ("expires_in", "kind", "words"),
    [
        (-1, ProblemKind.GONE, "time is over"),
        (0, ProblemKind.GONE, "time is over"),
        (60, ProblemKind.FORBIDDEN, "not authorised"),
        (None, ProblemKind.FORBIDDEN, "expired, or"),
    ],
)
def test_trap_3_our_own_deadline_tells_the_403s_apart(expires_in: int | None, kind: ProblemKind, words: str) -> None:
    expires_at = None if expires_in is None else START + timedelta(seconds=expires_in)
    with pytest.raises(AskError, match=words) as caught:
        read_status(reply({"message": "Forbidden"}, 403), replace(REF, expires_at=expires_at))
    assert caught.value.kind is kind
    assert "Forbidden" in caught.value.message


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, ProblemKind.AUTH),
        (404, ProblemKind.GONE),
        (406, ProblemKind.BAD_REPLY),
        (429, ProblemKind.RATE_LIMITED),
        (503, ProblemKind.UNREACHABLE),
        (302, ProblemKind.BAD_REPLY),
    ],
)
def test_trap_4_an_ask_that_goes_wrong_is_an_error_and_no_state(status: int, kind: ProblemKind) -> None:
    with pytest.raises(AskError) as caught:
        read_status(reply(b"", status), REF)
    assert caught.value.kind is kind


@pytest.mark.parametrize("body", [b"", "<html>login</html>", [], {}, {"status": None}, {"status": 1}])
def test_an_answer_without_a_status_is_a_bad_reply(body: object) -> None:
    with pytest.raises(AskError) as caught:
        read_status(reply(body), REF)
    assert caught.value.kind is ProblemKind.BAD_REPLY


async def test_trap_2_the_url_and_the_headers_are_the_right_ones() -> None:
    session = fixed(answer_with(200, {"status": "processing"}))
    assert (await VENDOR.ask(session, REF)).state is JobState.RUNNING
    (request,) = session.sent
    assert request.url.raw_path == f"/asyncStatus/{PID}".encode()
    assert request.headers["Authorization"] == "Bearer tok"
    assert request.headers["X-API-Key"] == "key40"
    assert request.headers["Accept"] == "application/vnd.sciquest.com.ees+json"


async def test_a_token_is_asked_with_client_credentials() -> None:
    session = client(answer_with(200, {"status": "processing"}))
    await VENDOR.ask(session, REF)
    token, question = session.sent
    assert str(token.url) == "https://auth.example/t"
    assert token.content == b"grant_type=client_credentials"
    assert token.headers["Authorization"] == "Basic " + base64.b64encode(b"cid:s3cret").decode()
    assert question.headers["Authorization"] == "Bearer tok1"
    assert question.headers["X-API-Key"] == "key40"
    assert question.headers["Accept"] == "application/vnd.sciquest.com.ches+json"


async def test_client_credentials_may_travel_in_the_form() -> None:
    in_form = replace(CLIENT, options={**CLIENT.options, "token_auth": "form"})
    session = FakeSession(
        VENDOR, in_form, CLIENT_SECRETS, answer_with(200, {"access_token": "t", "status": "completed"})
    )
    await VENDOR.ask(session, REF)
    token, question = session.sent
    assert parse_qs(token.content.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["cid"],
        "client_secret": ["s3cret"],
    }
    assert "Authorization" not in token.headers
    assert question.headers["Authorization"] == "Bearer t"


@pytest.mark.parametrize("status", [401, 403])
async def test_a_dead_token_is_renewed_once(status: int) -> None:
    clock = FakeClock()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers["Authorization"] == "Bearer tok1" and clock.elapsed > 0:
            return httpx.Response(status)
        return httpx.Response(200, json={"status": "processing"})

    session = client(answer, clock)
    await VENDOR.ask(session, REF)
    clock.jump(61)
    assert (await VENDOR.ask(session, REF)).state is JobState.RUNNING
    assert len(session.sent) == 5


async def test_a_lasting_403_does_not_renew_a_fresh_token_again_and_again() -> None:
    clock = FakeClock()
    session = client(answer_with(403, {}), clock)
    for _ in range(3):
        assert (await refused(VENDOR.ask(session, REF))).kind is ProblemKind.FORBIDDEN
    assert len(session.sent) == 1 + 3
    clock.jump(61)
    await refused(VENDOR.ask(session, REF))
    assert len(session.sent) == 4 + 3


async def test_the_status_is_asked_again_right_before_a_download() -> None:
    session = fixed(answer_with(200, COMPLETED))
    (link,) = await VENDOR.resolve(session, REF, Output("EES_000001_9f3c"))
    assert (link.url, link.file_name) == (RESULT, "EES_000001_9f3c")
    assert len(session.sent) - len(session.fetched) == 1


@pytest.mark.parametrize(
    ("connection", "found", "field"),
    [
        (FIXED, {"access_token": "t"}, "api_key"),
        (FIXED, {"api_key": "k"}, "access_token"),
        (CLIENT, {"api_key": "k", "access_token": "t"}, "client_secret"),
        (FIXED, {"api_key": "k\nX: y", "access_token": "t"}, "api_key"),
        (FIXED, {"api_key": "k", "access_token": "schlüssel"}, "access_token"),
    ],
)
def test_a_missing_or_unusable_secret_is_named(connection: Connection, found: dict[str, str], field: str) -> None:
    with pytest.raises(CredentialsError, match=field) as caught:
        VENDOR.login(connection, secrets_of("sourcing", **found), FakeClock())
    assert f"secret set sourcing {field}" in caught.value.hint


@pytest.mark.parametrize("status", [200, 403, 404, 406])
async def test_the_probe_says_what_it_could_not_prove(status: int) -> None:
    said = await VENDOR.probe(client(answer_with(status, {})))
    assert "a token was issued" in said
    assert "only with a job" in said
    assert "token was issued" not in await VENDOR.probe(fixed(answer_with(status, {})))


@pytest.mark.parametrize(("status", "kind"), [(401, ProblemKind.AUTH), (503, ProblemKind.UNREACHABLE)])
async def test_the_probe_fails_when_refused_or_down(status: int, kind: ProblemKind) -> None:
    assert (await refused(VENDOR.probe(fixed(answer_with(status, {}))))).kind is kind


answers = (
    json_values
    | almost("status", "resultUrl", "resultUrlExpiresInSeconds")
    | st.fixed_dictionaries(
        {"status": st.just("completed")}, optional={"resultUrl": json_values, "resultUrlExpiresInSeconds": json_values}
    )
)


@given(answers, st.binary() | st.none(), st.sampled_from([200, 204, 301, 401, 403, 404, 429, 500]))
def test_no_answer_breaks_the_readers(value: object, noise: bytes | None, status: int) -> None:
    answer = reply(value if noise is None else noise, status)
    error_sentence(answer)
    with contextlib.suppress(AskError):
        read_status(answer, REF)
    with contextlib.suppress(AskError):
        read_result(answer, REF)


starts = json_values | almost("url", "encodedAsyncPid", "expiresInSeconds")


@given(st.text(), st.none() | st.text() | st.text().map(lambda pid: URL + pid), starts)
def test_no_pasted_text_breaks_the_reader(text: str, url: str | None, body: object) -> None:
    for written in (text, json.dumps(body)):
        with contextlib.suppress(UsageError):
            read_ref(Pasted(text, START, url=url, body=written), FIXED)


def test_a_very_deep_reply_is_read_without_harm() -> None:
    assert ref_of(body='{"a":' * 5_000 + "1" + "}" * 5_000) is None
    deep = DEEPEST + 1
    assert ref_of(body='{"a":' * deep + f'"{URL}"' + "}" * deep) is None
    assert ref_of(body='{"a":' * DEEPEST + f'"{URL}"' + "}" * DEEPEST) == REF
