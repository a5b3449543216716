"""JAGGAER: the link of the result: its life, its name, a file that comes late (dossier section 5, traps 1, 5, 6)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clock import START, FakeClock
from tests.vendors.fakes import FakeSession, reply, secrets_of
from tui.disposition import file_name_of
from tui.errors import AskError
from tui.model import Connection, JobState, Output, OutputKind, ProblemKind, Reference, Snapshot, Stat
from tui.vendors.contract import ExplainsFiles
from tui.vendors.jaggaer import VENDOR
from tui.vendors.jaggaer.read import read_status

BASE = "https://ees.example"
REF = Reference("p1", url=f"{BASE}/asyncStatus/p1")
STORE = "https://s3.us-east-2.amazonaws.com/demo.async-results/EES_000001_9f3c"
SIGNED = f"{STORE}?X-Amz-Date=20260302T081500Z&X-Amz-Expires=300&X-Amz-Signature=ab"
MISSING = "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>"


def completed(left: object = 289, url: str = SIGNED, **more: object) -> dict[str, object]:
    return {"status": "completed", "resultUrl": url, "resultUrlExpiresInSeconds": left, **more}


def told(left: object = 289, url: str = SIGNED) -> Snapshot:
    return read_status(reply(completed(left, url)), REF)


@pytest.mark.parametrize(
    ("left", "notice"),
    [
        (250, "the result link dies in 4m10s, at 08:19:10 UTC: fetch it now"),
        ("900", "the result link dies in 15m00s, at 08:30:00 UTC: fetch it now"),
        (901, None),
    ],
)
def test_a_link_near_its_end_is_shouted_about(left: object, notice: str | None) -> None:
    assert told(left).notice == notice


@pytest.mark.parametrize("left", [-1, "-1", 0])
def test_trap_5_a_dead_link_says_what_to_do(left: object) -> None:
    snapshot = told(left)
    assert (snapshot.state, snapshot.stats) == (JobState.SUCCEEDED, ())
    assert snapshot.notice == "the result's link has expired; start the call again: only a new call makes a new one"
    assert snapshot.outputs == (Output("EES_000001_9f3c", OutputKind.VALUE, value="expired"),)


@pytest.mark.parametrize("left", [None, True, "soon", [], {}])
def test_without_a_count_the_links_own_date_is_taken(left: object) -> None:
    assert told(left).outputs[0].expires_at == START + timedelta(seconds=300)
    assert told(left, STORE).outputs == (Output("EES_000001_9f3c"),)


def test_two_clocks_that_differ_are_both_shown() -> None:
    early = SIGNED.replace("T081500Z", "T074000Z")
    assert told(url=early).stats[1] == Stat("result link dies by its own date", "34m49s earlier")
    assert told(url=early).outputs[0].expires_at == START + timedelta(seconds=289)
    assert len(told().stats) == 1


@pytest.mark.parametrize(
    "until", ["X-Amz-Date=99991231T235959Z&X-Amz-Expires=604800", "X-Amz-Expires=²", "X-Amz-Date=x"]
)
def test_a_strange_signature_is_read_without_harm(until: str) -> None:
    assert told(None, f"{STORE}?{until}").outputs == (Output("EES_000001_9f3c"),)


def test_a_completed_process_without_a_result_says_so() -> None:
    snapshot = read_status(reply({"status": "completed"}), REF)
    assert (snapshot.outputs, snapshot.notice) == (
        (),
        "the answer names no result: refresh the job; if it stays so, start the call again",
    )


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="bids 7.zip"', "bids 7.zip"),
        ("attachment; filename*=UTF-8''b%C3%BCds.csv", "büds.csv"),
        ("attachment; filename=../../etc/passwd", "passwd"),
        ("attachment; filename=C:\\x\\a.csv", "a.csv"),
        ("attachment", None),
        ("", None),
        ("attachment; filename*=nonsense''%80", None),
    ],
)
def test_a_content_disposition_gives_a_name(disposition: str, name: str | None) -> None:
    found = file_name_of(disposition)
    assert found == name or (name is None and found is not None and "/" not in found)


@given(st.text() | st.text().map(lambda text: f"attachment; filename{text}"))
def test_no_content_disposition_breaks_its_reader(text: str) -> None:
    found = file_name_of(text)
    assert found is None or ("/" not in found and "\n" not in found)


def test_a_name_that_the_link_asks_for_wins() -> None:
    url = f"{SIGNED}&response-content-disposition=attachment%3B%20filename%3D%22bids.zip%22"
    assert told(url=url).outputs[0].name == "bids.zip"


class Store:
    """The service and the store behind it: each `fetch` takes the next answer, the last one for ever."""

    def __init__(self, *answers: httpx.Response | Exception, left: int = 289, url: str = SIGNED) -> None:
        self._answers = list(answers)
        self._reply = completed(left, url)
        self.clock = FakeClock()
        connection = Connection("sourcing", "jaggaer", BASE)
        found = secrets_of("sourcing", access_token="tok", api_key="key40")
        self.session = FakeSession(VENDOR, connection, found, self, self.clock)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "ees.example":
            return httpx.Response(200, json=self._reply)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def resolve(self) -> str | AskError:
        """The file's name, or the error; time passes as needed."""
        asking = asyncio.create_task(VENDOR.resolve(self.session, REF, Output("x")))
        await self.clock.advance(20)
        try:
            (link,) = await asking
        except AskError as error:
            return error
        assert (link.url, link.signed_in) == (
            str(self.session.fetched[-1].url) if self.session.fetched else link.url,
            False,
        )
        return link.file_name or ""


async def test_trap_1_the_store_sees_none_of_our_headers() -> None:
    store = Store(httpx.Response(200, content=b"PK"))
    await store.resolve()
    (request,) = store.session.fetched
    assert request.url.raw_path.decode() == SIGNED.removeprefix("https://s3.us-east-2.amazonaws.com")
    ours = {name for name in request.headers if name in ("authorization", "x-api-key") or name.startswith("x-amz-")}
    assert ours == set()


@pytest.mark.parametrize(
    "missing",
    [httpx.Response(404, text=MISSING), httpx.Response(403, text="<Error><Message>Access Denied</Message></Error>")],
)
async def test_a_file_that_comes_late_is_waited_for(missing: httpx.Response) -> None:
    late = Store(missing, missing, httpx.Response(200, headers={"content-disposition": "attachment; filename=a.csv"}))
    assert await late.resolve() == "a.csv"
    assert len(late.session.fetched) == 3
    never = Store(missing)
    error = await never.resolve()
    assert isinstance(error, AskError)
    assert (error.kind, len(never.session.fetched)) == (ProblemKind.GONE, 4)


async def test_a_file_is_not_waited_for_beyond_the_end_of_its_link() -> None:
    url = SIGNED.replace("Expires=300", "Expires=5")
    store = Store(httpx.Response(404, text=MISSING), left=5, url=url)
    assert isinstance(await store.resolve(), AskError)
    assert len(store.session.fetched) == 2


async def test_an_older_link_and_a_larger_file_are_fetched_without_a_look() -> None:
    assert await Store(httpx.Response(404), left=230).resolve() == "EES_000001_9f3c"
    assert await Store(httpx.Response(200, content=b"x" * 9_000)).resolve() == "EES_000001_9f3c"
    assert await Store(httpx.ConnectError("down")).resolve() == "EES_000001_9f3c"


async def test_trap_6_an_expired_link_is_not_tried_again() -> None:
    expired = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
    store = Store(httpx.Response(403, text=expired))
    error = await store.resolve()
    assert isinstance(error, AskError)
    assert (error.kind, len(store.session.fetched)) == (ProblemKind.GONE, 1)


def test_it_explains_what_comes_in_place_of_a_file() -> None:
    vendor: ExplainsFiles = VENDOR
    assert vendor.file_error(reply(b"PK", 206)) is None
    late = vendor.file_error(reply(MISSING, 404))
    assert late is not None
    assert (late.kind, late.retry_after) == (ProblemKind.UNREACHABLE, 2.0)
    busy = vendor.file_error(reply("<Error><Code>SlowDown</Code></Error>", 503, headers={"retry-after": "7"}))
    assert busy is not None
    assert (busy.kind, busy.retry_after) == (ProblemKind.UNREACHABLE, 7.0)


@given(st.binary() | st.text().map(str.encode), st.sampled_from([301, 400, 401, 403, 404, 412, 416, 429, 503]))
def test_no_answer_of_the_store_breaks_its_reader(body: bytes, status: int) -> None:
    error = VENDOR.file_error(reply(body, status))
    assert error is not None
    assert error.hint
