"""A GET that changes something at a vendor is written on a wire once, whatever becomes of that wire."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress

import pytest

from tests.clock import FakeClock
from tui import vendors
from tui.engine.secrets.finder import SecretFinder
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.wire.sessions import Sessions
from tui.errors import AskError
from tui.model import Connection, ProblemKind, Reference
from tui.vendors.aspera import VENDOR as ASPERA
from tui.vendors.contract import Order, Session
from tui.vendors.jaggaer import VENDOR as JAGGAER

SECRETS = {
    "JOBDECK_SECRET_ORC_PASSWORD": "p",
    "JOBDECK_SECRET_ORC_ACCESS_TOKEN": "t",
    "JOBDECK_SECRET_ORC_API_KEY": "k",
}
JOB = Reference("7100")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


def told(status: str) -> bytes:
    body = json.dumps({"work_order": {"id": 7100, "status": status}}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


async def start_by_get(session: Session) -> None:
    await ASPERA.submit(session, Order('{"workflow_id": 44}'))


async def start_process(session: Session) -> None:
    await JAGGAER.submit(session, Order("", place="GET event/1/scenario/preferred/apiAwards/async"))


@pytest.mark.parametrize(
    ("vendor", "change", "first"),
    [
        ("aspera", lambda session: ASPERA.cancel(session, JOB), told("In Progress")),
        ("aspera", lambda session: ASPERA.reset(session, JOB), told("Complete")),
        ("aspera", start_by_get, told("In Progress")),
        ("jaggaer", start_process, told("In Progress")),
    ],
)
async def test_it_is_not_written_twice(vendor: str, change: Callable[[Session], Awaitable[None]], first: bytes) -> None:
    changes = 0

    async def hang_up_at_the_change(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal changes
        with closing(writer), suppress(asyncio.IncompleteReadError):
            while request := await reader.readuntil(b"\r\n\r\n"):
                if any(word in request for word in (b"_cancel", b"_reset", b"initiate", b"/async")):
                    changes += 1
                    return
                writer.write(first)

    server = await asyncio.start_server(hang_up_at_the_change, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    connection = Connection("orc", vendor, url, {"username": "ops", "auth": "basic", "initiate": "get"})
    finder = SecretFinder(SECRETS, GuardedKeyring(trouble="none here"), FakeClock())
    rooms = Sessions(FakeClock(), finder, vendors.load)
    async with server:
        session = await rooms.of(connection)
        await session.send("GET", "warm")  # from here on there is a kept connection
        with pytest.raises(AskError) as caught:
            await change(session)
        await rooms.close()
    assert (caught.value.kind, caught.value.not_sent, changes) == (ProblemKind.UNREACHABLE, False, 1)
