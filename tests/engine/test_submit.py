"""Starting a job: written down before it is sent, sent once, and never again by itself."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Generator
from pathlib import Path

import httpx
import pytest

from tests.clock import START, FakeClock
from tests.engine.scripted import CONNECTION, ScriptedVendor
from tests.vendors.live import until
from tui.clock import Clock
from tui.engine.board import Board
from tui.engine.secrets.finder import SecretFinder
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.storage.store import Store
from tui.engine.submit import Submitter, Wish
from tui.engine.wire.sessions import Sessions
from tui.errors import AskError
from tui.model import Connection, Job, JobKey, ProblemKind, Reference
from tui.vendors._status import check
from tui.vendors.contract import Order, Reply, Secrets, Session

ORDER = Order('{"what": "export"}', "ch-1")


class Desk:
    """A submitter on a real board."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        self.store = Store(folder / "board.sqlite")
        self.board = Board(self.store, clock)
        self.vendor: ScriptedVendor = ScriptedVendor()
        finder = SecretFinder({}, GuardedKeyring(trouble="none here"), clock)
        self.sessions = Sessions(clock, finder, lambda _: self.vendor)
        self.submitter = Submitter(self.board, self.sessions, clock)

    async def submit(self, order: Order = ORDER, title: str | None = None) -> Job:
        return await self.submitter.submit(Wish(CONNECTION, order, title), self.vendor)


@pytest.fixture
async def desk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path, clock)
    await desk.board.load()
    yield desk
    await desk.sessions.close()
    await desk.store.close()


async def test_a_started_job_is_tracked_with_its_body(desk: Desk) -> None:
    job = await desk.submit(title="nightly")
    assert (job.key, job.title, job.order_body, job.order_place) == ("lab:42", "nightly", ORDER.body, "ch-1")
    assert not job.outcome_unknown
    assert list(desk.board.jobs) == ["lab:42"]


async def test_it_is_on_the_disk_before_it_is_sent(desk: Desk, tmp_path: Path) -> None:
    seen: list[bool] = []

    def look(_: Order) -> Reference:
        seen.extend(job.outcome_unknown for job in desk.board.jobs.values())
        return Reference("42")

    desk.vendor.on_submit = look
    await desk.submit()
    assert seen == [True]


async def test_a_lost_reply_stays_and_is_not_sent_again(desk: Desk, tmp_path: Path, clock: FakeClock) -> None:
    def lose(_: Order) -> Reference:
        raise AskError(ProblemKind.UNREACHABLE, "the connection broke")

    desk.vendor.on_submit = lose
    with pytest.raises(AskError, match="nobody knows") as caught:
        await desk.submit()
    assert caught.value.exit_code == 4
    (job,) = desk.board.jobs.values()
    assert job.outcome_unknown
    assert job.snapshot.notice is not None
    assert "outcome unknown" in job.snapshot.notice
    assert len(desk.vendor.submitted) == 1
    again = Board(desk.store, clock)
    await again.load()
    assert [job.outcome_unknown for job in again.jobs.values()] == [True]


@pytest.mark.parametrize("kind", [ProblemKind.AUTH, ProblemKind.FORBIDDEN, ProblemKind.BAD_REPLY, ProblemKind.GONE])
async def test_a_refused_order_leaves_nothing(kind: ProblemKind, desk: Desk) -> None:
    def refuse(_: Order) -> Reference:
        raise AskError(kind, "no")

    desk.vendor.on_submit = refuse
    with pytest.raises(AskError, match="no"):
        await desk.submit()
    assert dict(desk.board.jobs) == {}


async def test_the_orders_own_name_is_the_title_unless_the_user_gives_one(desk: Desk) -> None:
    class Titling(ScriptedVendor):
        def title_of(self, order: Order) -> str | None:
            return "march\x1b[2J"

    desk.vendor = Titling()
    assert (await desk.submit()).given_title == "march␛[2J"
    desk.vendor.on_submit = lambda _: Reference("43")
    assert (await desk.submit(title="mine")).given_title == "mine"


async def test_a_body_with_credentials_is_not_kept(desk: Desk) -> None:
    job = await desk.submit(Order('{"headers": {"Authorization": "Bearer eyJcanary"}}'))
    assert job.order_body is None
    assert len(desk.vendor.submitted) == 1


class Posting(ScriptedVendor):
    """Signs in with a token and starts a job by one POST."""

    def login(self, connection: Connection, secrets: Secrets, clock: Clock) -> httpx.Auth:
        return Badge()

    async def submit(self, session: Session, order: Order) -> Reference:
        self.submitted.append(order)
        check(await session.send("POST", "/jobs", content=order.body.encode()))
        return Reference("42")


class Badge(httpx.Auth):
    """Fetches a badge before each request, and a new one after a 401."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        for _ in range(2):
            badge = yield httpx.Request("POST", "https://lab.example/badge")
            check(Reply(badge.status_code, badge.headers, b"", START))
            answer = yield request
            if answer.status_code != 401:
                return


Fault = Exception | int
LOST = (httpx.ReadTimeout("slow"), httpx.ReadError("cut"), httpx.WriteError("cut"), httpx.RemoteProtocolError("cut"))
NEVER_LEFT = (
    httpx.ConnectError("refused"),
    httpx.ConnectTimeout("nobody"),
    httpx.PoolTimeout("full"),
    httpx.ProxyError("407 Proxy Authentication Required"),
)


def broken_tls(error: httpx.TransportError) -> httpx.TransportError:
    cause = ssl.SSLError(1, "[SSL] record layer failure")
    cause.reason = "RECORD_LAYER_FAILURE"
    error.__cause__ = cause
    return error


@pytest.fixture
def wired(desk: Desk, clock: FakeClock) -> Callable[..., None]:
    """Puts a network below the desk's session whose badge and whose jobs answer so, or fail so."""

    def wire(badge: Fault, *jobs: Fault) -> None:
        answers = list(jobs)

        def answer(request: httpx.Request) -> httpx.Response:
            told = badge if request.url.path == "/badge" else answers.pop(0)
            if isinstance(told, Exception):
                raise told
            return httpx.Response(told)

        desk.vendor = Posting()
        finder = SecretFinder({}, GuardedKeyring(trouble="none here"), clock)
        desk.sessions = Sessions(clock, finder, lambda _: desk.vendor, lambda _: httpx.MockTransport(answer))
        desk.submitter = Submitter(desk.board, desk.sessions, clock)

    return wire


async def test_one_that_waits_for_its_turn_is_not_written_down_as_sent(
    desk: Desk, wired: Callable[..., None], clock: FakeClock
) -> None:
    wired(200, 200)
    gate = desk.sessions.quota(CONNECTION).gate
    while gate.left:
        await gate.take()
    sending = asyncio.create_task(desk.submit())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not desk.board.jobs
    await until(sending.done, clock, step=1.0)
    assert (await sending).ref.id == "42"
    assert desk.board.job(JobKey("lab:42")).tracked_at > START


async def test_an_order_costs_one_turn_and_its_login_another(desk: Desk, wired: Callable[..., None]) -> None:
    wired(200, 200)
    gate = desk.sessions.quota(CONNECTION).gate
    left = gate.left
    await desk.submit()
    assert gate.left == left - 2


@pytest.mark.parametrize("fault", NEVER_LEFT, ids=repr)
async def test_an_order_that_never_left_is_told_as_not_sent(
    fault: Exception, desk: Desk, wired: Callable[..., None]
) -> None:
    wired(200, fault)
    with pytest.raises(AskError, match="the order was not sent, no job was started") as caught:
        await desk.submit()
    assert (caught.value.exit_code, caught.value.hint != "") == (4, True)
    assert dict(desk.board.jobs) == {}


@pytest.mark.parametrize(
    ("fault", "code"), [(401, 3), (503, 4), (LOST[0], 4), (NEVER_LEFT[0], 4)], ids=["401", "503", "slow", "no line"]
)
async def test_without_a_login_nothing_is_sent(fault: Fault, code: int, desk: Desk, wired: Callable[..., None]) -> None:
    wired(fault)
    with pytest.raises(AskError, match="the order was not sent") as caught:
        await desk.submit()
    assert caught.value.exit_code == code
    assert dict(desk.board.jobs) == {}


@pytest.mark.parametrize("fault", [*LOST, 500, 503], ids=repr)
async def test_after_the_first_byte_nobody_knows(fault: Fault, desk: Desk, wired: Callable[..., None]) -> None:
    wired(200, fault)
    with pytest.raises(AskError, match="nobody knows") as caught:
        await desk.submit()
    assert caught.value.exit_code == 4
    assert [job.outcome_unknown for job in desk.board.jobs.values()] == [True]


async def test_tls_that_breaks_before_or_after_the_first_byte(desk: Desk, wired: Callable[..., None]) -> None:
    wired(200, broken_tls(httpx.ConnectError("handshake")))
    with pytest.raises(AskError, match="was not sent"):
        await desk.submit()
    assert dict(desk.board.jobs) == {}
    wired(200, broken_tls(httpx.ReadError("record")))
    with pytest.raises(AskError, match="nobody knows"):
        await desk.submit()
    assert len(desk.board.jobs) == 1


async def test_an_order_that_was_refused_for_its_login_is_told_as_refused(
    desk: Desk, wired: Callable[..., None]
) -> None:
    wired(200, 401, 401)
    with pytest.raises(AskError, match="refused the credentials") as caught:
        await desk.submit()
    assert caught.value.exit_code == 3
    assert dict(desk.board.jobs) == {}


async def test_a_job_of_an_odd_id_is_not_tracked_but_stays_as_sent(desk: Desk) -> None:
    desk.vendor.on_submit = lambda _: Reference("job-1\x1b[31m")
    with pytest.raises(AskError, match="in an odd way") as caught:
        await desk.submit()
    assert str(caught.value).isprintable()
    assert [job.outcome_unknown for job in desk.board.jobs.values()] == [True]
