"""Finding a start whose reply was lost: what each vendor's list lets one say (autodesk 3.5, trap 9; aspera 4)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import count
from pathlib import Path

import httpx
import pytest

from tests.clock import START, FakeClock
from tests.vendors.fakes import FakeSession, secrets_of
from tests.vendors.live import engine_at
from tui.emulators.faults import die
from tui.emulators.server import EmulatedVendors
from tui.emulators.switches import Switches
from tui.engine.engine import Engine
from tui.engine.facts.jobs import TrackWish
from tui.errors import AskError
from tui.model import Connection, Job, JobState, LostStart, ProblemKind, Reference
from tui.vendors.aspera import VENDOR as ASPERA
from tui.vendors.autodesk import VENDOR as AUTODESK
from tui.vendors.contract import Order
from tui.vendors.contract.lost_starts import FindsStarts, Lookalike, Lookalikes

EXPORT = LostStart("acme.Export+prod", outputs=("results/out.zip",))
INGEST, NAMED = LostStart("44"), LostStart("44", name="Ingest 07")
Handler = Callable[[httpx.Request], httpx.Response]


def hexed(number: int) -> str:
    return f"{number:032x}"


def iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def later(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


# Autodesk


def aps(answer: Handler, after: float = 60.0) -> FakeSession:
    """Design Automation, asked so many seconds after the sending; the token is had without a word."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"access_token": "t", "token_type": "Bearer", "expires_in": 3599})
        return answer(request)

    connection = Connection("aps", "autodesk", "https://aps.example", {"client_id": "app"})
    clock = FakeClock(later(after))
    return FakeSession(AUTODESK, connection, secrets_of("aps", client_secret="s"), handle, clock)


def listing(*items: tuple[str | None, datetime | None], date: datetime | None = None) -> Handler:
    """A list of WorkItems, numbered from 1, that tell this activity and this time; None for what is not told."""

    def answer(request: httpx.Request) -> httpx.Response:
        headers = {"Date": format_datetime(date, usegmt=True)} if date else {}
        if request.method == "GET":
            data = [{"id": hexed(number), "lastModifiedInUTCEpochSecond": 1} for number in range(1, len(items) + 1)]
            return httpx.Response(200, json={"data": data}, headers=headers)
        told = [
            {
                "id": hexed(number),
                "status": "success",
                **({"activityId": activity} if activity else {}),
                "stats": {"timeQueued": iso(at)} if at else {},
            }
            for number, (activity, at) in enumerate(items, 1)
        ]
        return httpx.Response(200, json={"results": told})

    return answer


async def looked(session: FakeSession, lost: LostStart, *known: str) -> Lookalikes:
    vendor = ASPERA if session.connection.vendor == "aspera" else AUTODESK
    assert isinstance(vendor, FindsStarts)
    return await vendor.find_start(session, lost, START, known)


async def test_autodesk_only_its_activity_at_its_time_and_never_surely() -> None:
    answer = listing(
        ("acme.Export+prod", later(1)),
        ("acme.Other+prod", later(1)),
        ("acme.Export+prod", later(-31)),
        ("acme.Export+prod", later(121)),
        (None, None),
        ("client-id.Export+prod", later(-29)),
    )
    session = aps(answer)
    found = tuple(Lookalike(Reference(hexed(number), outputs=EXPORT.outputs)) for number in (1, 5, 6))
    assert await looked(session, EXPORT) == Lookalikes(found)
    listed = next(request for request in session.sent if request.url.path.endswith("/workitems"))
    assert int(listed.url.params["startAfterTime"]) < START.timestamp() < 10_000_000_000  # seconds, trap 21


async def test_autodesk_nothing_is_asked_about_what_is_known() -> None:
    session = aps(listing(("acme.Export+prod", later(1))))
    assert await looked(session, EXPORT, hexed(1)) == Lookalikes()
    assert [request.method for request in session.sent] == ["POST", "GET"]  # the token and the list


async def test_autodesk_pages_without_end_are_left() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"data": [], "paginationToken": f"p{next(numbers)}"})

    numbers: Iterator[int] = count()
    session = aps(answer)
    assert await looked(session, EXPORT) == Lookalikes(gap="its list has no end")
    assert len(session.sent) == 31
    numbers = iter([7] * 9)  # a token that comes again
    assert await looked(session, EXPORT) == Lookalikes(gap="its list has no end")


@pytest.mark.parametrize(
    ("answer", "after", "gap"),
    [
        (listing(), 60.0, None),
        (listing(), 4 * 86_400, "Autodesk forgets a WorkItem three days after its end"),
        (listing(date=later(60 + 300)), 60.0, "its clock and this one differ by 5m00s"),
        (listing(date=later(60 + 20)), 60.0, None),
        (listing(*[("acme.Other+prod", START)] * 501), 60.0, "more than 500 others moved since"),
    ],
)
async def test_autodesk_why_it_may_be_none_of_them(answer: Handler, after: float, gap: str | None) -> None:
    assert await looked(aps(answer, after), EXPORT) == Lookalikes(gap=gap)


async def test_autodesk_what_cannot_be_told_is_said() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(200, json={"results": [], "errors": {hexed(1): "Throttled"}})
        data = [{"id": hexed(1), "lastModifiedInUTCEpochSecond": 1}]
        return (
            httpx.Response(404)
            if "startAfterTime" not in request.url.params
            else httpx.Response(200, json={"data": data})
        )

    assert (await looked(aps(answer), EXPORT)).gap == "the status of 1 that moved since cannot be told"


@pytest.mark.parametrize(("status", "kind"), [(403, ProblemKind.FORBIDDEN), (400, ProblemKind.BAD_REPLY)])
async def test_autodesk_a_list_that_is_refused_is_no_answer(status: int, kind: ProblemKind) -> None:
    with pytest.raises(AskError) as caught:
        await looked(aps(lambda _: httpx.Response(status)), EXPORT)
    assert caught.value.kind is kind


# Aspera


def orchestrator(orders: object, details: httpx.Response | None = None) -> FakeSession:
    def handle(request: httpx.Request) -> httpx.Response:
        if "/workflow_details/44" in request.url.path:
            return details or httpx.Response(404)
        assert request.url.path.endswith("/work_orders_list/44")
        if isinstance(orders, str):
            return httpx.Response(200, text=orders)
        return httpx.Response(200, json={"work_orders": orders})

    connection = Connection("orc", "aspera", "https://orc.example/api", {"username": "ops"})
    return FakeSession(ASPERA, connection, secrets_of("orc", password="p"), handle)


def listed(number: int, name: str, seconds: float | None) -> dict[str, object]:
    return {"id": number, "name": name, "created_at": None if seconds is None else iso(later(seconds))}


def counts(*told: int) -> httpx.Response:
    statuses = [{"status": f"s{at}", "count": str(count)} for at, count in enumerate(told)]
    return httpx.Response(200, json={"workflows": {"workflow": {"id": "44", "statuses": statuses}}})


ORDERS = [listed(1, "Ingest 06", 1), listed(2, "Ingest 07", 1), listed(3, "Ingest 07", 500)]


async def test_aspera_the_name_that_the_order_gave_is_a_proof() -> None:
    told = await looked(orchestrator(ORDERS, counts(1, 2)), NAMED)
    assert told == Lookalikes((Lookalike(Reference("2"), is_sure=True),))


async def test_aspera_a_time_alone_is_none() -> None:
    told = await looked(orchestrator(ORDERS, counts(1, 2)), INGEST, "1")
    assert told == Lookalikes((Lookalike(Reference("2")),))


ZONED = (
    '<work_orders><work_order id="7"><timestamps><created_at>2026-03-02 10:15:01 UTC</created_at></timestamps>'
    "</work_order></work_orders>"
)
XML_COUNTS = (
    '<workflows><workflow id="44"><statuses><status type="Complete" count="3"/></statuses></workflow></workflows>'
)


@pytest.mark.parametrize(
    ("orders", "details", "gap"),
    [
        (ORDERS, counts(3), None),
        (ORDERS, httpx.Response(200, text=XML_COUNTS), None),
        (ORDERS, counts(2, 7), "it lists 3 of 9 work orders"),
        (ORDERS, counts(), "nothing tells whether its list is whole"),
        (ORDERS, httpx.Response(403), "nothing tells whether its list is whole"),
        ([*ORDERS, listed(4, "a", None)], counts(4), "its list tells no times"),
        ([{"id": 1, "created_at": "2026-03-02 10:15:01"}], counts(1), "the times in its list name no time zone"),
        (ZONED.replace(" UTC", ""), counts(1), "the times in its list name no time zone"),
        (ZONED, counts(1), None),
        ('<work_orders><work_order id="7"/></work_orders>', counts(1), "its list tells no times"),
    ],
)
async def test_aspera_why_it_may_be_none_of_them(orders: object, details: httpx.Response, gap: str | None) -> None:
    assert await looked(orchestrator(orders, details), INGEST, "1", "2") == Lookalikes(gap=gap)


# Both, emulated


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def world(clock: FakeClock) -> AsyncIterator[EmulatedVendors]:
    async with EmulatedVendors(clock=clock) as running:
        yield running


async def lost(engine: Engine, world: EmulatedVendors, name: str, body: str) -> Job:
    """The line of a start that the emulated vendor obeyed and whose answer was cut off."""
    switches = Switches(world)
    switches.turn_on("lost-start", name)
    with pytest.raises(AskError, match="nobody knows"):
        await engine.vendor_desk.submit(name, Order(body), "mine")
    switches.turn_all_off()
    (line,) = engine.board.jobs.values()
    return line


async def test_a_lost_workitem_is_offered_and_taken_over(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path
) -> None:
    async with engine_at(world, "autodesk", clock, tmp_path) as engine:
        line = await lost(engine, world, "autodesk", '{"activityId": "acme.Mine+prod"}')
        line = await engine.search.look_up(line.key)
        assert line.lost is not None
        (found,) = line.lost.candidates
        clock.jump(30)
        job = await engine.asking.track(TrackWish(found))
        assert (job.title, job.state) == ("mine", JobState.SUCCEEDED)
        assert list(engine.board.jobs) == [job.key]


async def test_a_lost_workitem_among_others_of_its_activity_is_not_guessed(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path
) -> None:
    async with engine_at(world, "autodesk", clock, tmp_path) as engine:
        line = await lost(engine, world, "autodesk", '{"activityId": "acme.ExportFbx+prod"}')
        line = await engine.search.look_up(line.key)
        assert line.lost is not None
        assert len(line.lost.candidates) > 1
        assert line.outcome_unknown


async def test_a_lost_work_order_with_a_name_of_its_own_is_found(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path
) -> None:
    async with engine_at(world, "aspera", clock, tmp_path) as engine:
        line = await lost(engine, world, "aspera", '{"workflow_id": 45, "name": "Nightly 7"}')
        job = await engine.search.look_up(line.key)
        assert list(engine.board.jobs.values()) == [job]
        assert (job.outcome_unknown, job.lost, job.title) == (False, None, "mine")
        assert (await engine.store.events(job.key))[-1].text == f"found at the vendor: {job.ref.id}"
        assert (await engine.asks.ask_now(job.key)).snapshot.title == "Nightly 7"
        assert await engine.search.look_up(line.key) == engine.board.job(job.key)


async def test_of_two_lost_work_orders_of_one_name_none_is_taken(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path
) -> None:
    async with engine_at(world, "aspera", clock, tmp_path) as engine:
        await lost(engine, world, "aspera", '{"workflow_id": 45, "name": "Nightly 7"}')
        clock.jump(1)
        world.aspera.faults.add(die("/initiate"))  # the second one is not started
        with pytest.raises(AskError, match="nobody knows"):
            await engine.vendor_desk.submit("aspera", Order('{"workflow_id": 45, "name": "Nightly 7"}'))
        for key in tuple(engine.board.jobs):
            line = await engine.search.look_up(key)
            assert line.lost is not None
            assert len(line.lost.candidates) == 1
