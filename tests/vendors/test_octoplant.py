"""octoplant: login, the Operation's many shapes, errors (octoplant dossier, sections 2 to 4 and Traps)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Awaitable
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clock import START, FakeClock
from tests.vendors.fakes import FakeSession, Handler, reply, secrets_of
from tests.vendors.strategies import almost, json_values
from tui.errors import AskError, CredentialsError, UsageError
from tui.model import Connection, JobState, Output, ProblemKind, Reference, Snapshot, Stage, Stat
from tui.vendors.contract import Cancels, Pasted, Vendor
from tui.vendors.octoplant import PUBLISHED_SECRET, VENDOR
from tui.vendors.octoplant.errors import check_answer, error_sentence
from tui.vendors.octoplant.read import read_operation, read_ref

NAME = "0c5b9c1e-77aa-4f0e-9a53-3f1d2b6c8e10"
REF = Reference(NAME)
BASE = "https://localhost:64023"
PLANT = Connection("plant", "octoplant", BASE, {"username": r"WORK\ops", "client_id": "public-api"})
SECRETS = secrets_of("plant", password="p+w & r=d%ü")


def operation(state: str | None = "STATE_RUNNING", **changes: object) -> dict[str, object]:
    metadata = {
        "name": NAME,
        "systemId": "SYS-7",
        "licenseSerialNumber": "0000-1",
        "currentSubProcess": "JobList",
        "finishedSubProcesses": 1,
        "openSubProcesses": 2,
    }
    if state is not None:
        metadata["state"] = state
    return {"name": NAME, "metadata": metadata, "done": False, "error": None, "response": None, **changes}


def read(body: object, status: int = 200) -> Snapshot:
    return read_operation(reply(body, status), REF)


def ref_of(text: str = "", *, url: str | None = None, body: object = None) -> Reference | None:
    written = body if body is None or isinstance(body, str) else json.dumps(body)
    return read_ref(Pasted(text or url or "", START, url=url, body=written))


def plant(answer: Handler, token: httpx.Response | None = None, clock: FakeClock | None = None) -> FakeSession:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/v1/oauth2/token":
            return answer(request)
        if token is None:
            return httpx.Response(200, json={"access_token": f"tok{len(session.sent)}"})
        return httpx.Response(token.status_code, content=token.content)

    session = FakeSession(VENDOR, PLANT, SECRETS, handle, clock)
    return session


def answer_with(status: int, body: object) -> Handler:
    return lambda _: httpx.Response(status, json=body)


async def refused(wish: Awaitable[object]) -> AskError:
    with pytest.raises(AskError) as caught:
        await wish
    return caught.value


def test_it_says_what_it_can_do() -> None:
    vendor: Vendor = VENDOR
    assert vendor.name == "octoplant"
    assert isinstance(VENDOR, Cancels)


@pytest.mark.parametrize("text", [NAME, f" {NAME} ", "export-2026-03-02"])
def test_an_order_name_is_recognised(text: str) -> None:
    assert ref_of(text) == Reference(text.strip())


@pytest.mark.parametrize(
    "text",
    ["", "0f3c9a1b2d4e4f60a1b2c3d4e5f60718", "1234", "1234/Package clip", "step:17", "ch/task", "wind-2026", "a-b-c"],
)
def test_texts_of_other_vendors_are_left_alone(text: str) -> None:
    assert ref_of(text) is None


@pytest.mark.parametrize("tail", ["", "/", "/download", "/cancel", "?x=1"])
@pytest.mark.parametrize("prefix", ["", "/octoplant", "/"])
def test_an_order_url_names_it(prefix: str, tail: str) -> None:
    assert ref_of(url=f"{BASE}{prefix}/v1/order/{NAME}{tail}") == REF


def test_a_name_in_a_url_is_unescaped() -> None:
    assert ref_of(url=f"{BASE}/v1/order/a%20b%2Fc") == Reference("a b/c")


@pytest.mark.parametrize("path", ["", "/v1/status/api_version", "/asyncStatus/x", "/v1/orders/x", "/v1/order/x/y"])
def test_other_urls_are_left_alone(path: str) -> None:
    assert ref_of(url=BASE + path) is None


def test_an_operation_names_its_order() -> None:
    assert ref_of(body=operation()) == REF
    assert ref_of(body={"name": "odd name", "done": True}) == Reference("odd name")
    assert ref_of(body={"name": NAME}) == REF
    assert ref_of(body={"name": "", "metadata": {"name": NAME}}) == REF


def test_the_request_that_starts_an_order_is_refused() -> None:
    with pytest.raises(UsageError, match="starts an order"):
        ref_of(body={"exportContents": {"jobList": {}}})
    with pytest.raises(UsageError, match="starts an order"):
        ref_of(url=f"{BASE}/v1/order", body={"exportContents": {}})
    with pytest.raises(UsageError, match="names no order"):
        ref_of(body={"name": "", "metadata": {}, "done": False})


@pytest.mark.parametrize("name", ["..", "."])
def test_a_name_that_is_a_folder_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="not the name"):
        ref_of(body={"name": name, "done": False})


@pytest.mark.parametrize(
    "body", [{}, [], "{", {"status": "pending", "id": "0" * 32}, {"name": "x"}, {"name": 3, "done": 1}]
)
def test_bodies_of_other_vendors_are_left_alone(body: object) -> None:
    assert ref_of(body=body) is None


def test_a_running_order_is_read_whole() -> None:
    snapshot = read(operation())
    assert snapshot.state is JobState.RUNNING
    assert snapshot.vendor_status == "STATE_RUNNING"
    assert snapshot.notice == "exporting JobList"
    assert snapshot.progress == pytest.approx(1 / 3)
    assert snapshot.stages == (Stage("JobList"),)
    assert snapshot.stats == (Stat("finished_sub_processes", 1), Stat("open_sub_processes", 2))
    assert snapshot.outputs == ()
    assert '"systemId": "SYS-7"' in snapshot.raw


@pytest.mark.parametrize(
    "metadata",
    [
        {"state": "STATE_RUNNING", "finishedSubProcesses": "1", "openSubProcesses": "3"},
        {"state": "STATE_RUNNING", "finished_sub_processes": 1, "open_sub_processes": 3},
        {"@type": "x/ExportState", "state": "STATE_RUNNING", "finishedSubProcesses": 1.0, "openSubProcesses": 3},
    ],
)
def test_counters_come_as_numbers_or_texts_and_in_either_spelling(metadata: object) -> None:
    assert read(operation(metadata=metadata)).progress == pytest.approx(0.25)


@pytest.mark.parametrize(
    "metadata", [{}, {"finishedSubProcesses": 0, "openSubProcesses": 0}, {"finishedSubProcesses": None}]
)
def test_without_counters_there_is_no_progress(metadata: dict[str, object]) -> None:
    assert read(operation(metadata={"state": "STATE_PENDING", **metadata})).progress is None


def test_trap_02_unset_fields_may_be_left_out() -> None:
    assert read({"name": NAME, "metadata": {"state": "STATE_PENDING"}}).state is JobState.WAITING
    assert read({"metadata": {"state": "STATE_RUNNING"}}).state is JobState.RUNNING
    done = {"name": NAME, "metadata": {"state": "STATE_SUCCEEDED"}, "done": True}
    assert read(done).state is JobState.SUCCEEDED


@pytest.mark.parametrize("error", [None, {}, {"code": 0, "message": "", "details": []}])
def test_traps_03_and_04_success_is_done_without_error_and_succeeded(error: object) -> None:
    snapshot = read(operation("STATE_SUCCEEDED", done=True, error=error, response={"name": NAME}))
    assert snapshot.state is JobState.SUCCEEDED
    assert snapshot.outputs == (Output(f"{NAME}.zip"),)
    assert (snapshot.stages, snapshot.notice) == ((), None)


@pytest.mark.parametrize(
    ("state", "done", "error", "expected"),
    [
        ("STATE_PENDING", False, None, JobState.WAITING),
        ("STATE_SUCCEEDED", False, None, JobState.RUNNING),
        ("STATE_FAILED", False, None, JobState.RUNNING),
        ("STATE_FAILED", True, None, JobState.FAILED),
        ("STATE_SUCCEEDED", True, {"code": 13, "message": "disk full"}, JobState.FAILED),
        ("STATE_RUNNING", False, {"code": 13}, JobState.FAILED),
        ("STATE_UNSPECIFIED", True, {"code": "5"}, JobState.FAILED),
        ("STATE_RUNNING", True, None, JobState.UNKNOWN),
        ("STATE_UNSPECIFIED", True, None, JobState.UNKNOWN),
        ("STATE_PAUSED", False, None, JobState.UNKNOWN),
        ("STATE_PAUSED", True, None, JobState.UNKNOWN),
    ],
)
def test_done_decides_then_error_then_state(state: str, done: bool, error: object, expected: JobState) -> None:
    snapshot = read(operation(state, done=done, error=error))
    assert (snapshot.state, snapshot.vendor_status) == (expected, state)
    assert (snapshot.outputs != ()) == (expected is JobState.SUCCEEDED)


def test_a_failure_tells_its_reason() -> None:
    failed = operation("STATE_FAILED", done=True, error={"code": 13, "message": "disk full", "details": []})
    assert read(failed).notice == "disk full"
    assert read(operation("STATE_FAILED", done=True, error={"code": 13})).notice == "octoplant says error 13"


@pytest.mark.parametrize("code", [1, "1", 1.0])
def test_trap_08_a_cancelled_order_is_error_code_1(code: object) -> None:
    error = {"code": code, "message": "cancelled by user", "details": []}
    assert read(operation("STATE_FAILED", done=True, error=error)).state is JobState.CANCELLED


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "", "metadata": {}},
        {"name": NAME, "metadata": None},
        operation(None),
        operation("STATE_UNSPECIFIED"),
        {"metadata": {"state": "STATE_UNSPECIFIED"}, "done": False},
    ],
)
def test_trap_02_an_unspecified_order_with_200_is_one_that_nobody_knows(body: object) -> None:
    with pytest.raises(AskError) as caught:
        read(body)
    assert caught.value.kind is ProblemKind.GONE


@pytest.mark.parametrize("body", [[], "<html>", b"", 3, {"title": "Sign in"}, {"metadata": [], "done": False}])
def test_an_answer_that_is_no_operation_is_a_bad_reply(body: object) -> None:
    with pytest.raises(AskError) as caught:
        read(body)
    assert caught.value.kind is ProblemKind.BAD_REPLY


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"code": 8, "message": "too many orders", "details": []}, "too many orders"),
        ({"error": {"code": 5, "message": "no such order", "details": []}}, "no such order"),
        ({"error": "short", "code": 3, "message": "long"}, "long"),
        ({"error": "only this", "code": 3}, "only this"),
        ({"error": {"grpc_code": 5, "http_code": 404, "message": "Not Found", "http_status": "x"}}, "Not Found"),
        ({"error": "invalid_grant", "error_description": "wrong password"}, "wrong password"),
        ({"error": "invalid_grant"}, "invalid_grant"),
        ("<html>502</html>", ""),
        ("", ""),
        ([], ""),
        ({"error": None, "message": None}, ""),
    ],
)
def test_trap_01_each_of_the_five_error_shapes_is_read(body: object, expected: str) -> None:
    assert error_sentence(reply(body, 400)) == expected


@pytest.mark.parametrize(
    "body",
    [
        {"code": 5, "message": "Not Found", "details": []},
        {"error": {"code": 5, "message": "x"}},
        {"error": {"grpc_code": 5, "http_code": 404}},
        {"error": "Not Found", "code": 5, "message": "Not Found"},
    ],
)
def test_a_404_of_the_api_is_an_unknown_order(body: object) -> None:
    with pytest.raises(AskError) as caught:
        check_answer(reply(body, 404))
    assert caught.value.kind is ProblemKind.GONE


@pytest.mark.parametrize("body", ["<html>nginx</html>", "", {"detail": "no route"}])
def test_a_404_of_something_else_does_not_end_the_job(body: object) -> None:
    with pytest.raises(AskError) as caught:
        check_answer(reply(body, 404))
    assert caught.value.kind is ProblemKind.BAD_REPLY
    assert "base_url" in caught.value.hint


async def test_trap_01_the_login_is_a_form_with_escaped_values() -> None:
    session = plant(answer_with(200, operation()))
    assert (await VENDOR.ask(session, REF)).state is JobState.RUNNING
    login, question = session.sent
    assert login.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(login.content.decode()) == {
        "grant_type": ["password"],
        "username": [r"WORK\ops"],
        "password": ["p+w & r=d%ü"],
        "client_id": ["public-api"],
        "client_secret": [PUBLISHED_SECRET],
    }
    assert "Authorization" not in login.headers
    assert login.extensions["timeout"] == question.extensions["timeout"]
    assert question.headers["Authorization"] == "Bearer tok1"
    assert question.url.raw_path == f"/v1/order/{NAME}".encode()


async def test_a_client_secret_of_ones_own_wins() -> None:
    secrets = secrets_of("plant", password="pw", client_secret="mine")
    session = FakeSession(VENDOR, PLANT, secrets, answer_with(200, {"access_token": "t"}))
    await refused(VENDOR.ask(session, REF))
    assert b"client_secret=mine" in session.sent[0].content


@pytest.mark.parametrize("name", ["a b/c", "operations/7", "50%"])
async def test_a_name_is_one_path_segment(name: str) -> None:
    session = plant(answer_with(200, operation()))
    await VENDOR.ask(session, Reference(name))
    path = session.sent[-1].url.raw_path.decode()
    assert path.count("/") == 3
    assert ref_of(url=BASE + path) == Reference(name)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": "invalid_grant", "error_description": "wrong password"}),
        (401, {"code": 16, "message": "wrong password", "details": []}),
        (403, {"error": {"code": 7, "message": "wrong password"}}),
    ],
)
async def test_trap_10_a_refused_password_is_sent_once(status: int, body: object) -> None:
    session = plant(answer_with(200, operation()), httpx.Response(status, json=body))
    error = await refused(VENDOR.ask(session, REF))
    assert error.kind is ProblemKind.AUTH
    assert "wrong password" in error.message
    for _ in range(5):
        assert (await refused(VENDOR.ask(session, REF))).kind is ProblemKind.AUTH
    assert len(session.sent) == 1


async def test_a_forgotten_login_in_mid_poll_is_renewed_once() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers["Authorization"] == "Bearer tok1":
            return httpx.Response(401, json={"code": 16, "message": "token is unknown", "details": []})
        return httpx.Response(200, json=operation())

    session = plant(answer)
    assert (await VENDOR.ask(session, REF)).state is JobState.RUNNING
    assert len(session.sent) == 4


async def test_a_download_goes_through_the_session_and_is_a_zip() -> None:
    session = plant(answer_with(200, operation()))
    (link,) = await VENDOR.resolve(session, REF, Output(f"{NAME}.zip"))
    assert link.url == f"{BASE}/v1/order/{NAME}/download"
    assert (link.signed_in, link.is_zip, link.file_name, link.size) == (True, True, f"{NAME}.zip", None)


async def test_cancel_is_one_empty_post() -> None:
    session = plant(answer_with(200, {}))
    await VENDOR.cancel(session, REF)
    request = session.sent[-1]
    assert (request.method, request.url.path, request.content) == ("POST", f"/v1/order/{NAME}/cancel", b"")


async def test_a_refused_cancel_is_told_and_not_repeated() -> None:
    session = plant(answer_with(400, {"code": 9, "message": "already finished", "details": []}))
    error = await refused(VENDOR.cancel(session, REF))
    assert "already finished" in error.message
    assert len(session.sent) == 2


async def test_the_probe_names_the_version() -> None:
    assert "1.2" in await VENDOR.probe(plant(answer_with(200, {"version": "1.2"})))


def test_a_missing_password_names_the_command() -> None:
    with pytest.raises(CredentialsError) as caught:
        VENDOR.login(PLANT, secrets_of("plant"), FakeClock())
    assert "secret set plant password" in caught.value.hint


metadatas = almost("state", "name", "currentSubProcess", "finishedSubProcesses", "openSubProcesses")
errors = almost("code", "message", "details", "grpc_code") | json_values
operations = st.fixed_dictionaries(
    {},
    optional={
        "name": json_values,
        "metadata": metadatas | st.none(),
        "done": st.booleans() | json_values,
        "error": errors,
        "message": json_values,
    },
)


@given(operations | json_values, st.binary() | st.none(), st.sampled_from([200, 302, 400, 401, 404, 429, 501]))
def test_no_answer_breaks_the_readers(value: object, noise: bytes | None, status: int) -> None:
    answer = reply(value if noise is None else noise, status)
    error_sentence(answer)
    with contextlib.suppress(AskError):
        read_operation(answer, REF)


@given(
    st.text(), st.none() | st.text() | st.text().map(lambda name: f"{BASE}/v1/order/{name}"), operations | json_values
)
def test_no_pasted_text_breaks_the_reader(text: str, url: str | None, body: object) -> None:
    for written in (None, text, json.dumps(body)):
        with contextlib.suppress(UsageError):
            read_ref(Pasted(text, START, url=url, body=written))
