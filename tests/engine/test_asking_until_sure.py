"""One job asked by hand: that its vendor has forgotten it counts when it says so again and again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.clock import FakeClock
from tui.config import parse
from tui.engine.engine import Engine
from tui.engine.facts.jobs import TrackWish
from tui.engine.surroundings import Surroundings
from tui.errors import AskError
from tui.model import JobKey, JobState, ProblemKind

CONFIG = """[connections.orc]
vendor = "aspera"
base_url = "https://orchestrator.example"
username = "ops"
"""
GONE = httpx.Response(404, text="Couldn't find WorkOrder with 'id'=7100")


def known(status: str = "In Progress") -> httpx.Response:
    return httpx.Response(200, json={"work_order": {"id": 7100, "status": status}})


class World:
    """An Orchestrator that answers as it is told, the last answer again and again."""

    def __init__(self) -> None:
        self.answers = [known()]
        self.asked = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        if "work_order_output" in request.url.path:
            return httpx.Response(200, text="<work_order_output/>")
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def engine(world: World, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Engine]:
    around = Surroundings(
        clock=clock,
        environ={"JOBDECK_SECRET_ORC_PASSWORD": "p"},
        transport=lambda _: httpx.MockTransport(world.answer),
    )
    engine = Engine(parse(CONFIG, tmp_path / "config.toml"), tmp_path / "board.sqlite", around)
    await engine.open()
    yield engine
    await engine.close()


async def tracked(engine: Engine, *, check: bool = True) -> JobKey:
    return (await engine.asking.track(TrackWish("7100", check=check))).key


async def test_a_forgotten_job_is_expired_after_three_answers(engine: Engine, world: World, clock: FakeClock) -> None:
    key = await tracked(engine)
    world.answers, world.asked = [GONE], 0
    asking = asyncio.create_task(engine.asks.ask_now(key))
    while not asking.done():
        await clock.advance(1)
    job = await asking
    assert (job.state, job.snapshot.vendor_status, job.problem) == (JobState.EXPIRED, "In Progress", None)
    assert world.asked == 3


async def test_one_slip_is_none(engine: Engine, world: World, clock: FakeClock) -> None:
    key = await tracked(engine)
    world.answers, world.asked = [GONE, known()], 0
    asking = asyncio.create_task(engine.asks.ask_now(key))
    while not asking.done():
        await clock.advance(1)
    job = await asking
    assert (job.state, job.problem, world.asked) == (JobState.RUNNING, None, 2)


@pytest.mark.parametrize("status", [None, "Complete"])
async def test_what_was_never_known_or_is_over_is_asked_once(engine: Engine, world: World, status: str | None) -> None:
    world.answers = [known(status)] if status else [GONE]
    key = await tracked(engine, check=status is not None)
    world.answers, world.asked = [GONE], 0
    with pytest.raises(AskError) as caught:
        await engine.asks.ask_now(key)
    assert caught.value.kind is ProblemKind.GONE
    assert world.asked == 1
    assert engine.board.job(key).state is not JobState.EXPIRED
