"""`watch` with a start whose reply was lost: looked up beside all else, and followed as the job that it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.clock import FakeClock
from tests.engine.played_design import BODY, PlayedDesign, engine_of
from tests.vendors.live import until
from tui.cli.watch import Watch
from tui.engine.engine import Engine
from tui.engine.facts.jobs import TrackWish
from tui.errors import AskError, ExitCode
from tui.model import Job, JobKey, ProblemKind
from tui.vendors.contract import Order


class Heard:
    """A view that keeps what it is told."""

    def __init__(self) -> None:
        self.keys: list[JobKey] = []
        self.ended: list[JobKey] = []
        self.said: list[str] = []

    def begin(self, jobs: Iterable[Job]) -> None:
        self.keys += [job.key for job in jobs]

    def change(self, job: Job) -> None:
        self.keys.append(job.key)

    def end(self, job: Job) -> None:
        self.ended.append(job.key)

    def fetched(self, job: JobKey, path: Path) -> None:
        raise AssertionError(job, path)

    def say(self, text: str) -> None:
        self.said.append(text)

    @contextmanager
    def follow(self) -> Iterator[None]:
        yield


@pytest.fixture
def design() -> PlayedDesign:
    return PlayedDesign(FakeClock(datetime.now(UTC)), fault=httpx.ReadError("cut"))


@pytest.fixture
async def engine(tmp_path: Path, design: PlayedDesign) -> AsyncIterator[Engine]:
    async with engine_of(tmp_path, design) as engine:
        yield engine


async def lost(engine: Engine) -> Job:
    with pytest.raises(AskError):
        await engine.vendor_desk.submit("aps", Order(BODY))
    (line,) = (job for job in engine.board.jobs.values() if job.outcome_unknown)
    return line


def watched(engine: Engine, design: PlayedDesign, *jobs: Job) -> tuple[Heard, asyncio.Task[ExitCode]]:
    """A watch under way, which began a moment ago by the clock."""
    heard = Heard()
    watch = Watch(engine, {job.key for job in jobs}, heard)
    design.clock.jump(5)
    return heard, asyncio.create_task(watch.run(None))


async def test_others_are_followed_while_the_list_cannot_be_had(engine: Engine, design: PlayedDesign) -> None:
    other = await engine.asking.track(TrackWish(design.put(7)))
    line, design.refusal = await lost(engine), httpx.ConnectError("down")
    heard, watching = watched(engine, design, line, other)
    await until(lambda: engine.board.jobs[line.key].problem, design.clock)
    design.succeeded.add(other.ref.id)
    await until(lambda: other.key in heard.ended, design.clock, step=1.0)
    assert not watching.done()
    design.refusal = 200
    await until(watching.done, design.clock, step=1.0)
    assert await watching is ExitCode.UNREACHABLE
    assert "looks like" in (engine.board.jobs[line.key].snapshot.notice or "")


async def test_what_another_program_finds_is_followed_to_its_end(
    tmp_path: Path, engine: Engine, design: PlayedDesign
) -> None:
    line, design.refusal = await lost(engine), httpx.ConnectError("down")
    heard, watching = watched(engine, design, line)
    async with engine_of(tmp_path, design) as other:
        await until(lambda: engine.board.jobs[line.key].problem, design.clock)
        design.refusal = 200
        await other.search.look_up(line.key)
        job = await other.asking.track(TrackWish(f"{1:032x}"))
    await until(lambda: job.key in heard.keys, design.clock)
    assert not watching.done()
    design.succeeded.add(job.ref.id)
    await until(watching.done, design.clock, step=1.0)
    assert (await watching, heard.ended[-1]) == (ExitCode.OK, job.key)


async def test_a_refused_login_ends_the_watch(engine: Engine, design: PlayedDesign) -> None:
    line, design.refusal = await lost(engine), 401
    heard, watching = watched(engine, design, line)
    await until(watching.done, design.clock, step=1.0)
    problem = engine.board.jobs[line.key].problem
    assert problem is not None
    assert problem.kind is ProblemKind.AUTH
    assert heard.said == [f"{line.key}: {problem.message}"]
    assert await watching is ExitCode.CREDENTIALS
