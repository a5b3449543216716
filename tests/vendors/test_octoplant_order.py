"""octoplant: the 13 export contents as an order, checked before it is sent, and sent once (dossier section 3.1)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vendors.fakes import FakeSession, Handler, reply, secrets_of
from tests.vendors.strategies import almost, json_values
from tui.errors import AskError, UsageError
from tui.model import Connection, ProblemKind, Reference
from tui.vendors.contract import Order, Submits, Vendor
from tui.vendors.octoplant import VENDOR
from tui.vendors.octoplant.order import CONTENTS, check_order
from tui.vendors.octoplant.read import read_started

NAME = "0c5b9c1e-77aa-4f0e-9a53-3f1d2b6c8e10"
PLANT = Connection("plant", "octoplant", "https://localhost:64023", {"username": "ops"})
UUID = "7d1f4a52-0f0e-4b8e-8f49-5b0c9a9e2f10"
SPAN = {"filterFrom": "2026-03-01T00:00:00Z", "filterTo": "2026-03-02T00:00:00Z"}

EVERYTHING: dict[str, dict[str, object]] = {
    "projectTree": {
        "dir": "\\Plant\\Line 4",
        "componentId": UUID,
        "versionInformation": "VERSION_INFORMATION_ONLY_LATEST",
        "includeMasterData": True,
        "enableNodeTree": False,
        "exportType": "EXPORT_TYPE_XML",
        "flatExport": True,
    },
    "jobList": {"includeComponentsWithoutJobs": True, "csvSeparator": ";", "exportType": "EXPORT_TYPE_JSON"},
    "jobResults": {"timeStampFilter": SPAN, "sorting": "SORT_BY_JOB_ID", "lastXDays": 7},
    "unequalJobResults": {"dir": "\\", "componentId": None},
    "userManagement": {"grouping": "GROUP_BY_USERS", "includeDeletedUsers": True},
    "componentTypes": {"exportType": "EXPORT_TYPE_UNSPECIFIED"},
    "componentLog": {"componentId": {"data": UUID}, "lastXDays": "30"},
    "eventLog": {"includeRawData": True, "maxLines": 0},
    "adminLog": {"maxLines": 100000, "timeStampFilter": {"filterFrom": "2026-03-01T00:00:00Z"}},
    "standardLibraryManagement": {"csvSeparator": ","},
    "componentsWithStdLibAssignments": {},
    "assetState": {"infoType": "INFO_TYPE_SAFETY"},
    "usageInformation": {"includeClientTrackingInfo": True},
}


def order(contents: object) -> Order:
    return Order(json.dumps({"exportContents": contents}))


def refusal(check: Callable[[], object]) -> UsageError:
    with pytest.raises(UsageError) as caught:
        check()
    return caught.value


def test_it_takes_orders() -> None:
    vendor: Vendor = VENDOR
    assert isinstance(vendor, Submits)


def test_all_thirteen_contents_are_known() -> None:
    assert len(CONTENTS) == 13
    assert EVERYTHING.keys() == CONTENTS.keys()
    VENDOR.read_order(order(EVERYTHING))


@pytest.mark.parametrize("name", CONTENTS)
def test_an_empty_object_is_an_export_with_the_defaults(name: str) -> None:
    VENDOR.read_order(order({name: {}}))


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        ({"projectTre": {}}, 'exportContents.projectTre is not known; did you mean "projectTree"?'),
        ({"project_tree": {}}, 'exportContents.project_tree is not known; did you mean "projectTree"?'),
        ({"jobList": {"separator": ";"}}, 'jobList.separator is not known; did you mean "csvSeparator"?'),
        ({"usageInformation": {"exportType": "x"}}, "known here: includeClientTrackingInfo"),
        ({"componentTypes": {"dir": "\\x"}}, "exportContents.componentTypes.dir is not known"),
        ({"jobList": {"exportType": "CSV"}}, 'did you mean "EXPORT_TYPE_CSV"?'),
        ({"jobList": {"exportType": 1}}, 'must be one of "EXPORT_TYPE_UNSPECIFIED"'),
        ({"userManagement": {"grouping": "group_by_users"}}, 'did you mean "GROUP_BY_USERS"?'),
        ({"jobList": {"flatExport": "true"}}, "flatExport must be true or false, without quotes"),
        ({"jobList": {"dir": "Plant"}}, r'dir must start with a backslash, written as "\\Plant"'),
        ({"jobList": {"dir": "/Plant"}}, r'dir must start with a backslash, written as "\\Plant"'),
        ({"eventLog": {"maxLines": -1}}, "maxLines must be a whole number from 0 on"),
        ({"eventLog": {"maxLines": 1.5}}, "maxLines must be a whole number from 0 on"),
        ({"eventLog": {"timeStampFilter": "today"}}, "timeStampFilter must be an object, written as { … }"),
        ({"eventLog": {"timeStampFilter": {"filterFrom": "2026-03-02"}}}, 'written as "2026-03-02T08:15:00Z"'),
        ({"eventLog": {"timeStampFilter": {"from": SPAN["filterFrom"]}}}, 'did you mean "filterFrom"?'),
        (
            {"eventLog": {"timeStampFilter": {"filterFrom": SPAN["filterTo"], "filterTo": SPAN["filterFrom"]}}},
            "timeStampFilter ends before it begins",
        ),
        ({"jobList": True}, "exportContents.jobList must be an object, written as { … }"),
        ({"jobList": None}, "exportContents names nothing to export"),
        ({}, "exportContents names nothing to export"),
        (None, "exportContents is missing"),
        ([], "exportContents must be an object"),
    ],
)
def test_a_wrong_order_is_told_with_its_place_and_what_to_write(contents: object, message: str) -> None:
    error = refusal(lambda: check_order(order(contents)))
    assert message in error.message
    assert error.hint


@pytest.mark.parametrize("name", [name for name, options in CONTENTS.items() if "componentId" in options])
def test_trap_09_a_component_id_is_a_text_but_an_object_in_the_component_log(name: str) -> None:
    right, wrong = (UUID, {"data": UUID}) if name != "componentLog" else ({"data": UUID}, UUID)
    check_order(order({name: {"componentId": right}}))
    assert "componentId must be" in refusal(lambda: check_order(order({name: {"componentId": wrong}}))).message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"projectTree": {}}', "projectTree stands outside of exportContents"),
        ('{"exportContents": {"jobList": {}}, "name": "x"}', "name is not known"),
        ('{"exportContents": {"jobList": {}', "(line 1, column 34)"),
        ('{"exportContents": {"jobList": {}, "jobList": {}}}', "jobList stands there twice"),
        ('{"exportContents": {"eventLog": {"maxLines": NaN}}}', "NaN is not JSON"),
        ("[]", "the order is not a JSON object"),
        ("", "the order is not JSON"),
        ("[" * 100_000, "JSON that no vendor reads"),
    ],
)
def test_a_body_of_another_shape_is_told(body: str, message: str) -> None:
    error = refusal(lambda: check_order(Order(body)))
    assert message in error.message
    assert error.hint


def test_there_is_one_place_for_orders() -> None:
    assert "leave the place away" in refusal(lambda: check_order(Order(order({"jobList": {}}).body, place="x"))).hint


@given(st.text() | json_values.map(json.dumps) | almost(*CONTENTS).map(lambda found: order(found).body))
def test_any_text_is_an_order_or_a_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        check_order(Order(text))


# Sending


def plant(handler: Handler, *, maintenance: object = None) -> FakeSession:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/oauth2/token":
            return httpx.Response(200, json={"access_token": f"t{len(session.sent)}"})
        if request.url.path == "/v1/status/maintenance_mode":
            return httpx.Response(200, json=maintenance) if maintenance else httpx.Response(404)
        return handler(request)

    session = FakeSession(VENDOR, PLANT, secrets_of("plant", password="pw"), handle)
    return session


def posts(session: FakeSession) -> list[bytes]:
    return [request.content for request in session.sent if request.url.path == "/v1/order"]


async def refused(session: FakeSession) -> AskError:
    with pytest.raises(AskError) as caught:
        await VENDOR.submit(session, order({"jobList": {}}))
    return caught.value


async def test_an_order_goes_out_as_it_was_written_and_is_named_by_the_answer() -> None:
    body = '{ "exportContents": {"jobList": {}, "projectTree":{"dir":"\\\\Plant ü"}} }\n'
    session = plant(lambda _: httpx.Response(200, json={"name": NAME, "metadata": {"state": "STATE_PENDING"}}))
    assert await VENDOR.submit(session, Order(body)) == Reference(NAME)
    assert posts(session) == [body.encode()]
    assert session.sent[-1].headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (400, {"code": 3, "message": "unknown field"}, ProblemKind.BAD_REPLY, "unknown field"),
        (403, {"code": 7, "message": "no right to export"}, ProblemKind.FORBIDDEN, "no right to export"),
        (429, {"code": 8, "message": "too many orders"}, ProblemKind.RATE_LIMITED, "too many orders"),
        (404, {"code": 5, "message": "Not Found"}, ProblemKind.BAD_REPLY, "there is no Export API there"),
        (404, "<html>", ProblemKind.BAD_REPLY, "not the Export API"),
        # Nobody knows whether these were taken:
        (503, {"code": 14, "message": "no backend"}, ProblemKind.UNREACHABLE, "no backend"),
        (502, "<html>", ProblemKind.UNREACHABLE, "502"),
        (200, "<html>", ProblemKind.UNREACHABLE, "not JSON"),
        (200, {}, ProblemKind.UNREACHABLE, "names no order"),
        (200, {"name": "", "metadata": {"name": ""}}, ProblemKind.UNREACHABLE, "names no order"),
    ],
)
async def test_a_refused_order_is_sent_once(status: int, body: object, kind: ProblemKind, message: str) -> None:
    answer = {"html": body} if isinstance(body, str) else {"json": body}
    session = plant(lambda _: httpx.Response(status, **answer))
    error = await refused(session)
    assert error.kind is kind
    assert message in error.message
    assert error.hint
    assert len(posts(session)) == 1


async def test_a_lost_reply_is_not_asked_for_again() -> None:
    def lose(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("gone", request=request)

    session = plant(lose)
    assert (await refused(session)).kind is ProblemKind.UNREACHABLE
    assert len(posts(session)) == 1


@pytest.mark.parametrize(("reason", "shown"), [("nightly backup", " (nightly backup)"), ("", ""), (None, "")])
async def test_maintenance_mode_is_told_when_an_order_is_refused(reason: object, shown: str) -> None:
    mode = {"active": True, "reason": reason}
    session = plant(lambda _: httpx.Response(503, json={"code": 14, "message": "unavailable"}), maintenance=mode)
    error = await refused(session)
    assert (error.kind, error.message) == (
        ProblemKind.BAD_REPLY,
        f"octoplant is in maintenance mode{shown}; it did not take the order",
    )
    assert error.hint == "send it again when the maintenance is over"
    assert len(posts(session)) == 1


async def test_without_maintenance_the_refusal_stays_what_it_is() -> None:
    session = plant(
        lambda _: httpx.Response(400, json={"code": 9, "message": "no licence"}), maintenance={"active": False}
    )
    assert "no licence" in (await refused(session)).message


async def test_a_forgotten_login_is_renewed_once_before_the_order_is_taken() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers["Authorization"] == "Bearer t1":
            return httpx.Response(401, json={"code": 16, "message": "token is unknown"})
        return httpx.Response(200, json={"name": NAME})

    session = plant(answer)
    assert await VENDOR.submit(session, order({"jobList": {}})) == Reference(NAME)


def test_an_order_that_fails_at_once_is_a_refusal() -> None:
    operation = {"name": NAME, "done": True, "error": {"code": 9, "message": "no licence"}}
    with pytest.raises(AskError, match="did not start the order: no licence") as caught:
        read_started(reply(operation))
    assert caught.value.kind is ProblemKind.BAD_REPLY


@given(json_values | almost("name", "metadata", "error", "done"))
def test_any_answer_names_an_order_or_is_refused(value: object) -> None:
    with contextlib.suppress(AskError):
        assert read_started(reply(value)).id
