"""Whatever is written on a wire to the vendor costs its account one turn: logins, second tries and files, too."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Coroutine
from dataclasses import replace

import httpx
import pytest

from tests.clock import FakeClock, settle
from tests.engine.talks import OK, Server, answers, request_of
from tests.engine.waiting import until
from tests.engine.webs import CONNECTION, Chunks, PlainVendor, as_vendor, connection, sessions
from tui.clock import Clock
from tui.engine.secrets.finder import SecretFinder
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.wire.live_session import LiveSession
from tui.engine.wire.sessions import Sessions
from tui.model import Connection
from tui.vendors.contract import Secrets

Ask = Callable[[LiveSession], Coroutine[object, object, None]]


class _Badge(httpx.Auth):
    """Fetches a badge for each request, and once more when it was refused."""

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        for _ in range(2):
            yield httpx.Request("POST", "https://vendor.example/badge")
            if (yield request).status_code != 401:
                return


class _BadgeVendor(PlainVendor):
    def login(self, connection: Connection, secrets: Secrets, clock: Clock) -> httpx.Auth:
        return _Badge()


def _then_hangs_up(line: socket.socket) -> None:
    """Answers once, and takes a second request without a word."""
    request_of(line)
    line.sendall(OK)
    request_of(line)


def _on_wire(clock: FakeClock) -> Sessions:
    finder = SecretFinder({}, GuardedKeyring(trouble="none here"), clock)
    return Sessions(clock, finder, lambda _: as_vendor(PlainVendor()))


async def _send(session: LiveSession) -> None:
    assert (await session.send("GET", "/x")).text == "hello"


async def _take_file(session: LiveSession) -> None:
    async with session.stream_file("/x", signed_in=True, headers={}) as response:
        assert await response.aread() == b"hello"


async def _one_by_one(session: LiveSession) -> None:
    while True:
        await session.send("GET", "/x")


async def test_logins_and_what_they_repeat_are_counted(clock: FakeClock) -> None:
    rooms, web = sessions(lambda _: httpx.Response(401), clock, vendor=_BadgeVendor())
    session = await rooms.of(connection(max_requests_per_minute=30))
    asking = asyncio.create_task(_one_by_one(session))
    await clock.advance(59.9)
    assert len(web.sent) == 30
    assert sum(request.url.path == "/badge" for request in web.sent) == 15
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await rooms.close()


async def test_a_turn_that_a_login_waits_for_does_not_make_the_vendor_slow(clock: FakeClock) -> None:
    rooms, web = sessions(lambda _: httpx.Response(200, stream=Chunks([b"he", b"llo"])), clock, vendor=_BadgeVendor())
    session = await rooms.of(connection(max_requests_per_minute=1))
    asking = asyncio.create_task(_one_by_one(session))
    await clock.advance(400)
    assert [request.url.path for request in web.sent[::2]] == ["/badge"] * 3
    assert (session.latency, asking.done()) == (0.0, False)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await rooms.close()


@pytest.mark.parametrize("ask", [_send, _take_file])
async def test_a_second_try_waits_for_a_turn_of_its_own(clock: FakeClock, ask: Ask) -> None:
    with Server(_then_hangs_up, answers(OK)) as server:
        rooms = _on_wire(clock)
        lab = connection(base_url=server.url, max_requests_per_minute=12)
        session, gate = await rooms.of(lab), rooms.quota(lab).gate
        await ask(session)
        second = asyncio.create_task(ask(session))
        await until(lambda: clock._sleepers or second.done())
        assert (server.connections, gate.left, second.done()) == (1, 0, False)
        await clock.advance(6)
        await second
        assert (server.connections, gate.left) == (2, 0)
        await rooms.close()


async def test_whoever_gives_up_before_the_second_try_leaves_the_line_to_others(clock: FakeClock) -> None:
    with Server(_then_hangs_up, answers(OK)) as server:
        rooms = _on_wire(clock)
        session = await rooms.of(connection(base_url=server.url, max_requests_per_minute=12))
        await _send(session)
        second = asyncio.create_task(_send(session))
        await until(lambda: clock._sleepers or second.done())
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        third = asyncio.create_task(_send(session))
        await settle()
        await clock.advance(6)
        await third
        assert server.connections == 2
        await rooms.close()


async def test_a_file_that_needs_no_login_lies_elsewhere_and_costs_nothing(clock: FakeClock) -> None:
    rooms, web = sessions(lambda _: httpx.Response(200, content=b"hello"), clock)
    session = await rooms.of(connection(max_requests_per_minute=1))
    for _ in range(5):
        async with session.stream_bare("https://files.example/x"):
            pass
    assert len(web.sent) == 5
    await rooms.close()


async def test_a_knock_costs_one_turn(clock: FakeClock) -> None:
    rooms, web = sessions(lambda _: httpx.Response(200), clock)
    await rooms.knock(CONNECTION)
    assert (len(web.sent), rooms.requests_left(CONNECTION)) == (1, 9)
    await rooms.close()


async def test_a_turn_taken_beforehand_is_its_own_accounts(clock: FakeClock) -> None:
    rooms, _ = sessions(lambda _: httpx.Response(200, text="hello"), clock)
    session = await rooms.of(connection(max_requests_per_minute=60))
    other = await rooms.of(replace(connection(max_requests_per_minute=60), name="other", options={"username": "else"}))
    at_first, others_first = (rooms.requests_left(one.connection) for one in (session, other))
    await session.take_turn()
    await _send(other)
    assert rooms.requests_left(other.connection) == others_first - 1
    await session.take_turn()
    await _send(session)
    assert rooms.requests_left(session.connection) == at_first - 2
