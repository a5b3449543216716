"""Asking under fire: vendors that come and go, screens that raise, bombs, and a machine that opens no more files."""

from __future__ import annotations

import gzip
import random
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import trustme

from tests.engine.few_files import no_more_files
from tests.engine.scripted import RUNNING, Answer, Room, ScriptedVendor
from tests.engine.talks import OK, Server, answers, nobody
from tests.engine.webs import PlainVendor, as_vendor
from tui.clock import SystemClock
from tui.engine.board import BoardChange
from tui.engine.outbox import Outbox
from tui.engine.secrets.finder import SecretFinder
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.wire.loop_transport import LoopTransport
from tui.engine.wire.sessions import Sessions
from tui.errors import AskError
from tui.model import Condition, Connection, JobState, ProblemKind

DOWN = AskError(ProblemKind.UNREACHABLE, "no answer in 20 s")
BAD = AskError(ProblemKind.BAD_REPLY, "not JSON")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


async def test_a_vendor_that_flaps_is_asked_politely_and_never_shown_as_failed(room: Room) -> None:
    vendor, chance = ScriptedVendor(), random.Random(4)
    moods: tuple[Answer, ...] = (RUNNING, DOWN, BAD)
    room.add("plant", vendor)
    ids = [f"job{number}" for number in range(8)]
    for one in ids:
        vendor.answers[one] = [chance.choice(moods) for _ in range(200)]
    await room.track("plant", *ids)
    room.poller.start()
    await room.clock.advance(150)
    assert {job.state for job in room.board.jobs.values()} <= {JobState.RUNNING, JobState.UNKNOWN}
    assert len(vendor.asked) < 8 * 150 / 2  # never more often than their intervals
    vendor.answers.clear()
    await room.clock.advance(70)
    assert room.condition("plant") is Condition.OK
    assert {job.problem for job in room.board.jobs.values()} == {None}


async def test_a_screen_that_raises_ends_no_asking(room: Room) -> None:
    outbox, woken = Outbox(), 0

    def wake() -> None:
        nonlocal woken
        woken += 1
        outbox.drain()
        raise RuntimeError("the screen is closing")

    outbox.on_changes(wake)
    room.board.listen(lambda change: outbox.put(jobs=change.jobs))
    vendor = ScriptedVendor()
    room.add("plant", vendor)
    await room.track("plant", "job1")
    room.poller.start()
    await room.clock.advance(30)
    assert len(vendor.asked) > 10
    assert woken > 10


async def test_a_fault_of_whoever_listens_ends_no_asking(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    def hear(_: BoardChange) -> None:
        raise KeyError("a fault of ours")

    vendor = ScriptedVendor()
    room.add("plant", vendor)
    await room.track("plant", "job1")
    room.board.listen(hear)
    room.poller.start()
    await room.clock.advance(60)
    assert len(vendor.asked) > 5
    assert room.job("plant:job1").state is JobState.RUNNING
    assert "a fault while asking on plant" in caplog.text


async def test_an_error_that_is_kept_holds_no_answer(room: Room) -> None:
    told: list[AskError] = []

    class Telling(ScriptedVendor):
        async def ask(self, session: object, ref: object) -> None:  # type: ignore[override]
            try:
                int("no number")
            except ValueError as inner:
                told.append(AskError(ProblemKind.BAD_REPLY, "larger than 8 MB"))
                raise told[-1] from inner

    room.add("plant", Telling())
    await room.track("plant", "job1")
    room.poller.start()
    await room.clock.advance(1)
    assert [(one.__traceback__, one.__cause__, one.__context__) for one in told] == [(None, None, None)]


async def test_a_bomb_is_unpacked_in_small_pieces() -> None:
    packed = gzip.compress(bytes(16_000_000), 6)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    transport = LoopTransport(ssl.create_default_context(), httpx.Limits(max_connections=1, keepalive_expiry=10.0))
    with Server(answers(head + packed)) as server:
        async with (
            httpx.AsyncClient(transport=transport, timeout=60) as http,
            http.stream("GET", server.url) as response,
        ):
            assert max([len(chunk) async for chunk in response.aiter_bytes()]) < 10_000_000


def sessions_of_our_own() -> Sessions:
    clock = SystemClock()
    return Sessions(clock, SecretFinder({}, GuardedKeyring(trouble="none"), clock), lambda _: as_vendor(PlainVendor()))


async def test_without_files_it_says_so_and_goes_on_when_there_are_some() -> None:
    with Server(answers(OK)) as server:
        rooms = sessions_of_our_own()
        session = await rooms.of(Connection("plant", "plain", server.url))
        with no_more_files(), pytest.raises(AskError, match="no more files may be opened") as caught:
            await session.send("GET", "/x")
        assert "ulimit -n" in caught.value.hint
        assert (caught.value.kind, caught.value.not_sent) == (ProblemKind.UNREACHABLE, True)
        assert (await session.send("GET", "/x")).text == "hello"
        await rooms.close()


async def test_who_is_not_there_is_said_in_the_systems_words() -> None:
    rooms = sessions_of_our_own()
    with nobody() as port:
        session = await rooms.of(Connection("plant", "plain", f"http://127.0.0.1:{port}"))
        with pytest.raises(AskError, match=r"^cannot connect: Connection refused$"):
            await session.send("GET", "/x")
    await rooms.close()


async def test_a_certificate_that_has_run_out(tmp_path: Path) -> None:
    authority, now = trustme.CA(), datetime.now(UTC)
    old = authority.issue_cert("localhost", not_before=now - timedelta(days=9), not_after=now - timedelta(days=1))
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.configure_cert(trust)

    def handshake(line: socket.socket) -> None:
        trust.wrap_socket(line, server_side=True).close()

    with Server(handshake) as server:
        rooms = sessions_of_our_own()
        address = server.url.replace("http://127.0.0.1", "https://localhost")
        session = await rooms.of(Connection("plant", "plain", address, ca_file=tmp_path / "ca.pem"))
        with pytest.raises(AskError, match="certificate has expired") as caught:
            await session.send("GET", "/x")
        assert (caught.value.kind, caught.value.not_sent) == (ProblemKind.TLS, True)
        assert "has run out" in caught.value.hint
        await rooms.close()
