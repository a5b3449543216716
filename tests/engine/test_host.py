"""The engine behind the door: called from another thread, never blocking, closed within its time limit."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import httpx
import pytest

from tests.engine.five import SECRETS, five
from tests.engine.octoplant_web import A, B, PlayedOctoplant
from tests.engine.zips import make_zip
from tui.engine.door import Door
from tui.engine.engine import Engine, Surroundings
from tui.engine.facts.jobs import Changes, TrackWish
from tui.engine.host import EngineThread
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.errors import AskError, JobdeckError, StateError, UsageError
from tui.model import Condition, Connection, DownloadState, JobKey, JobState

KEY = JobKey(f"plant:{A}")
LIMIT = 30.0
"""Seconds after which a test that hangs fails."""


@pytest.fixture
def plant() -> PlayedOctoplant:
    plant = PlayedOctoplant(content=make_zip())
    plant.put(A, "STATE_SUCCEEDED", done=True)
    plant.put(B)
    return plant


def host_of(home: Path, transport: Callable[[Connection], httpx.AsyncBaseTransport | None]) -> EngineThread:
    more = "[polling]\nmin_interval = 0.2\n"
    around = Surroundings(environ=SECRETS, keyring=GuardedKeyring(trouble="none here"), transport=transport)
    return EngineThread(Engine(five(more), home / "board.sqlite", around))


@pytest.fixture
def host(tmp_path: Path, plant: PlayedOctoplant) -> Iterator[EngineThread]:
    host = host_of(tmp_path, plant.transport)
    host.start()
    yield host
    host.close(LIMIT)
    assert not [thread for thread in threading.enumerate() if thread.name == "engine"]


class Screen:
    """Drains whenever it is woken, as the board does."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._awake = threading.Semaphore(0)
        self.seen: list[Changes] = []
        door.on_changes(self._awake.release)

    def until(self, fits: Callable[[Changes], object]) -> Changes:
        """The first changes that fit."""
        while True:
            assert self._awake.acquire(timeout=LIMIT)
            self.seen.append(self._door.drain())
            if fits(self.seen[-1]):
                return self.seen[-1]


def test_what_happens_reaches_the_screen(host: EngineThread) -> None:
    screen = Screen(host)
    host.track(TrackWish(A, title="Export")).result(LIMIT)
    job = screen.until(lambda changes: [job for job in changes.jobs if job.state is JobState.SUCCEEDED]).jobs[0]
    assert (job.key, job.title) == (KEY, "Export")
    host.track(TrackWish(B, check=False)).result(LIMIT)
    screen.until(lambda changes: [one for one in changes.connections if one.condition is Condition.OK])
    screen.until(lambda changes: [job for job in changes.jobs if job.state is JobState.RUNNING])


def test_wishes_come_from_another_thread_and_end_in_futures(host: EngineThread, tmp_path: Path) -> None:
    screen = Screen(host)
    job = host.track(TrackWish(A)).result(LIMIT)
    host.focus(KEY)
    assert [asked.key for asked in host.refresh([KEY]).result(LIMIT).answered] == [KEY]
    assert [event.kind for event in host.history(KEY).result(LIMIT)][:2] == ["tracked", "state"]
    host.download(KEY, folder=tmp_path / "got").result(LIMIT)
    screen.until(lambda changes: [one for one in changes.downloads if one.state is DownloadState.DONE])
    (removed,) = host.untrack([KEY]).result(LIMIT)
    assert removed.key == job.key
    assert screen.until(lambda changes: changes.gone).gone == (KEY,)
    host.restore([removed]).result(LIMIT)
    host.focus(None)
    host.stop_download(1).result(LIMIT)


def test_wishes_that_cannot_be_granted_end_with_our_errors(host: EngineThread) -> None:
    def unknown() -> JobKey:
        return JobKey("plant:none")

    refused: list[tuple[Future[object], type[JobdeckError]]] = [
        (host.track(TrackWish("what is this")), UsageError),  # type: ignore[list-item]
        (host.track(TrackWish(A[:-1] + "9")), AskError),  # type: ignore[list-item]
        (host.cancel(unknown()), UsageError),  # type: ignore[list-item]
        (host.reset(unknown()), UsageError),  # type: ignore[list-item]
        (host.keep(TrackWish("what is this")), UsageError),  # type: ignore[list-item]
        (host.hand_over_command(unknown(), "link"), UsageError),  # type: ignore[list-item]
        (host.link(unknown(), "link"), UsageError),  # type: ignore[list-item]
        (host.status_command(unknown()), UsageError),  # type: ignore[list-item]
        (host.report(unknown()), UsageError),  # type: ignore[list-item]
        (host.refresh([unknown()]), UsageError),  # type: ignore[list-item]
        (host.download(unknown()), UsageError),  # type: ignore[list-item]
    ]
    for future, kind in refused:
        with pytest.raises(kind):
            future.result(LIMIT)
    host.set_alert([unknown()], on=True).result(LIMIT)
    assert host.cut_off(TrackWish("what is this")) is None


def test_a_board_from_an_earlier_run_is_there_at_the_first_drain(tmp_path: Path, plant: PlayedOctoplant) -> None:
    first = host_of(tmp_path, plant.transport)
    first.start()
    first.track(TrackWish(A)).result(LIMIT)
    first.close(LIMIT)
    second = host_of(tmp_path, plant.transport)
    second.start()
    changes = second.drain()
    assert [job.key for job in changes.jobs] == [KEY]
    assert {health.name for health in changes.connections} == {"aps", "windfarm", "orchestrator", "sourcing", "plant"}
    second.close(LIMIT)


class Stuck(httpx.AsyncBaseTransport):
    """A line on which nothing comes, and that does not let itself be interrupted until the test says so."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.released = threading.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.reached.set()
        while not self.released.is_set():
            try:
                await asyncio.sleep(0)
            except asyncio.CancelledError:
                continue
        return httpx.Response(500)


def test_closing_keeps_its_time_limit_while_something_hangs(tmp_path: Path) -> None:
    stuck = Stuck()
    host = host_of(tmp_path, lambda _: stuck)
    host.start()
    tracking = host.track(TrackWish(A))
    assert stuck.reached.wait(LIMIT)
    host.track(TrackWish(B, check=False)).result(LIMIT)  # the rest goes on meanwhile
    host.close(0.05)
    assert not tracking.done()
    stuck.released.set()
    host.close(LIMIT)
    assert tracking.done() or tracking.cancelled()


def test_a_closed_engine_takes_no_more_wishes(tmp_path: Path, plant: PlayedOctoplant) -> None:
    host = host_of(tmp_path, plant.transport)
    host.start()
    host.close(LIMIT)
    host.close(LIMIT)
    host.focus(KEY)
    with pytest.raises(JobdeckError, match="is closing"):
        host.track(TrackWish(A)).result(LIMIT)


def test_wishes_under_way_while_it_closes_come_to_an_end(tmp_path: Path, plant: PlayedOctoplant) -> None:
    host = host_of(tmp_path, plant.transport)
    host.start()
    wishes = [host.track(TrackWish(A)) for _ in range(50)]
    host.close(LIMIT)
    assert all(wish.done() for wish in wishes)


def test_an_engine_that_was_never_started_can_be_closed(tmp_path: Path, plant: PlayedOctoplant) -> None:
    host = host_of(tmp_path, plant.transport)
    host.close()
    host.close()


def test_a_board_that_cannot_be_read_ends_the_start_and_the_thread(tmp_path: Path, plant: PlayedOctoplant) -> None:
    host = host_of(tmp_path, plant.transport)
    with sqlite3.connect(tmp_path / "board.sqlite") as plain:
        plain.execute("INSERT INTO jobs VALUES ('x', 'nonsense', 1, 0, NULL)")
    plain.close()
    with pytest.raises(StateError, match="is damaged"):
        host.start()
    assert not [thread for thread in threading.enumerate() if thread.name == "engine"]
