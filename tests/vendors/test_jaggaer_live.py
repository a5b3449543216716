"""JAGGAER over loopback against the emulated service and store, with each of their switches in turn."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.clock import FakeClock
from tests.vendors.live import STATES, engine_at, fetched, until
from tui.emulators.faults import Fault, cut, die, html, slow, status
from tui.emulators.jaggaer.processes import StartShape
from tui.emulators.jaggaer.site import JaggaerSite
from tui.emulators.server import EmulatedVendors
from tui.emulators.spoiling import Spoil
from tui.engine.engine import Engine
from tui.engine.facts.jobs import TrackWish
from tui.errors import AskError
from tui.model import DownloadState, JobKey, JobState, OutputKind, ProblemKind
from tui.vendors.contract import Order


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def world(clock: FakeClock) -> AsyncIterator[EmulatedVendors]:
    async with EmulatedVendors(clock=clock) as running:
        yield running


async def tracked(engine: Engine, world: EmulatedVendors, *roles: str) -> dict[str, JobKey]:
    cast = world.describe()["jaggaer"].cast
    return {role: (await engine.asking.track(TrackWish(cast[role], check=False))).key for role in roles or cast}


def truth(world: EmulatedVendors, key: JobKey, clock: FakeClock) -> JobState:
    pid = key.partition(":")[2].replace("%3D", "=")
    job = world.jaggaer.processes.find(pid)
    assert job is not None
    state = STATES[job.run.beat(clock.monotonic()).phase]
    return JobState.RUNNING if state is JobState.WAITING else state


SWITCHES: dict[str, Callable[[JaggaerSite], None]] = {
    "as it is": lambda site: None,
    "strict Accept": lambda site: setattr(site.options, "strict", True),
    "signed at each poll": lambda site: setattr(site.options, "resign", True),
    "an extra field": lambda site: setattr(site.options, "extra_field", True),
    "an unknown word": lambda site: setattr(site.options, "word", "archiving"),
    "short links": lambda site: setattr(site.options, "result_life", 20),
    "late files": lambda site: setattr(site.options, "late", 3),
    "short tokens": lambda site: setattr(site.tokens, "lifetime", 7.0),
}


@pytest.mark.parametrize("switch", SWITCHES)
async def test_no_state_is_ever_wrong(world: EmulatedVendors, clock: FakeClock, tmp_path: Path, switch: str) -> None:
    SWITCHES[switch](world.jaggaer)
    async with engine_at(world, "jaggaer", clock, tmp_path) as engine:
        keys = await tracked(engine, world)
        seen = set()
        for step in (0, 6, 10, 20, 30, 60, 400):
            clock.jump(step)
            for key in keys.values():
                job = await engine.asking.ask_now(key)
                expected = truth(world, key, clock)
                if switch == "an unknown word" and expected is JobState.RUNNING:
                    expected = JobState.UNKNOWN
                assert job.state is expected
                seen.add(job.state)
        assert {JobState.CANCELLED, JobState.FAILED, JobState.SUCCEEDED} <= seen


FAULTS: dict[str, tuple[Fault | Spoil, ProblemKind]] = {
    "429": (status(429, times=1, retry_after="3"), ProblemKind.RATE_LIMITED),
    "503": (status(503, times=1), ProblemKind.UNREACHABLE),
    "a login page by a proxy": (html(times=1), ProblemKind.BAD_REPLY),
    "a cut answer": (cut(9, times=1), ProblemKind.UNREACHABLE),
    "no answer": (die(times=2), ProblemKind.UNREACHABLE),
    "404": (status(404, times=1), ProblemKind.GONE),
    "403": (status(403, times=1), ProblemKind.FORBIDDEN),
    **{
        spoil.name: (spoil, ProblemKind.UNREACHABLE if spoil is Spoil.STACK_TRACE else ProblemKind.BAD_REPLY)
        for spoil in Spoil
        if spoil is not Spoil.REFUSED_PAGE
    },
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_a_problem_and_never_a_state(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path, name: str
) -> None:
    fault, kind = FAULTS[name]
    async with engine_at(world, "jaggaer", clock, tmp_path) as engine:
        key = (await tracked(engine, world, "slow"))["slow"]
        assert (await engine.asking.ask_now(key)).state is JobState.RUNNING
        if isinstance(fault, Spoil):
            world.jaggaer.spoiling.turn(fault, "/asyncStatus", times=1)
        else:
            world.jaggaer.faults.add(fault)
        with pytest.raises(AskError) as caught:
            await engine.asking.ask_now(key)
        job = engine.board.jobs[key]
        assert (caught.value.kind, job.problem and job.problem.kind) == (kind, kind)
        assert job.state is JobState.RUNNING
        clock.jump(5)
        assert (await engine.asking.ask_now(key)).state is JobState.RUNNING


async def test_trap_03_the_two_403s_are_told_apart(world: EmulatedVendors, clock: FakeClock, tmp_path: Path) -> None:
    world.jaggaer.options.status_life = 3600
    async with engine_at(world, "jaggaer", clock, tmp_path, api_key="wrong-key") as engine:
        key = (await tracked(engine, world, "reply"))["reply"]
        with pytest.raises(AskError, match="not authorised") as caught:
            await engine.asking.ask_now(key)
        assert caught.value.kind is ProblemKind.FORBIDDEN
    async with engine_at(world, "jaggaer", clock, tmp_path) as engine:
        assert (await engine.asking.ask_now(key)).state is JobState.RUNNING
        clock.jump(24 * 3600)
        with pytest.raises(AskError, match="time is over") as caught:
            await engine.asking.ask_now(key)
        assert caught.value.kind is ProblemKind.GONE


async def test_revoked_tokens_are_renewed_once(world: EmulatedVendors, clock: FakeClock, tmp_path: Path) -> None:
    async with engine_at(world, "jaggaer", clock, tmp_path) as engine:
        key = (await tracked(engine, world, "slow"))["slow"]
        await engine.asking.ask_now(key)
        world.jaggaer.revoke_tokens()
        assert (await engine.asking.ask_now(key)).state is JobState.RUNNING
    assert world.jaggaer.tokens.issued == 2


async def test_a_result_counts_down_and_dies(world: EmulatedVendors, clock: FakeClock, tmp_path: Path) -> None:
    async with engine_at(world, "jaggaer", clock, tmp_path) as engine:
        key = (await tracked(engine, world, "brief"))["brief"]
        clock.jump(31)
        job = await engine.asking.ask_now(key)
        assert (job.snapshot.notice or "").startswith("the result link dies in 1m29s, at ")
        dies = job.snapshot.outputs[0].expires_at
        assert dies is not None
        assert 88 <= (dies - clock.now()).total_seconds() <= 89
        clock.jump(90)
        job = await engine.asking.ask_now(key)
        assert (job.state, job.snapshot.outputs[0].kind) == (JobState.SUCCEEDED, OutputKind.VALUE)
        assert "start the call again" in (job.snapshot.notice or "")


async def test_a_late_file_is_waited_for(world: EmulatedVendors, clock: FakeClock, tmp_path: Path) -> None:
    world.jaggaer.options.late = 2
    async with engine_at(world, "jaggaer", clock, tmp_path) as engine:
        key = (await tracked(engine, world, "quick"))["quick"]
        clock.jump(10)
        await engine.asking.ask_now(key)
        got = await fetched(engine, key, clock, tmp_path / "got")
    assert (got.state, got.attempts) == (DownloadState.DONE, 1)


async def test_a_slow_download_outlives_its_link(world: EmulatedVendors, clock: FakeClock, tmp_path: Path) -> None:
    world.jaggaer.options.result_life = 180
    async with engine_at(world, "jaggaer", clock, tmp_path) as engine:
        key = (await tracked(engine, world, "done"))["done"]
        await engine.asking.ask_now(key)
        world.store.faults.add(slow(100))
        (queued,) = await engine.job_desk.download(key, folder=tmp_path / "got")
        # Time hardly moves until the file does: the network's own time must not use up the link's life.
        await until(lambda: engine.board.downloads[queued.id].bytes, clock, step=0.001)
        before = clock.elapsed
        await until(lambda: engine.board.downloads[queued.id].state.is_over, clock, step=0.5)
        assert engine.board.downloads[queued.id].state is DownloadState.DONE
        assert clock.elapsed - before > world.jaggaer.options.result_life
        world.store.faults.clear()
        late = await fetched(engine, key, clock, tmp_path / "late")
    assert late.state is DownloadState.FAILED
    assert late.message == "the result's link has expired; start the call again: only a new call makes a new one"


@pytest.mark.parametrize("shape", StartShape)
async def test_a_new_process_to_its_end(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path, shape: StartShape
) -> None:
    world.jaggaer.options.start_shape = shape
    before = len(world.jaggaer.processes)
    async with engine_at(world, "jaggaer", clock, tmp_path) as engine:
        job = await engine.vendor_desk.submit("jaggaer", Order("", "/event/17/apiBids/async"), "bids")
        assert job.ref.expires_at is not None
        assert (await engine.asking.ask_now(job.key)).state is JobState.RUNNING
        clock.jump(10)
        assert (await engine.asking.ask_now(job.key)).state is JobState.SUCCEEDED
        assert len(world.jaggaer.processes) == before + 1


async def test_a_start_whose_reply_was_lost_is_not_sent_again(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path
) -> None:
    before = len(world.jaggaer.processes)
    async with engine_at(world, "jaggaer", clock, tmp_path) as engine:
        world.jaggaer.faults.add(cut(5, "/async", times=1))
        with pytest.raises(AskError) as caught:
            await engine.vendor_desk.submit("jaggaer", Order("", "/event/17/apiBids/async"), "bids")
        assert caught.value.kind is ProblemKind.UNREACHABLE
        assert [job.outcome_unknown for job in engine.board.jobs.values()] == [True]
    assert len(world.jaggaer.processes) == before + 1
