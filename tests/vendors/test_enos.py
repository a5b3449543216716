"""EnOS: references, status shapes, addresses of the file, cancel and probe (dossier sections 2, 3 and 7)."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clock import START
from tests.vendors.fakes import FakeSession, Handler, reply, secrets_of
from tui.errors import AskError, UsageError
from tui.model import Connection, JobState, Output, OutputKind, ProblemKind, Reference, Stat
from tui.vendors.contract import Cancels, Pasted, Vendor
from tui.vendors.enos import VENDOR, links
from tui.vendors.enos.read import EXPIRING_NOTICE, PLAIN_HTTP_NOTICE, Reading, Task, read_cancel, read_status, task_of

GATEWAY = "https://gateway.example"
CONNECTION = Connection("windfarm", "enos", GATEWAY, {"access_key": "key", "org_id": "o1", "data_url": "auto"})
TASK = Task("ch-0b1c2d", "9c0f6d2b7a414f0f8f5f0c2f7d1e3a55", "o1")
REF = Reference(f"{TASK.channel}/{TASK.task}")
TASK_PATH = f"/channels/read/{TASK.channel}/download/{TASK.task}"
GATEWAY_URL = f"{GATEWAY}/data-federation/v2.0{TASK_PATH}/data?orgId=o1"


def status(**data: object) -> dict[str, object]:
    entry = {"taskId": TASK.task, "progressCode": "1", "progressDesc": "running", "downloadUrl": None, **data}
    return {"code": 0, "msg": "OK", "data": entry}


def read(body: object, http: int = 200, *, secure: bool = False) -> Reading:
    return read_status(reply(body, http), TASK, secure=secure)


def session_of(handler: Handler, connection: Connection = CONNECTION) -> FakeSession:
    def with_token(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token/get"):
            return httpx.Response(200, json={"status": 0, "data": {"accessToken": "T1", "expire": 7200}})
        return handler(request)

    return FakeSession(VENDOR, connection, secrets_of("windfarm", secret_key="s"), with_token)


def answering(body: object, http: int = 200) -> Handler:
    return lambda request: httpx.Response(http, json=body)


def with_mode(mode: str, base_url: str = GATEWAY) -> Connection:
    return replace(CONNECTION, base_url=base_url, options={**CONNECTION.options, "data_url": mode})


def test_it_is_a_vendor_that_cancels() -> None:
    vendor: Vendor = VENDOR
    assert isinstance(vendor, Cancels)
    assert [setting.name for setting in vendor.settings] == ["base_url", "access_key", "org_id", "data_url"]


# References


@pytest.mark.parametrize(
    ("text", "id_", "org"),
    [
        (f" {REF.id}\n", REF.id, "o1"),
        (f"{GATEWAY}/data-federation/v2.0{TASK_PATH}/status?orgId=o9", REF.id, "o9"),
        (f"{GATEWAY}/data-federation/v2.0{TASK_PATH}/data?x=1&orgId=o%2B9", REF.id, "o+9"),
        (f"{GATEWAY}{TASK_PATH}/data", REF.id, "o1"),
        (f"{GATEWAY}/data-federation/v2.0{TASK_PATH}?orgId=", REF.id, "o1"),
        (f"{GATEWAY}/data-federation/v2.0{TASK_PATH.replace('-', '%2D')}/status", REF.id, "o1"),
    ],
)
def test_a_reference_is_read_and_its_org_id_wins(text: str, id_: str, org: str) -> None:
    url = text if "://" in text else None
    ref = VENDOR.read_ref(Pasted(text, START, url=url), CONNECTION)
    assert ref is not None
    assert ref.id == id_
    assert task_of(ref, "o1") == replace(TASK, org=org)


@pytest.mark.parametrize(
    "text",
    [
        "0f3c1c9e6a414f0f8f5f0c2f7d1e3a55",  # autodesk
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301",  # octoplant
        "7100",
        "7100/Package clip",
        "7100/Package",
        "step:51201",
        "a/b/c",
        "ch-1/",
        "/t1",
        "",
        "https://ees.example/asyncStatus/77",
        "https://orchestrator.example/aspera/orchestrator/api/work_order_status/7100",
    ],
)
def test_what_other_vendors_name_is_not_ours(text: str) -> None:
    url = text if "://" in text else None
    assert VENDOR.read_ref(Pasted(text, START, url=url), CONNECTION) is None


def test_a_json_text_is_not_ours() -> None:
    body = json.dumps(status())
    assert VENDOR.read_ref(Pasted(body, START, body=body), CONNECTION) is None


@pytest.mark.parametrize(
    "url",
    [
        f"{GATEWAY}/data-federation/v2.0/channels/read/ch-1/download-request?orgId=o1",
        f"{GATEWAY}/data-federation/v2.0/channels/read/ch-1/jobs?orgId=o1",
        f"{GATEWAY}/data-federation/v2.0/channels/read/ch%201/download/t1/status",
    ],
)
def test_a_url_that_names_no_task_is_told(url: str) -> None:
    with pytest.raises(UsageError):
        VENDOR.read_ref(Pasted(url, START, url=url), CONNECTION)


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_reference_or_not(text: str) -> None:
    ref = VENDOR.read_ref(Pasted(text, START), CONNECTION)
    assert ref is None or task_of(ref, "o1").org == "o1"


# Status


@pytest.mark.parametrize(
    ("code", "word", "state", "notice"),
    [
        (0, "waiting", JobState.WAITING, None),
        (1, "downloading", JobState.RUNNING, None),
        (2, "fail", JobState.FAILED, None),
        (3, "success", JobState.SUCCEEDED, None),
        (4, "cancelling", JobState.CANCELLING, None),
        (5, "cancelled", JobState.CANCELLED, None),
        (6, "deleting", JobState.SUCCEEDED, EXPIRING_NOTICE),
        (7, "deleted", JobState.EXPIRED, None),
    ],
)
@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("as_list", [False, True])
def test_trap_07_each_code_in_each_shape(
    code: int, word: str, state: JobState, notice: str | None, *, as_text: bool, as_list: bool
) -> None:
    body = status(progressCode=str(code) if as_text else code, progressDesc=word)
    if as_list:
        body["data"] = [body["data"]]
    snapshot = read(body).snapshot
    assert (snapshot.state, snapshot.vendor_status, snapshot.notice) == (state, word, notice)
    assert [output.name for output in snapshot.outputs] == ([f"{TASK.task}.zip"] if code in (3, 6) else [])


@pytest.mark.parametrize("code", [8, "42", "packing", 3.5e30])
def test_trap_09_an_unknown_code_is_no_end(code: object) -> None:
    snapshot = read(status(progressCode=code, progressDesc="resting")).snapshot
    assert snapshot.state is JobState.UNKNOWN
    assert snapshot.vendor_status == "resting"
    assert not snapshot.state.is_over


def test_without_a_description_the_code_is_the_vendors_word() -> None:
    assert read(status(progressCode=1, progressDesc=None)).snapshot.vendor_status == "1"


@pytest.mark.parametrize("size", [73400320, "73400320"])
def test_the_data_size_is_a_figure_and_not_the_size_to_verify(size: object) -> None:
    snapshot = read(status(progressCode=3, dataSize=size)).snapshot
    assert snapshot.stats == (Stat("data_size", 73400320),)
    assert snapshot.outputs == (Output(f"{TASK.task}.zip", OutputKind.FILE, size=None),)


@pytest.mark.parametrize("body", [status(dataSize=None), status(dataSize=""), status(dataSize=-1), status()])
def test_trap_07_a_missing_data_size_is_none(body: object) -> None:
    assert read(body).snapshot.stats == ()


@pytest.mark.parametrize("url", [None, "", "soon", 7, "ftp://h/x", "http://", "http://[::1"])
def test_a_success_without_a_usable_address_still_has_its_file(url: object) -> None:
    reading = read(status(progressCode=3, downloadUrl=url))
    assert reading.download_url is None
    assert len(reading.snapshot.outputs) == 1


def test_the_file_is_named_by_the_address_where_that_names_one() -> None:
    reading = read(status(progressCode=3, downloadUrl="http://store.example/d/wind%202026.csv.gz?sig=a.b"))
    assert reading.snapshot.outputs[0].name == "wind 2026.csv.gz"


def test_the_address_is_in_no_snapshot() -> None:
    reading = read(status(progressCode=3, downloadUrl="http://store.example/d/x.zip?signature=ABCDEF"))
    assert "ABCDEF" not in repr(reading.snapshot)


def test_a_file_over_plain_http_under_an_https_gateway_is_said() -> None:
    body = status(progressCode=3, downloadUrl="http://store.example/x.zip")
    assert read(body, secure=True).snapshot.notice == PLAIN_HTTP_NOTICE
    assert read(body, secure=False).snapshot.notice is None


def test_several_entries_are_told_apart_by_the_task() -> None:
    body = {"code": 0, "data": [{"taskId": "other", "progressCode": 3}, {"taskId": TASK.task, "progressCode": 1}]}
    assert read(body).snapshot.state is JobState.RUNNING


@pytest.mark.parametrize("data", [None, [], {}, "x", [{"progressCode": 1}, {"progressCode": 3}], [None]])
def test_an_answer_that_tells_nothing_of_the_task_is_a_bad_reply(data: object) -> None:
    with pytest.raises(AskError) as caught:
        read({"code": 0, "data": data})
    assert caught.value.kind is ProblemKind.BAD_REPLY


@pytest.mark.parametrize(
    ("body", "http", "kind"),
    [
        ({"code": 81404, "msg": "channel does not exist"}, 200, ProblemKind.GONE),
        ({"code": "81404"}, 200, ProblemKind.GONE),
        ({"code": 81404}, 404, ProblemKind.GONE),
        ({"code": 81400, "msg": "bad state"}, 200, ProblemKind.BAD_REPLY),
        ({"code": 81500}, 200, ProblemKind.UNREACHABLE),
        ({"code": 1203}, 200, ProblemKind.AUTH),
        ({"apim_status": 4012}, 200, ProblemKind.AUTH),
        ({"status": 0, "data": {"progressCode": 3}}, 200, ProblemKind.BAD_REPLY),  # trap 8
        ({"data": {"progressCode": 3}}, 200, ProblemKind.BAD_REPLY),  # trap 7
        ([], 200, ProblemKind.BAD_REPLY),
        ("<html>login</html>", 200, ProblemKind.BAD_REPLY),
        ("", 200, ProblemKind.BAD_REPLY),
        ({"message": "Cannot process request body"}, 400, ProblemKind.BAD_REPLY),
        ({"message": "Invalid authentication credentials"}, 401, ProblemKind.AUTH),
        ({"message": "Your IP address is not allowed"}, 403, ProblemKind.FORBIDDEN),
        ({"message": "no Route matched with those values"}, 404, ProblemKind.BAD_REPLY),
        ("Not found", 410, ProblemKind.BAD_REPLY),
        ({"message": "API rate limit exceeded"}, 429, ProblemKind.RATE_LIMITED),
        ({"message": "An unexpected error occurred"}, 500, ProblemKind.UNREACHABLE),
        ("<html>bad gateway</html>", 502, ProblemKind.UNREACHABLE),
        ("", 302, ProblemKind.BAD_REPLY),
    ],
)
def test_each_failure_has_its_kind(body: object, http: int, kind: ProblemKind) -> None:
    with pytest.raises(AskError) as caught:
        read(body, http)
    assert caught.value.kind is kind


def test_the_gateways_words_are_told() -> None:
    with pytest.raises(AskError, match="API rate limit exceeded"):
        read({"message": "API rate limit exceeded"}, 429)


def test_control_characters_become_visible() -> None:
    snapshot = read(status(progressDesc="run\x1b[31mning\x07")).snapshot
    assert snapshot.vendor_status == "run␛[31mning␇"
    assert "\x1b" not in snapshot.raw


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
ENTRY = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("taskId", "progressCode", "progressDesc", "downloadUrl", "dataSize"), JSON)
)
NEAR = st.fixed_dictionaries(
    {}, optional={"code": st.just(0) | JSON, "data": ENTRY | st.lists(ENTRY, max_size=2), "status": JSON, "msg": JSON}
)


def is_inert(text: str) -> bool:
    return not any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def refusal_of(reader: Callable[[], object]) -> str:
    try:
        reader()
    except AskError as error:
        return error.message
    return ""


@settings(deadline=None)
@given(JSON | NEAR, st.sampled_from([200, 200, 200, 204, 302, 400, 404, 500]))
def test_any_json_is_read_or_refused(body: object, http: int) -> None:
    assert is_inert(refusal_of(lambda: read(body, http)))
    assert is_inert(refusal_of(lambda: read_cancel(reply(body, http))))


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with pytest.raises(AskError):
        read(body)


# The file's addresses


BARE = f"{TASK_PATH}/data?orgId=o1"


@pytest.mark.parametrize(
    ("mode", "download_url", "expected"),
    [
        ("gateway", f"http://10.1.2.3:8080{BARE}", [(GATEWAY_URL, True)]),
        ("gateway", None, [(GATEWAY_URL, True)]),
        ("as-given", f"http://10.1.2.3:8080{BARE}", [(f"http://10.1.2.3:8080{BARE}", False)]),
        ("as-given", GATEWAY_URL, [(GATEWAY_URL, False)]),
        ("auto", f"https://store.example{BARE}", [(f"https://store.example{BARE}", False), (GATEWAY_URL, True)]),
        ("auto", "https://s3.example/b/k?sig=1", [("https://s3.example/b/k?sig=1", False), (GATEWAY_URL, True)]),
        ("auto", None, [(GATEWAY_URL, True)]),
        ("auto", GATEWAY_URL, [(GATEWAY_URL, True)]),
        ("auto", f"{GATEWAY}{BARE}", [(f"{GATEWAY}{BARE}", True), (GATEWAY_URL, True)]),
        # trap 10: plain http under an https gateway is the second choice
        ("auto", f"http://10.1.2.3:8080{BARE}", [(GATEWAY_URL, True), (f"http://10.1.2.3:8080{BARE}", False)]),
        ("auto", f"http://gateway.example{BARE}", [(GATEWAY_URL, True), (f"http://gateway.example{BARE}", False)]),
    ],
)
def test_trap_10_the_login_stays_at_the_gateway(
    mode: str, download_url: str | None, expected: list[tuple[str, bool]]
) -> None:
    found = links(download_url, TASK, with_mode(mode))
    assert [(link.url, link.signed_in) for link in found] == expected
    assert {link.size for link in found} == {None}


def test_a_plain_http_gateway_has_nothing_to_lose() -> None:
    found = links(f"http://10.1.2.3:8080{BARE}", TASK, with_mode("auto", "http://127.0.0.1:9000/"))
    assert [(link.url, link.signed_in) for link in found] == [
        (f"http://10.1.2.3:8080{BARE}", False),
        (f"http://127.0.0.1:9000/data-federation/v2.0{BARE}", True),
    ]


def test_the_vendors_own_query_is_kept_at_the_gateway() -> None:
    found = links(f"http://10.1.2.3{TASK_PATH}/data?orgId=o9&part=1", TASK, with_mode("gateway"))
    assert found[0].url == f"{GATEWAY}/data-federation/v2.0{TASK_PATH}/data?orgId=o9&part=1"


@pytest.mark.parametrize("path", ["/channels/read/../download/../data", "/../../secrets", "/other"])
def test_a_hostile_path_is_not_signed_at_the_gateway(path: str) -> None:
    assert links(f"http://evil.example{path}?orgId=o1", TASK, with_mode("gateway"))[0].url == GATEWAY_URL


def test_as_given_without_an_address_is_told() -> None:
    with pytest.raises(AskError) as caught:
        links(None, TASK, with_mode("as-given"))
    assert caught.value.hint == 'set data_url = "gateway"'


def test_a_zip_is_said_only_by_the_vendor() -> None:
    assert links("http://s.example/a.ZIP?x", TASK, with_mode("as-given"))[0].is_zip
    assert not links(f"http://s.example{BARE}", TASK, with_mode("as-given"))[0].is_zip


# Through a session


async def test_a_status_is_asked_with_the_org_id_and_three_headers() -> None:
    session = session_of(answering(status()))
    snapshot = await VENDOR.ask(session, REF)
    sent = session.sent[-1]
    assert snapshot.state is JobState.RUNNING
    assert str(sent.url) == f"{GATEWAY}/data-federation/v2.0{TASK_PATH}/status?orgId=o1"
    assert {"apim-accesstoken", "apim-timestamp", "apim-signature"} <= set(sent.headers)


async def test_the_org_id_of_a_pasted_url_is_asked_with() -> None:
    url = f"{GATEWAY}/data-federation/v2.0{TASK_PATH}/status?orgId=o9"
    ref = VENDOR.read_ref(Pasted(url, START, url=url), CONNECTION)
    assert ref is not None
    session = session_of(answering(status()))
    await VENDOR.ask(session, ref)
    assert session.sent[-1].url.params["orgId"] == "o9"


async def test_resolve_asks_anew() -> None:
    session = session_of(answering(status(progressCode=3, downloadUrl="https://s.example/a.zip")))
    found = await VENDOR.resolve(session, REF, Output("a.zip"))
    assert [link.url for link in found] == ["https://s.example/a.zip", GATEWAY_URL]
    assert [request.method for request in session.sent] == ["POST", "GET"]


@pytest.mark.parametrize(
    ("code", "kind"), [(1, ProblemKind.BAD_REPLY), (2, ProblemKind.BAD_REPLY), (7, ProblemKind.GONE)]
)
async def test_resolve_says_why_there_is_no_file(code: int, kind: ProblemKind) -> None:
    with pytest.raises(AskError) as caught:
        await VENDOR.resolve(session_of(answering(status(progressCode=code))), REF, Output("a.zip"))
    assert caught.value.kind is kind


@pytest.mark.parametrize(
    "data",
    [
        {"taskId": TASK.task, "progressCode": "4", "progressDesc": "cancelling"},
        {"taskId": TASK.task, "progressCode": 5, "progressDesc": "cancelled"},
        [{"progressCode": 4}],
        None,
    ],
)
async def test_a_cancel_is_one_delete(data: object) -> None:
    session = session_of(answering({"code": 0, "msg": "OK", "data": data}))
    await VENDOR.cancel(session, REF)
    assert [request.method for request in session.sent] == ["POST", "DELETE"]
    assert str(session.sent[-1].url) == f"{GATEWAY}/data-federation/v2.0{TASK_PATH}?orgId=o1"


async def test_a_cancel_may_be_taken_without_a_word() -> None:
    session = session_of(lambda _: httpx.Response(204))
    await VENDOR.cancel(session, REF)
    assert session.sent[-1].method == "DELETE"


@pytest.mark.parametrize(
    "body",
    [
        {"code": 81400, "msg": "bad state"},
        {"code": 0, "data": {"progressCode": 3, "progressDesc": "success"}},
        {"code": 0, "data": [{"progressCode": "7"}]},
    ],
)
async def test_a_cancel_that_was_not_taken_is_told_and_not_repeated(body: Mapping[str, object]) -> None:
    session = session_of(answering(body))
    with pytest.raises(AskError):
        await VENDOR.cancel(session, REF)
    assert [request.method for request in session.sent] == ["POST", "DELETE"]


@pytest.mark.parametrize("data", [[{"id": "ch-1"}, {"id": "ch-2"}], {"items": []}, None])
async def test_the_probe_lists_the_channels(data: object) -> None:
    session = session_of(answering({"code": 0, "data": data}))
    said = await VENDOR.probe(session)
    assert said.startswith("signed in; ")
    assert "Not proved" in said
    assert session.sent[-1].url.path == "/data-federation/v2.0/channels"
