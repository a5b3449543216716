"""How a line to a host is found, on real sockets: several addresses, a name service that hangs, a call back."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator, Sequence

import pytest

from tui.engine.wire.dial import Address, Dialer, LookUp

NOBODY = "127.0.0.9"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as one:
        yield one


def finds(*hosts: str) -> LookUp:
    def look_up(_: str, port: int, family: int, kind: int) -> list[Address]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in hosts]

    return look_up


async def test_the_first_address_that_answers_is_taken(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    line = await Dialer(finds(NOBODY, "127.0.0.1")).dial("plant.example", port)
    assert line.getpeername() == ("127.0.0.1", port)
    line.close()


async def test_where_no_address_answers_it_says_why(listener: socket.socket) -> None:
    with pytest.raises(ConnectionRefusedError):
        await Dialer(finds(NOBODY, "127.0.0.8")).dial("plant.example", listener.getsockname()[1])


@pytest.mark.parametrize("host", ["::1", "127.0.0.1"])
async def test_a_number_needs_no_search(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        taken = socket.create_server((host, 0), family=family)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with taken:
        line = await Dialer().dial(host, taken.getsockname()[1])
        assert line.getpeername()[0] == host
        line.close()


async def test_a_name_service_that_hangs_holds_up_nobody_else(listener: socket.socket) -> None:
    searches: list[str] = []
    hanging, answers = threading.Event(), threading.Event()
    port = listener.getsockname()[1]

    def hangs(host: str, port: int, family: int, kind: int) -> Sequence[Address]:
        searches.append(host)
        if host == "gone.example":
            hanging.set()
            answers.wait()
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return finds("127.0.0.1")(host, port, family, kind)

    dialer = Dialer(hangs)
    waiting = [asyncio.create_task(dialer.dial("gone.example", port)) for _ in range(100)]
    await asyncio.to_thread(hanging.wait)
    (await dialer.dial("plant.example", port)).close()
    waiting[0].cancel()
    await asyncio.wait(waiting[:1])
    assert sorted(searches) == ["gone.example", "plant.example"]  # one search for a hundred
    answers.set()
    told = await asyncio.gather(*waiting[1:], return_exceptions=True)
    assert {type(error) for error in told} == {socket.gaierror}
