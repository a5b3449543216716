"""Reports: asked while they grow, kept when they are whole, and a kept one is better than an error."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.clock import FakeClock
from tests.engine.five import SECRETS, five
from tui.engine.engine import Engine, Surroundings
from tui.engine.facts.jobs import Action, TrackWish
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.errors import AskError
from tui.filter import EVERYTHING
from tui.model import Connection, JobKey

ITEM = "0f3c1c9e6a414f0f8f5f0c2f7d1e3a55"
KEY = JobKey(f"aps:{ITEM}")


class PlayedAutodesk:
    """One WorkItem whose log grows."""

    def __init__(self) -> None:
        self.status = "inprogress"
        self.log: str | None = "line 1\n"
        self.reads = 0

    def transport(self, _: Connection) -> httpx.AsyncBaseTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"access_token": "token-of-a-test", "expires_in": 3600})
        if request.url.host == "logs.example":
            self.reads += 1
            return httpx.Response(200, text=self.log) if self.log else httpx.Response(403)
        body = {"id": ITEM, "status": self.status, "reportUrl": "https://logs.example/report.txt?sig=1"}
        return httpx.Response(200, content=json.dumps(body))


@pytest.fixture
def aps() -> PlayedAutodesk:
    return PlayedAutodesk()


@pytest.fixture
async def engine(tmp_path: Path, aps: PlayedAutodesk, clock: FakeClock) -> AsyncIterator[Engine]:
    keyring = GuardedKeyring(trouble="none here")
    around = Surroundings(clock=clock, environ=SECRETS, keyring=keyring, transport=aps.transport)
    engine = Engine(five(), tmp_path / "board.sqlite", around)
    await engine.open()
    await engine.asking.track(TrackWish(ITEM))
    yield engine
    await engine.close()


async def test_while_it_grows_it_is_asked_anew(engine: Engine, aps: PlayedAutodesk) -> None:
    assert await engine.asking.report(KEY) == "line 1\n"
    aps.log = "line 1\nline 2\n"
    assert await engine.asking.report(KEY) == "line 1\nline 2\n"


async def test_read_after_the_end_it_is_whole_and_kept(engine: Engine, aps: PlayedAutodesk, clock: FakeClock) -> None:
    assert await engine.asking.report(KEY) == "line 1\n"
    clock.jump(10)
    aps.status, aps.log = "failedInstructions", "line 1\nthe reason\n"
    await engine.asking.ask_now(KEY)
    clock.jump(10)
    assert await engine.asking.report(KEY) == "line 1\nthe reason\n"  # not the half that was read before
    reads = aps.reads
    assert await engine.asking.report(KEY) == "line 1\nthe reason\n"
    assert aps.reads == reads
    await engine.asking.report(KEY, again=True)
    assert aps.reads == reads + 1
    info = engine.board.job(KEY).report
    assert info is not None
    assert info.size == len("line 1\nthe reason\n")


async def test_a_kept_one_is_better_than_an_error(engine: Engine, aps: PlayedAutodesk) -> None:
    await engine.asking.report(KEY)
    aps.log = None
    assert await engine.asking.report(KEY, again=True) == "line 1\n"


async def test_without_a_kept_one_the_error_is_told(engine: Engine, aps: PlayedAutodesk) -> None:
    aps.log = None
    with pytest.raises(AskError):
        await engine.asking.report(KEY)


async def test_an_archived_jobs_report_is_read_where_it_was_kept(engine: Engine, aps: PlayedAutodesk) -> None:
    aps.status = "failedInstructions"
    await engine.asking.ask_now(KEY)
    await engine.asking.report(KEY)
    await engine.archivist.archive([KEY])
    (archived,) = await engine.archivist.find(EVERYTHING)
    assert engine.job_desk.why_not(Action.REPORT, archived) is None
    assert engine.job_desk.why_not(Action.REPORT, replace(archived, report=None)) is not None
    reads = aps.reads
    assert await engine.asking.report(KEY) == "line 1\n"
    assert aps.reads == reads
