"""EnOS: a download task as an order, checked before it is sent, and sent once (dossier sections 3.1 and 7)."""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vendors.fakes import FakeSession, Handler, reply, secrets_of
from tests.vendors.strategies import almost, json_values
from tui.errors import AskError, UsageError
from tui.model import Connection, ProblemKind, Reference
from tui.vendors.contract import Discovers, Order, Submits, TitlesOrders, Vendor
from tui.vendors.enos import VENDOR
from tui.vendors.enos.order import check_order, read_created

WINDFARM = Connection("windfarm", "enos", "https://gateway.example", {"access_key": "key", "org_id": "o1"})
BODY: dict[str, Any] = {
    "taskName": "march",
    "sourceName": "hive_enos",
    "querySql": "select * from wind where place = 'Ü'",
    "filePackageName": "wind-2026-03",
}
FILES = {
    "split": True,
    "encoding": "utf-8",
    "delimiter": ";",
    "fileHeader": ["time", "power"],
    "fileRename": {"1": "north", "2": "south"},
}
OK = {"code": 0, "msg": "OK", "data": {"taskId": "9c0f"}}


def order(place: Any = "ch-1", **changes: object) -> Order:
    return Order(json.dumps({**BODY, **changes}), place=place)


def gateway(handler: Handler) -> FakeSession:
    tokens = iter(range(1, 9))

    def handle(request: httpx.Request) -> httpx.Response:
        if "/token/" in request.url.path:
            data = {"accessToken": f"T{next(tokens)}", "expire": 7200}
            return httpx.Response(200, json={"status": 0, "data": data})
        return handler(request)

    return FakeSession(VENDOR, WINDFARM, secrets_of("windfarm", secret_key="s"), handle)


def creates(session: FakeSession) -> list[httpx.Request]:
    return [request for request in session.sent if request.url.path.endswith("/download-request")]


async def refused(session: FakeSession) -> AskError:
    with pytest.raises(AskError) as caught:
        await VENDOR.submit(session, order())
    return caught.value


def test_it_takes_orders() -> None:
    vendor: Vendor = VENDOR
    assert isinstance(vendor, Submits)


def test_trap_11_tasks_cannot_be_listed_so_the_reference_holds_all_that_names_one() -> None:
    vendor: Vendor = VENDOR
    assert not isinstance(vendor, Discovers)
    assert read_created(reply(OK), "ch-1") == Reference("ch-1/9c0f")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"files": None, "callbackURL": None, "selfDefineQueuePara": None},
        {"files": FILES},
        {"files": [FILES]},
        {"files": {**dict.fromkeys(FILES), "delimiter": "\t"}},
        {"callbackURL": "https://ops.example/done", "selfDefineQueuePara": "a=b;c=d"},
    ],
)
def test_a_body_as_the_vendor_shows_it_is_fine(changes: dict[str, object]) -> None:
    VENDOR.read_order(order(**changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"taskName": None}, "taskName is missing"),
        ({"querySql": ""}, "querySql must be a text in quotes"),
        ({"filePackageName": 7}, "filePackageName must be a text in quotes"),
        ({"filePackagename": "x"}, 'filePackagename is not known; did you mean "filePackageName"?'),
        ({"callbackUrl": "x"}, 'callbackUrl is not known; did you mean "callbackURL"?'),
        ({"orgId": "o1"}, "orgId is not known; known here: taskName, sourceName"),
        ({"files": "x"}, "files must be an object, written as { … }"),
        ({"files": {"encoding": "UTF-8"}}, 'files.encoding must be one of "utf-8", "gbk"; did you mean "utf-8"?'),
        ({"files": [{"delimiter": "|"}]}, 'files[0].delimiter must be one of "\\t", ",", ";"'),
        ({"files": {"header": []}}, 'files.header is not known; did you mean "fileHeader"?'),
        ({"files": {"fileHeader": "a,b"}}, "files.fileHeader must be a list, written as [ … ]"),
        ({"files": {"fileHeader": ["a", 2]}}, "files.fileHeader[1] must be a text"),
        ({"files": {"fileRename": ["north"]}}, "files.fileRename must be an object, e.g."),
        ({"files": {"fileRename": {"1": 2}}}, "files.fileRename.1 must be a text"),
        ({"files": {"split": "true"}}, "files.split must be true or false"),
    ],
)
def test_a_wrong_body_is_told_with_its_place_and_what_to_write(changes: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_order(order(**changes))
    assert message in caught.value.message
    assert caught.value.hint


def test_the_tasks_name_is_its_title() -> None:
    assert isinstance(VENDOR, TitlesOrders)
    assert VENDOR.title_of(order(taskName="wind in march")) == "wind in march"


@pytest.mark.parametrize("place", [None, "", "ch 1", "../ch-1", "ch-1/x"])
def test_a_channel_is_needed(place: str | None) -> None:
    with pytest.raises(UsageError, match="channel") as caught:
        check_order(order(place))
    assert caught.value.hint


@given(st.text() | json_values.map(json.dumps) | almost(*BODY, "files").map(json.dumps), st.text() | st.just("ch-1"))
def test_any_text_is_an_order_or_a_usage_error(text: str, place: str) -> None:
    with contextlib.suppress(UsageError):
        check_order(Order(text, place=place))


async def test_trap_01_the_body_goes_out_and_is_signed_as_it_was_written() -> None:
    body = '{ "querySql":"select \'\\u00fc\'",\n "taskName" :"ü"}\n'
    session = gateway(lambda _: httpx.Response(200, json=OK))
    assert await VENDOR.submit(session, Order(body, place="ch-1")) == Reference("ch-1/9c0f")
    (sent,) = creates(session)
    url = "https://gateway.example/data-federation/v2.0/channels/read/ch-1/download-request?orgId=o1"
    assert (sent.method, str(sent.url), sent.content) == ("POST", url, body.encode())
    assert sent.headers["Content-Type"] == "application/json;charset=UTF-8"
    text = f"T1orgIdo1{body}{sent.headers['apim-timestamp']}s"
    assert sent.headers["apim-signature"] == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("data", [{"taskId": "9c0f"}, [{"taskId": "9c0f"}]])
def test_trap_07_the_task_is_read_from_an_object_or_a_list(data: object) -> None:
    assert read_created(reply({"code": "0", "data": data}), "ch-1") == Reference("ch-1/9c0f")


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (200, {"code": 81400, "msg": "not started"}, ProblemKind.BAD_REPLY, "the vendor refuses (81400: not started)"),
        (200, {"code": 81404, "msg": "none"}, ProblemKind.BAD_REPLY, "EnOS knows no channel ch-1"),
        (400, {"message": "Cannot process request body"}, ProblemKind.BAD_REPLY, "Cannot process request body"),
        (403, {"message": "Your IP address is not allowed"}, ProblemKind.FORBIDDEN, "Your IP address is not allowed"),
        (413, {"message": "Request size limit exceeded"}, ProblemKind.BAD_REPLY, "Request size limit exceeded"),
        (429, {"message": "API rate limit exceeded"}, ProblemKind.RATE_LIMITED, "API rate limit exceeded"),
        # Nobody knows whether these were taken:
        (200, {"code": 81500, "msg": "oops"}, ProblemKind.UNREACHABLE, "81500: oops"),
        (200, {"code": 0, "data": None}, ProblemKind.UNREACHABLE, "named no task"),
        (200, {"code": 0, "data": {"taskId": "../x"}}, ProblemKind.UNREACHABLE, "named no task"),
        (200, {"data": {"taskId": "9c0f"}}, ProblemKind.UNREACHABLE, "no code"),
        (200, "<html>", ProblemKind.UNREACHABLE, "not JSON"),
        (503, {"message": "Service unavailable"}, ProblemKind.UNREACHABLE, "Service unavailable"),
        (504, "<html>", ProblemKind.UNREACHABLE, "504"),
    ],
)
async def test_trap_12_a_create_is_never_sent_again(status: int, body: object, kind: ProblemKind, message: str) -> None:
    answer: dict[str, Any] = {"html": body} if isinstance(body, str) else {"json": body}
    session = gateway(lambda _: httpx.Response(status, **answer))
    error = await refused(session)
    assert error.kind is kind
    assert message in error.message
    assert error.hint
    assert len(creates(session)) == 1


async def test_trap_12_a_lost_reply_is_not_asked_for_again() -> None:
    def lose(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("gone", request=request)

    session = gateway(lose)
    assert (await refused(session)).kind is ProblemKind.UNREACHABLE
    assert len(creates(session)) == 1


@pytest.mark.parametrize("dead", [(401, {"message": "no"}), (200, {"code": 1203}), (200, {"apim_status": 4011})])
async def test_trap_06_a_create_that_a_dead_token_kept_out_is_sent_with_a_new_one(dead: tuple[int, object]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers["apim-accesstoken"] == "T1":
            return httpx.Response(dead[0], json=dead[1])
        return httpx.Response(200, json=OK)

    session = gateway(answer)
    assert await VENDOR.submit(session, order()) == Reference("ch-1/9c0f")
    first, second = creates(session)
    assert first.content == second.content


@given(json_values | almost("code", "data", "msg", "status"), st.sampled_from([200, 200, 302, 400, 500]))
def test_any_answer_names_a_task_or_is_refused(value: object, status: int) -> None:
    with contextlib.suppress(AskError):
        assert read_created(reply(value, status), "ch-1").id.startswith("ch-1/")
