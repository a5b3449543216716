"""Autodesk beyond watching: submit, discover, browse, explain a wait (autodesk dossier, sections 3.4, 3.5, 4.3)."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clock import START
from tests.vendors.fakes import FakeSession, Handler, reply
from tests.vendors.strategies import almost, json_values
from tests.vendors.test_autodesk import BASE, ID, ITEMS, answer_with, aps, refused
from tui.errors import AskError, UsageError
from tui.model import JobState, Output, ProblemKind, Reference, Snapshot
from tui.vendors.autodesk import VENDOR
from tui.vendors.autodesk.lists import read_engine, read_moved, read_shelf, wait_sentence
from tui.vendors.autodesk.order import read_started
from tui.vendors.contract import Order

OUT = "urn:adsk.objects:os.object:acme-results/a dir/out.zip"
BODY = {
    "activityId": "acme.ExportFbx+prod",
    "arguments": {
        "In": {"url": "https://in.example/scene.max"},
        "Out": {"verb": "put", "url": OUT, "headers": {"Authorization": "Bearer x"}},
        "N": "5",
        "Quality": {"value": "high"},
        "adskDebug": {"uploadJobFolder": True},
    },
    "limitProcessingTimeSec": 900,
    "memoryGb": 32,
}
QUEUED = {"status": "pending", "stats": {"timeQueued": "2026-03-02T08:15:00Z"}, "id": ID}
BUCKET = "/oss/v2/buckets/acme-results/objects"


def order(body: object = BODY) -> Order:
    return Order(body if isinstance(body, str) else json.dumps(body))


def changed(**changes: object) -> dict[str, object]:
    return {**BODY, **changes}


async def test_a_submit_is_one_post_and_its_outputs_are_known() -> None:
    session = aps(answer_with(json=QUEUED))
    VENDOR.read_order(order())
    assert await VENDOR.submit(session, order()) == Reference(ID, outputs=("acme-results/a dir/out.zip",))
    request = session.sent[-1]
    assert (request.method, request.url.path, request.headers["content-type"]) == ("POST", ITEMS, "application/json")
    assert json.loads(request.content) == BODY
    assert len(session.sent) == 2


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_trap_9_a_submit_is_never_repeated(status: int) -> None:
    session = aps(answer_with(status))
    error = await refused(VENDOR.submit(session, order()))
    assert error.kind is (ProblemKind.RATE_LIMITED if status == 429 else ProblemKind.UNREACHABLE)
    assert len(session.sent) == 2


async def test_trap_9_a_lost_reply_leaves_the_outcome_open() -> None:
    def cut(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("cut", request=request)

    session = aps(cut)
    assert (await refused(VENDOR.submit(session, order()))).kind is ProblemKind.UNREACHABLE
    assert len(session.sent) == 2


@pytest.mark.parametrize("body", ["<html>sign in</html>", "{}", "[]", '{"id": 7}', '{"id": "a/b"}'])
async def test_a_submit_that_was_taken_but_not_answered_readably_is_open_too(body: str) -> None:
    error = await refused(VENDOR.submit(aps(answer_with(text=body)), order()))
    assert error.kind is ProblemKind.UNREACHABLE
    assert "took the order" in error.message


@pytest.mark.parametrize(
    ("body", "told", "hint"),
    [
        ("{", "line 1, column 2", "JSON object"),
        ("[" * 5000, "JSON", "JSON object"),
        ('{"a": NaN}', "cannot carry", "JSON object"),
        ('"\\ud800"', "cannot carry", "JSON object"),
        ([BODY], "array", "one WorkItem"),
        ("7", "no JSON object", "activityId"),
        ({"arguments": {}}, "no activityId", "Owner.Activity+alias"),
        (changed(activityId="ExportFbx"), "'ExportFbx' is not qualified", "acme.Export+prod"),
        (changed(activityId=7), "not qualified", "acme.Export+prod"),
        (changed(arguments=[]), "arguments is not a map", "NAME: ARGUMENT"),
        (changed(arguments={"In": 7}), "the argument In is neither", "value"),
        (changed(arguments={"In": {}}), "neither a url nor a value", "value"),
        (changed(arguments={"In": {"url": "nowhere"}}), "no address", "https://"),
        (changed(arguments={"In": {"url": "https://h/", "verb": "fetch"}}), "verb 'fetch'", "refget"),
        (changed(arguments={"In": {"url": "https://h/", "headers": ["x"]}}), "headers", "Authorization"),
        (changed(arguments={"In": {"url": "https://h/", "localname": "x"}}), "localname", "mean localName"),
        ({"activityid": "acme.E+prod"}, "activityid", "did you mean activityId"),
        (changed(limitProcessingTimeSec=0), "whole number", "900"),
        (changed(limitProcessingTimeSec=True), "whole number", "900"),
    ],
)
def test_a_wrong_order_is_told_before_anything_is_sent(body: object, told: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        VENDOR.read_order(order(body))
    assert told in caught.value.message
    assert hint in caught.value.hint


def test_trap_4_new_keys_of_an_order_are_no_matter() -> None:
    VENDOR.read_order(order(changed(somethingOfNextYear={"a": 1})))


async def test_an_order_that_is_too_large_is_not_sent() -> None:
    large = order(changed(arguments={"In": "x" * 20_000}))
    session = aps(answer_with(json=QUEUED))
    error = await refused(VENDOR.submit(session, large))
    assert "16384" in error.message
    assert "max_order_bytes" in error.hint
    assert session.sent == []
    refusal = await refused(VENDOR.submit(aps(answer_with(413)), order()))
    assert refusal.kind is ProblemKind.BAD_REPLY


@given(json_values | almost("activityId", "arguments", "limitProcessingTimeSec"), st.text() | st.none())
def test_no_order_and_no_reply_breaks_the_readers(body: object, text: str | None) -> None:
    written = order(text if text is not None else json.dumps(body))
    for read in (
        lambda: VENDOR.read_order(written),
        lambda: read_started(reply(body), {}),
        lambda: read_moved(reply(body)),
        lambda: read_shelf(reply(body), "acme-results"),
        lambda: read_engine(reply(body)),
        lambda: wait_sentence("Revit", body if isinstance(body, dict) else {}, {"p50QueueTimeMs": body}),
    ):
        with contextlib.suppress(AskError, UsageError):
            read()


def listing(*pages: dict[str, object]) -> Handler:
    left = list(pages)
    return lambda _: httpx.Response(200, json=left.pop(0))


async def test_traps_7_and_21_what_moved_lately_is_listed_over_all_pages_newest_first() -> None:
    item = {"id": ID, "lastModifiedInUTCEpochSecond": 1772439303}
    newer = {"id": "1" * 32, "lastModifiedInUTCEpochSecond": 1772439400, "status": "new key"}
    odd: list[object] = [{"id": "no id"}, 7, {"id": "2" * 32, "lastModifiedInUTCEpochSecond": "soon"}]
    session = aps(listing({"paginationToken": "t1", "data": [item]}, {"paginationToken": None, "data": [newer, *odd]}))
    found = await VENDOR.discover(session, START - timedelta(hours=1))
    assert [one.reference.id for one in found] == ["1" * 32, ID, "2" * 32]
    assert found[0].at == datetime.fromtimestamp(1772439400, UTC)
    since = int((START - timedelta(hours=1)).timestamp())
    assert [request.url.query.decode() for request in session.sent[1:]] == [
        f"startAfterTime={since}",
        f"startAfterTime={since}&page=t1",
    ]


async def test_the_list_goes_five_days_back_at_most_and_ends() -> None:
    session = aps(answer_with(json={"paginationToken": "again", "data": []}))
    assert await VENDOR.discover(session, datetime(2020, 1, 1, tzinfo=UTC)) == ()
    asked = int(session.sent[1].url.params["startAfterTime"])
    assert 0 < START.timestamp() - asked < 5 * 86_400
    assert len(session.sent) == 3


async def test_trap_22_a_shelf_asks_for_full_pages_and_follows_the_next_one_as_it_came() -> None:
    more = f"{BASE}{BUCKET}?limit=100&startAt=b%2Fc"
    items = [
        {"objectKey": "a dir/r.zip", "size": 7, "sha1": "AB" * 20},
        {"objectKey": "x://y", "size": -1, "sha1": "base64="},
        {"objectKey": ".."},
        {"objectKey": 7},
        None,
    ]
    session = aps(listing({"items": items, "next": more}, {"items": []}))
    shelf = await VENDOR.browse(session, "acme-results/a dir/")
    assert shelf.outputs == (
        Output("acme-results/a dir/r.zip", size=7, sha1="ab" * 20),
        Output("urn:adsk.objects:os.object:acme-results/x://y"),
    )
    assert VENDOR.read_outputs(shelf.outputs[1].name) == ("acme-results/x://y",)
    assert (await VENDOR.browse(session, "acme-results/a dir/", shelf.more)).more is None
    first, second = (request.url for request in session.sent[1:])
    assert (first.path, dict(first.params)) == (BUCKET, {"limit": "100", "beginsWith": "a dir/"})
    assert str(second) == more


@pytest.mark.parametrize(
    "more", ["https://elsewhere.example/oss", "http://developer.api.autodesk.com/oss", "//evil/x", "no url", "\x00://"]
)
async def test_a_next_page_on_another_host_gets_no_login(more: str) -> None:
    session = aps(answer_with(json={"items": []}))
    assert (await refused(VENDOR.browse(session, "acme-results", more))).kind is ProblemKind.FORBIDDEN
    assert session.sent == []


@pytest.mark.parametrize("place", ["", "Acme", "ab", "/x", "https://h/p"])
async def test_a_place_without_a_bucket_is_refused(place: str) -> None:
    with pytest.raises(UsageError) as caught:
        await VENDOR.browse(aps(answer_with()), place)
    assert "BUCKET/PREFIX" in caught.value.hint


def queue(engine: object, health: object, stats: object) -> Handler:
    def answer(request: httpx.Request) -> httpx.Response:
        told = {"activities": {"engine": engine}, "health": health}.get(request.url.path.split("/")[4])
        told = stats if request.url.path.endswith("/stats") else told
        return httpx.Response(told) if isinstance(told, int) else httpx.Response(200, json=told)

    return answer


WAITING = Snapshot(JobState.WAITING, "pending", title="acme.ExportFbx+prod")


@pytest.mark.parametrize(
    ("health", "stats", "expected"),
    [
        (
            {"Status": "Operational"},
            {"p50QueueTimeMs": 11_200, "p95QueueTimeMs": 100_000},
            "in the last 5 minutes half of the 3dsMax WorkItems waited up to 12s, 95 % up to 1m40s; "
            "Autodesk calls the engine Operational",
        ),
        (404, {"p50QueueTimeMs": -1, "p95QueueTimeMs": -1}, "no WorkItem left the 3dsMax queue in the last 5 minutes"),
        ({"Status": "Degraded"}, 404, "Autodesk calls 3dsMax Degraded"),
        (404, 404, None),
    ],
)
async def test_a_long_wait_is_explained(health: object, stats: object, expected: str | None) -> None:
    session = aps(queue("Autodesk.3dsMax+2024", health, stats))
    assert await VENDOR.explain_wait(session, WAITING) == expected
    assert [request.url.raw_path for request in session.sent[1:]] == [
        b"/da/us-east/v3/activities/acme.ExportFbx%2Bprod",
        b"/da/us-east/v3/health/3dsMax",
        b"/da/us-east/v3/health/3dsMax/stats",
    ]


async def test_what_is_not_known_of_a_wait_is_not_told() -> None:
    def nobody(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404, request=request)

    assert await VENDOR.explain_wait(aps(nobody), WAITING) is None
    assert await VENDOR.explain_wait(aps(queue(7, {}, {})), WAITING) is None
    silent: FakeSession = aps(nobody)
    assert await VENDOR.explain_wait(silent, Snapshot(JobState.RUNNING, title="acme.E+prod")) is None
    assert await VENDOR.explain_wait(silent, Snapshot(JobState.WAITING)) is None
    assert silent.sent == []
