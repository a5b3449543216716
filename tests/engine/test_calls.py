"""A wish that is called back: its request is dropped, unless it changes something and is sent already."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from tests.clock import START, FakeClock, settle
from tests.engine.inline import inline_store
from tests.engine.scripted import RUNNING
from tests.engine.talks import Server, request_of
from tui import config
from tui.engine.board import Board
from tui.engine.border import inert
from tui.engine.calls import call, no_way_back
from tui.engine.engine import Engine, Surroundings
from tui.engine.facts.jobs import TrackWish
from tui.engine.host import EngineThread
from tui.engine.polling.once import Once
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.errors import JobdeckError
from tui.model import Job, JobKey, Reference

LIMIT = 30.0
KEY = JobKey("lab:1")
Ask = Callable[[EngineThread], Future[object]]

ASKS: dict[str, Ask] = {
    "what ran lately": lambda door: door.discover("orchestrator"),  # type: ignore[dict-item, return-value]
    "a job that is to be tracked": lambda door: door.track(TrackWish("123", connection="orchestrator")),  # type: ignore[dict-item, return-value]
}


class Hanging:
    """Takes a request and never answers; hears when the line is closed."""

    def __init__(self) -> None:
        self.asked, self.dropped = threading.Event(), threading.Event()

    def __call__(self, line: socket.socket) -> None:
        assert request_of(line)
        self.asked.set()
        line.settimeout(LIMIT)
        if line.recv(1) == b"":
            self.dropped.set()


def host_at(home: Path, url: str) -> EngineThread:
    read = config.parse(
        f'[connections.orchestrator]\nvendor = "aspera"\nbase_url = "{url}"\nusername = "ops"\ntimeout = {LIMIT}\n',
        home,
    )
    around = Surroundings(
        environ={"JOBDECK_SECRET_ORCHESTRATOR_PASSWORD": "canary"}, keyring=GuardedKeyring(trouble="none here")
    )
    return EngineThread(Engine(read, home / "board.sqlite", around))


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_the_line_of_a_question_is_closed_when_it_is_called_back(tmp_path: Path, ask: Ask) -> None:
    hanging = Hanging()
    with Server(hanging) as server:
        door = host_at(tmp_path, server.url)
        door.start()
        try:
            promise = ask(door)
            assert hanging.asked.wait(LIMIT)
            assert promise.cancel()
            assert hanging.dropped.wait(LIMIT)
            assert not door.drain().jobs
        finally:
            door.close(LIMIT)


async def wish(begun: asyncio.Event, goes_on: asyncio.Event, *, commits: bool) -> str:
    begun.set()
    if commits:
        no_way_back()
        no_way_back()
    await goes_on.wait()
    no_way_back()
    return "done"


@pytest.mark.parametrize(("recallable", "commits"), [(False, False), (True, True)])
async def test_what_has_no_way_back_comes_to_its_end(*, recallable: bool, commits: bool) -> None:
    begun, goes_on = asyncio.Event(), asyncio.Event()
    promise = call(asyncio.get_running_loop(), wish(begun, goes_on, commits=commits), recallable=recallable)
    await begun.wait()
    assert not promise.cancel()
    goes_on.set()
    assert await asyncio.wrap_future(promise) == "done"


async def test_a_wish_that_ends_while_it_is_called_back_does_nothing_more() -> None:
    begun, goes_on = asyncio.Event(), asyncio.Event()
    promise = call(asyncio.get_running_loop(), wish(begun, goes_on, commits=False), recallable=True)
    await begun.wait()
    goes_on.set()
    assert promise.cancel()
    await settle()
    assert promise.cancelled()


async def test_errors_are_handed_on_and_an_end_from_within_is_one() -> None:
    async def fails(error: BaseException) -> None:
        raise error

    loop = asyncio.get_running_loop()
    for error, told in ((JobdeckError("no"), "no"), (asyncio.CancelledError(), "jobdeck is closing")):
        with pytest.raises(JobdeckError, match=told):
            await asyncio.wrap_future(call(loop, fails(error), recallable=True))


async def test_a_change_is_called_back_only_before_it_is_written_down(tmp_path: Path, clock: FakeClock) -> None:
    store = inline_store(tmp_path / "board.sqlite")
    board = Board(store, clock)
    await board.add((Job("lab", "scripted", Reference("1"), START, snapshot=inert(RUNNING)),), "tracked")
    once, sending, answer = Once(board, clock), asyncio.Event(), asyncio.Event()

    async def send() -> None:
        sending.set()
        await answer.wait()

    loop = asyncio.get_running_loop()
    first = call(loop, once.send(KEY, "cancel", send), recallable=True)
    assert first.cancel()
    await settle()
    assert not sending.is_set()
    assert board.job(KEY).sent is None
    second = call(loop, once.send(KEY, "cancel", send), recallable=True)
    await sending.wait()
    assert not second.cancel()
    answer.set()
    await asyncio.wrap_future(second)
    assert board.job(KEY).snapshot.notice == "cancel: the vendor took it"
    await store.close()
