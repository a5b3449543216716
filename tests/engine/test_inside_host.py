"""Looking inside through the door: from the screen's thread, and when the program closes meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.engine.five import SECRETS, five
from tests.engine.octoplant_web import A, PlayedOctoplant
from tests.engine.ranged import Shelf
from tests.engine.zips import make_zip, noise
from tui.engine.door import Door
from tui.engine.engine import Engine, Surroundings
from tui.engine.facts.jobs import TrackWish
from tui.engine.host import EngineThread
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.errors import DownloadError, JobdeckError
from tui.model import JobKey

KEY = JobKey(f"plant:{A}")
OUTPUT = f"{A}.zip"
LIMIT = 30.0
"""Seconds after which a test that hangs fails."""
FILES = {"a.txt": b"hello", "b.bin": noise(300_000)}


@pytest.fixture
def plant() -> PlayedOctoplant:
    plant, shelf = PlayedOctoplant(), Shelf(make_zip(FILES))
    plant.put(A, "STATE_SUCCEEDED", done=True)
    plant.instead = lambda request: shelf(request) if request.url.path.endswith("/download") else None
    return plant


@pytest.fixture
def host(tmp_path: Path, plant: PlayedOctoplant) -> Iterator[EngineThread]:
    keyring = GuardedKeyring(trouble="none here")
    around = Surroundings(environ=SECRETS, keyring=keyring, transport=plant.transport)
    host = EngineThread(Engine(five(), tmp_path / "board.sqlite", around))
    host.start()
    host.track(TrackWish(A)).result(LIMIT)
    yield host
    host.close(LIMIT)
    assert not [thread for thread in threading.enumerate() if thread.name == "engine"]


def test_the_screen_looks_shows_and_takes(host: EngineThread, tmp_path: Path) -> None:
    door: Door = host
    contents = door.look_inside(KEY, OUTPUT).result(LIMIT)
    assert [one.name for one in contents.members] == list(FILES)
    assert door.preview(KEY, OUTPUT, contents.members[0]).result(LIMIT).text == "hello"
    taken = door.take_members(KEY, OUTPUT, contents.members, tmp_path / "got").result(LIMIT)
    assert {one.path.name: one.path.read_bytes() for one in taken} == FILES
    with pytest.raises(DownloadError, match="is not downloaded"):
        door.unpack(KEY, OUTPUT).result(LIMIT)


def test_closing_waits_for_no_server(host: EngineThread, plant: PlayedOctoplant, tmp_path: Path) -> None:
    contents = host.look_inside(KEY, OUTPUT).result(LIMIT)
    hangs = threading.Event()

    async def never(_: httpx.Request) -> httpx.Response:
        hangs.set()
        await asyncio.Event().wait()
        return httpx.Response(500)

    plant.instead = never  # type: ignore[assignment]  # httpx's transport for tests awaits it
    promised = host.take_members(KEY, OUTPUT, contents.members, tmp_path / "got")
    assert hangs.wait(LIMIT)
    host.close(LIMIT)
    assert promised.cancelled() or isinstance(promised.exception(0), JobdeckError)
    assert not list((tmp_path / "got").glob("*"))
