"""Downloads through the door: queued at one word, held, gone on with, first in the queue; and what is told unasked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.engine.five import SECRETS, five
from tests.engine.octoplant_web import A, B, PlayedOctoplant
from tests.engine.test_host import LIMIT, Screen
from tests.engine.zips import make_zip
from tui.engine.engine import Engine, Surroundings
from tui.engine.facts.jobs import Queued, TrackWish
from tui.engine.host import EngineThread
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.model import Download, DownloadState


class Gate:
    """No file can be had until it is opened."""

    def __init__(self) -> None:
        self.is_open = threading.Event()

    def __call__(self, request: httpx.Request) -> httpx.Response | None:
        if request.url.path.endswith("/download") and not self.is_open.is_set():
            raise httpx.ConnectError("held", request=request)
        return None


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def host(tmp_path: Path, gate: Gate) -> Iterator[EngineThread]:
    plant = PlayedOctoplant(content=make_zip(), instead=gate)
    for name in (A, B):
        plant.put(name, "STATE_SUCCEEDED", done=True)
    after = "after = ['sh', '-c', 'exit 9']"
    more = f"[downloads]\nfolder = '{tmp_path / 'got'}'\nat_once = 1\n{after}\n"
    around = Surroundings(environ=SECRETS, keyring=GuardedKeyring(trouble="none here"), transport=plant.transport)
    host = EngineThread(Engine(five(more), tmp_path / "board.sqlite", around))
    host.start()
    yield host
    host.close(LIMIT)


def test_the_life_of_downloads_behind_the_door(host: EngineThread, gate: Gate) -> None:
    screen = Screen(host)
    known: dict[int, Download] = {}

    def stand(*states: DownloadState) -> bool:
        for changes in screen.seen:
            known.update({one.id: one for one in changes.downloads})
        return [known[number].state for number in sorted(known)] == list(states)

    def until(*states: DownloadState) -> None:
        if not stand(*states):
            screen.until(lambda _: stand(*states))

    for name in (A, B):
        host.track(TrackWish(name)).result(LIMIT)
    assert host.download_finished().result(LIMIT) == Queued(files=2, jobs=2)
    until(DownloadState.RUNNING, DownloadState.QUEUED)
    first, second = sorted(known)
    host.pause_download(first).result(LIMIT)
    until(DownloadState.PAUSED, DownloadState.RUNNING)
    host.resume_download(first).result(LIMIT)
    until(DownloadState.QUEUED, DownloadState.RUNNING)
    host.hurry_download(first).result(LIMIT)
    assert host.download_finished().result(LIMIT) == Queued(files=0, jobs=0)
    gate.is_open.set()
    host.pause_download(second).result(LIMIT)
    until(DownloadState.DONE, DownloadState.PAUSED)
    assert known[first].priority == 1
    host.resume_download(second).result(LIMIT)
    until(DownloadState.DONE, DownloadState.DONE)
    told = [text for changes in screen.seen for text in changes.told]
    while len(told) < 2:
        told += screen.until(lambda changes: changes.told).told
    assert sorted(told) == [f"{name}.zip: sh ended with 9" for name in sorted((A, B))]
