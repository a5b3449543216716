"""Where no more files may be opened: connections that wait make room for those that are needed, and it is told."""

from __future__ import annotations

import errno
import gc
import logging
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.clock import FakeClock
from tests.engine.few_files import no_more_files
from tests.engine.scripted import Room, ScriptedVendor
from tests.engine.talks import OK, Server, answers
from tests.engine.test_trip import Taker
from tests.engine.webs import CONNECTION, sessions
from tui.clock import Clock
from tui.engine.border import as_ask_error
from tui.engine.storage.database import Database
from tui.engine.wire.loop_transport import LoopTransport
from tui.engine.wire.origin import origin_of
from tui.engine.wire.spare_lines import wants_files
from tui.engine.wire.thread_transport import ThreadTransport
from tui.errors import AskError, StateError
from tui.model import Condition, Connection, ProblemKind
from tui.vendors.contract import Secrets

TOO_MANY = OSError(errno.EMFILE, os.strerror(errno.EMFILE))
SAID = "no more files may be opened by this program"
Way = Callable[[ssl.SSLContext], httpx.AsyncBaseTransport]


@pytest.fixture(autouse=True, scope="module")
def nothing_left_open() -> Iterator[None]:
    yield
    gc.collect()  # a socket that nobody closed warns, and warnings are errors


def on_the_loop(trust: ssl.SSLContext) -> httpx.AsyncBaseTransport:
    return LoopTransport(trust, httpx.Limits(max_connections=2, keepalive_expiry=100.0))


@pytest.mark.parametrize("first", [on_the_loop, ThreadTransport])
@pytest.mark.parametrize("second", [on_the_loop, ThreadTransport])
async def test_a_connection_that_waits_makes_room_for_another_clients(first: Way, second: Way) -> None:
    trust = ssl.create_default_context()
    with Server(answers(OK, OK), answers(OK, OK), answers(OK, OK)) as server:
        async with (
            httpx.AsyncClient(transport=first(trust), timeout=5) as keeps,
            httpx.AsyncClient(transport=second(trust), timeout=5) as needs,
        ):
            assert (await keeps.get(server.url)).text == "hello"
            with no_more_files():
                assert (await needs.get(server.url)).text == "hello"
                assert (await keeps.get(server.url)).text == "hello"


async def test_it_makes_room_for_a_small_file() -> None:
    trust = ssl.create_default_context()
    files = ThreadTransport(trust)
    words = b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n"
    with Server(answers(OK, OK), answers(OK, OK)) as server:
        async with httpx.AsyncClient(transport=on_the_loop(trust), timeout=5) as keeps:
            await keeps.get(server.url)
            with no_more_files():
                taken = await files.express(origin_of(httpx.URL(server.url)), words, {"connect": 5.0}, Taker())
            assert taken.status_code == 200
            await files.aclose()


def test_a_search_for_a_host_that_finds_nothing_may_want_files() -> None:
    error = httpx.ConnectError("no address")
    error.__cause__ = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    assert not wants_files(error)
    with no_more_files():
        assert wants_files(error)
        assert not wants_files(httpx.ConnectError("refused"))


class NotLoaded(ScriptedVendor):
    """One whose login cannot be loaded."""

    def login(self, connection: Connection, secrets: Secrets, clock: Clock) -> httpx.Auth:
        raise TOO_MANY


async def test_a_session_that_cannot_be_made_is_no_wrong_login(tmp_path: Path) -> None:
    rooms, _ = sessions(lambda _: httpx.Response(200))
    here = replace(CONNECTION, ca_file=tmp_path / "ca.pem")
    (tmp_path / "ca.pem").write_bytes(b"")
    with no_more_files(), pytest.raises(AskError, match=SAID) as caught:
        await rooms.of(here)
    assert (caught.value.kind, caught.value.not_sent) == (ProblemKind.UNREACHABLE, True)


async def test_jobs_that_cannot_be_asked_say_why(
    tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    room = Room(tmp_path / "board.sqlite", clock)
    room.add("plant", NotLoaded())
    await room.track("plant", "a", "b")
    room.poller.start()
    await clock.advance(30.0)
    for key in ("plant:a", "plant:b"):
        problem = room.job(key).problem
        assert problem is not None
        assert (problem.kind, SAID in problem.message) == (ProblemKind.UNREACHABLE, True)
    assert room.condition("plant") is Condition.DOWN
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    await room.close()


@pytest.mark.parametrize(
    "error", [TOO_MANY, ImportError("libx.so: cannot open shared object file: Too many open files")]
)
def test_a_part_that_cannot_be_loaded_is_no_fault(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    assert SAID in as_ask_error(error).message
    assert not caplog.records


def test_a_board_that_cannot_be_opened_is_not_a_matter_of_permissions(tmp_path: Path) -> None:
    with no_more_files(), pytest.raises(StateError, match=SAID) as caught:
        Database(tmp_path / "board.sqlite")
    assert "ulimit -n" in caught.value.hint


@pytest.mark.parametrize("limit", [5, 7])
def test_the_command_says_so_in_two_lines(tmp_path: Path, limit: int) -> None:
    begin = f"import resource as r, runpy; r.setrlimit(r.RLIMIT_NOFILE, ({limit}, {limit}))"
    words = [sys.executable, "-c", f"{begin}; runpy.run_module('tui', run_name='__main__')", "watch"]
    environ = {**os.environ, "JOBDECK_STATE": str(tmp_path), "JOBDECK_CONFIG": str(tmp_path / "config.toml")}
    ended = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    told = ended.stderr.splitlines()
    assert len(told) == 2
    assert (SAID in told[0], "ulimit -n" in told[1]) == (True, True)
