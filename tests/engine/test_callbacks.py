"""A post at a job's own address has it asked at once and is never believed; all else learns nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.clock import START, FakeClock
from tests.engine.inline import Inline, inline_store
from tests.vendors.live import engine_at, until
from tui.config import Callbacks
from tui.emulators.server import EmulatedVendors
from tui.engine.board import Board
from tui.engine.border import inert
from tui.engine.callbacks import Listener, new_address
from tui.engine.storage.store import Store
from tui.engine.unbroken import unbroken
from tui.model import Job, JobState, Reference, Snapshot
from tui.redact import redact
from tui.vendors.autodesk import VENDOR as AUTODESK
from tui.vendors.contract import Order, PostsBack
from tui.vendors.enos import VENDOR as ENOS

HERE = Callbacks(("127.0.0.1", 0), "https://ops.example/hook")
ADDRESS = new_address(HERE)
assert ADDRESS is not None
URL = "https://ops.example/hook/x"
TOKEN = ADDRESS.url.rpartition("/")[2]
JOB = Job("aps", "autodesk", Reference("1"), START, callback=ADDRESS.digest)
OTHER = Job("aps", "autodesk", Reference("2"), START)


class Room:
    """A listener for a board of two jobs; `hints` are those that somebody posted of."""

    def __init__(self, path: Path, clock: FakeClock) -> None:
        self.disk = Inline()
        self.store = Store(path, self.disk)
        self.board = Board(self.store, clock)
        self.hints: list[str] = []
        self.listener = Listener(self.board, clock, lambda job: self.hints.append(job.ref.id))

    async def send(self, raw: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.listener.port)
        writer.write(raw)
        try:
            return (await reader.read(200)).split(b"\r\n")[0]
        except ConnectionResetError:
            return b""
        finally:
            writer.close()

    async def post(self, path: str, body: bytes = b"{}", method: str = "POST") -> bytes:
        return await self.send(f"{method} {path} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


@pytest.fixture
async def room(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Room]:
    room = Room(tmp_path / "board.sqlite", clock)
    await room.board.add((JOB, OTHER), "tracked")
    assert await room.listener.start(HERE) is None
    yield room
    await room.listener.close()
    await room.store.close()


def test_nobody_listens_nobody_posts() -> None:
    assert new_address(Callbacks()) is None


def test_an_address_cannot_be_guessed_and_is_masked_wherever_it_turns_up() -> None:
    addresses = {address.url for _ in range(20) if (address := new_address(HERE))}
    assert len(addresses) == 20
    assert all(len(url.rpartition("/")[2]) >= 43 for url in addresses)
    assert TOKEN not in str(JOB)
    assert all(url.rpartition("/")[2] not in redact(f"posted to {url} again") for url in addresses)


@pytest.mark.parametrize("path", [f"/hook/{TOKEN}", f"/{TOKEN}", f"/{TOKEN}?x=1"], ids=["folder", "bare", "query"])
async def test_a_post_at_a_jobs_address_has_it_asked(room: Room, path: str) -> None:
    assert await room.post(path, b'{"status": "failed"}') == b"HTTP/1.1 204 No Content"
    assert room.hints == ["1"]
    assert room.board.job(JOB.key).state is JobState.UNKNOWN


@pytest.mark.parametrize(
    ("path", "method"),
    [("/", "POST"), ("/hook", "POST"), ("/hook/x", "POST"), (f"/{TOKEN}x", "POST"), (f"/{TOKEN}", "GET")],
    ids=["root", "folder", "short", "long", "get"],
)
async def test_all_else_is_not_found(room: Room, path: str, method: str) -> None:
    assert await room.post(path, method=method) == b"HTTP/1.1 404 Not Found"
    assert room.hints == []


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        f"POST /{TOKEN} HTTP/1.1\r\nContent-Length: 65537\r\n\r\n".encode(),
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    ],
    ids=["nonsense", "large", "negative"],
)
async def test_what_is_no_small_post_is_not_found(room: Room, raw: bytes) -> None:
    assert await room.send(raw) == b"HTTP/1.1 404 Not Found"
    assert room.hints == []


async def test_an_endless_head_is_cut_off(room: Room) -> None:
    assert await room.send(b"POST / HTTP/1.1\r\nX: " + b"x" * 60_000) == b""


async def test_who_says_nothing_holds_nothing_up_and_ends_with_the_listener(room: Room) -> None:
    silent = [await asyncio.open_connection("127.0.0.1", room.listener.port) for _ in range(31)]
    assert await room.post(f"/{TOKEN}") == b"HTTP/1.1 204 No Content"
    silent.append(await asyncio.open_connection("127.0.0.1", room.listener.port))
    reader, writer = await asyncio.open_connection("127.0.0.1", room.listener.port)
    assert await reader.read() == b""  # one too many
    await room.listener.close()
    for _, one in (*silent, (reader, writer)):
        one.close()


async def test_many_posts_are_one_hint_in_five_seconds(room: Room, clock: FakeClock) -> None:
    for _ in range(3):
        await room.post(f"/{TOKEN}")
    assert room.hints == ["1"]
    clock.jump(6)
    await room.post(f"/{TOKEN}")
    assert room.hints == ["1", "1"]


async def test_a_job_that_another_program_has_just_written_is_looked_for(room: Room, tmp_path: Path) -> None:
    address = new_address(HERE)
    assert address is not None
    other = Board(inline_store(tmp_path / "board.sqlite"), FakeClock())
    await other.load()
    await other.add((replace(JOB, ref=Reference("new"), callback=address.digest),), "sent")
    assert await room.post(f"/{address.url.rpartition('/')[2]}") == b"HTTP/1.1 204 No Content"
    assert room.hints == ["new"]


async def test_wrong_addresses_however_many_cost_a_look_now_and_then(room: Room, clock: FakeClock) -> None:
    looks = room.disk.done
    posts = [asyncio.create_task(room.post(f"/{number}")) for number in range(20)]
    assert await room.post(f"/{TOKEN}") == b"HTTP/1.1 204 No Content"  # it waits for none of them
    await until(lambda: all(post.done() for post in posts), clock)
    assert {await post for post in posts} == {b"HTTP/1.1 404 Not Found"}
    assert 1 <= room.disk.done - looks <= clock.elapsed / 0.2 + 1


class SlowBoard(Board):
    """One whose look at the disk lasts until it is told to end."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        super().__init__(store, clock)
        self.is_looking, self.may_end = asyncio.Event(), asyncio.Event()
        self.has_looked = False

    async def look(self) -> None:
        self.is_looking.set()
        await unbroken(self._wait())

    async def _wait(self) -> None:
        await self.may_end.wait()
        self.has_looked = True


async def test_a_look_that_has_begun_ends_with_the_listener(tmp_path: Path, clock: FakeClock) -> None:
    board = SlowBoard(inline_store(tmp_path / "board.sqlite"), clock)
    listener = Listener(board, clock, lambda _: None)
    await listener.start(HERE)
    _, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(b"POST /unknown HTTP/1.1\r\n\r\n")
    await board.is_looking.wait()
    closing = asyncio.create_task(listener.close())
    for _ in range(50):
        await asyncio.sleep(0)
    assert not closing.done()
    board.may_end.set()
    await closing
    assert board.has_looked
    writer.close()


async def test_a_job_that_is_over_is_not_asked_again(room: Room) -> None:
    await room.board.add((replace(JOB, ref=Reference("3"), snapshot=inert(Snapshot(JobState.SUCCEEDED))),), "tracked")
    await room.board.remove((JOB.key,))
    assert await room.post(f"/{TOKEN}") == b"HTTP/1.1 204 No Content"
    assert room.hints == []


async def test_a_port_that_is_taken_is_told(room: Room, clock: FakeClock) -> None:
    second = Listener(room.board, clock, lambda _: None)
    told = await second.start(Callbacks(("127.0.0.1", room.listener.port or 0), "https://x.example"))
    assert told is not None
    assert "jobs are asked as without them" in told
    await second.close()


@pytest.mark.parametrize(
    ("vendor", "order", "named"),
    [
        (AUTODESK, Order('{"activityId": "a.b+c"}'), {"arguments": {"onComplete": {"verb": "post", "url": URL}}}),
        (ENOS, Order('{"taskName": "é"}', "ch"), {"taskName": "é", "callbackURL": URL}),
    ],
)
def test_an_order_gets_our_address_unless_it_has_one(vendor: PostsBack, order: Order, named: dict[str, object]) -> None:
    ours = vendor.with_callback(order, URL)
    assert json.loads(ours.body) == {**json.loads(order.body), **named}
    assert ours.place == order.place
    assert vendor.with_callback(ours, "https://other.example") == ours


@pytest.mark.parametrize(
    ("vendor", "order"),
    [
        ("autodesk", Order('{"activityId": "acme.ExportFbx+prod", "arguments": {}}')),
        (
            "enos",
            Order(
                '{"taskName": "n", "sourceName": "hive_enos", "querySql": "select 1", "filePackageName": "p"}',
                "ch-0b1c2d",
            ),
        ),
    ],
    ids=["onComplete", "callbackURL"],
)
async def test_a_vendors_post_has_a_job_asked_that_would_be_asked_in_an_hour(
    clock: FakeClock, tmp_path: Path, vendor: str, order: Order
) -> None:
    async with (
        EmulatedVendors(clock=clock) as world,
        engine_at(world, vendor, clock, tmp_path) as engine,
    ):
        slow = replace(engine.config.connection(vendor), min_interval=3600.0, max_interval=3600.0)
        engine.config = replace(engine.config, callbacks=HERE, connections={vendor: slow})
        engine.start()
        await until(lambda: engine.callbacks.port is not None, clock)
        callbacks = Callbacks(("127.0.0.1", 0), f"http://127.0.0.1:{engine.callbacks.port}")
        engine.config = replace(engine.config, callbacks=callbacks)
        job = await engine.vendor_desk.submit(vendor, order)
        assert job.order_body == order.body
        assert job.callback is not None
        await until(lambda: engine.board.job(job.key).checked_at is not None, clock)
        assert not engine.board.job(job.key).state.is_over
        await until(lambda: engine.board.job(job.key).state.is_over, clock)
        assert (clock.now() - START).total_seconds() < 1800


async def test_the_engine_says_when_it_cannot_listen_and_does_once_it_can(
    room: Room, clock: FakeClock, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    told: list[str] = []
    taken = Callbacks(("127.0.0.1", room.listener.port or 0), "https://ops.example")
    async with EmulatedVendors(clock=clock) as world, engine_at(world, "enos", clock, tmp_path / "other") as engine:
        engine.told.listen(told.append)
        engine.config = replace(engine.config, callbacks=taken)
        engine.start()
        await until(lambda: bool(told), clock)
        await clock.advance(31)
        assert engine.callbacks.port is None
        await room.listener.close()
        await clock.advance(31)
        await until(lambda: engine.callbacks.port is not None, clock)
    assert len(told) == 1
    assert "cannot be listened on" in told[0]
