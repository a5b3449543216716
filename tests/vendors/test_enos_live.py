"""EnOS over loopback against the emulated gateway, with each of its switches in turn."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.clock import FakeClock
from tests.vendors.live import engine_at, fetched
from tui.emulators.enos.gateway import DeadToken
from tui.emulators.enos.site import EnosSite
from tui.emulators.enos.tasks import progress
from tui.emulators.faults import Fault, cut, html, status
from tui.emulators.server import EmulatedVendors
from tui.engine.engine import Engine
from tui.engine.facts.jobs import TrackWish
from tui.errors import AskError
from tui.model import DownloadState, JobKey, JobState, ProblemKind
from tui.vendors.contract import Order
from tui.vendors.enos.read import EXPIRING_NOTICE, STATES

ORDER = {"taskName": "n", "sourceName": "hive_enos", "querySql": "select 1", "filePackageName": "nightly"}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def world(clock: FakeClock) -> AsyncIterator[EmulatedVendors]:
    async with EmulatedVendors(clock=clock) as running:
        running.enos.gateway.tokens.lifetime = 100
        yield running


async def tracked(engine: Engine, world: EmulatedVendors, *roles: str) -> dict[str, JobKey]:
    cast = world.describe()["enos"].cast
    return {role: (await engine.asking.track(TrackWish(cast[role], check=False))).key for role in roles or cast}


async def asked(engine: Engine, key: JobKey) -> JobState:
    return (await engine.asking.ask_now(key)).state


def truth(world: EmulatedVendors, key: JobKey, clock: FakeClock) -> JobState:
    channel, _, task = key.partition(":")[2].partition("/")
    job = world.enos.tasks.find((channel, task))
    assert job is not None
    return STATES[progress(job, clock.monotonic())[0]]


def option(name: str, value: object) -> Callable[[EnosSite], None]:
    return lambda site: setattr(site.options, name, value)


SWITCHES: dict[str, Callable[[EnosSite], None]] = {
    "as it is": lambda site: None,
    "numbers": option("numeric", True),
    "a list": option("as_list", True),
    "no size": option("without_size", True),
    "cancelled at once": option("cancel_at_once", True),
    "words of 3.x": option("newer_words", True),
    "no downloadUrl": option("no_url", "absent"),
    "an empty downloadUrl": option("no_url", "empty"),
    "no requestId": option("without_request_id", True),
}


@pytest.mark.parametrize("switch", SWITCHES)
async def test_no_state_is_ever_wrong(world: EmulatedVendors, clock: FakeClock, tmp_path: Path, switch: str) -> None:
    SWITCHES[switch](world.enos)
    async with engine_at(world, "enos", clock, tmp_path) as engine:
        keys = await tracked(engine, world)
        await engine.asking.ask_now(keys["slow"])
        await engine.job_desk.cancel(keys["slow"])
        seen = set()
        for step in (0, 3, 6, 20, 30, 60, 60):
            clock.jump(step)
            for key in keys.values():
                job = await engine.asking.ask_now(key)
                assert job.state is truth(world, key, clock)
                seen |= {job.state, job.snapshot.notice}
        assert {JobState.CANCELLED, JobState.EXPIRED, JobState.FAILED, JobState.SUCCEEDED, EXPIRING_NOTICE} <= seen


@pytest.mark.parametrize("strange", [8, "42", "packing"])
async def test_trap_09_a_strange_code_is_no_end(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path, strange: int | str
) -> None:
    world.enos.options.strange_code = strange
    async with engine_at(world, "enos", clock, tmp_path) as engine:
        keys = await tracked(engine, world, "slow")
        assert await asked(engine, keys["slow"]) is JobState.UNKNOWN
        notice = engine.board.jobs[keys["slow"]].snapshot.notice
        assert notice == f"the gateway told progressCode {strange}, which no page documents"


@pytest.mark.parametrize("style", DeadToken)
async def test_trap_06_a_revoked_token_is_renewed_in_every_style(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path, style: DeadToken
) -> None:
    world.enos.gateway.options.dead_token = style
    async with engine_at(world, "enos", clock, tmp_path) as engine:
        key = (await tracked(engine, world, "slow"))["slow"]
        assert await asked(engine, key) is JobState.RUNNING
        world.enos.revoke_tokens()
        clock.jump(0.5)
        assert await asked(engine, key) is JobState.RUNNING
        await engine.job_desk.cancel(key)
        assert await asked(engine, key) is JobState.CANCELLING
    assert world.enos.gateway.tokens.issued == 2


async def test_trap_04_a_used_encryption_is_followed_by_another(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path
) -> None:
    world.enos.gateway.options.used_before = 2
    async with engine_at(world, "enos", clock, tmp_path) as engine:
        key = (await tracked(engine, world, "slow"))["slow"]
        assert await asked(engine, key) is JobState.RUNNING


FAULTS: dict[str, tuple[Fault, ProblemKind]] = {
    "429": (status(429, "/status", text='{"message": "API rate limit exceeded"}', times=1), ProblemKind.RATE_LIMITED),
    "503": (status(503, "/status", times=1), ProblemKind.UNREACHABLE),
    "a login page": (html("/status", times=1), ProblemKind.BAD_REPLY),
    "a cut answer": (cut(20, "/status", times=1), ProblemKind.UNREACHABLE),
    "no route": (status(404, "/status", times=1), ProblemKind.BAD_REPLY),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_a_problem_and_never_a_state(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path, name: str
) -> None:
    fault, kind = FAULTS[name]
    async with engine_at(world, "enos", clock, tmp_path) as engine:
        key = (await tracked(engine, world, "slow"))["slow"]
        before = await asked(engine, key)
        world.enos.faults.add(fault)
        with pytest.raises(AskError) as caught:
            await engine.asking.ask_now(key)
        job = engine.board.jobs[key]
        assert (caught.value.kind, job.state, job.problem and job.problem.kind) == (kind, before, kind)
        assert await asked(engine, key) is before


async def test_an_internal_error_is_a_problem_that_passes(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path
) -> None:
    async with engine_at(world, "enos", clock, tmp_path) as engine:
        key = (await tracked(engine, world, "slow"))["slow"]
        world.enos.options.internal_error = True
        with pytest.raises(AskError, match="81500") as caught:
            await engine.asking.ask_now(key)
        assert caught.value.kind is ProblemKind.UNREACHABLE
        world.enos.options.internal_error = False
        assert await asked(engine, key) is JobState.RUNNING


@pytest.mark.parametrize("ahead", [900, -900])
async def test_trap_03_a_clock_that_is_off_is_told(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path, ahead: int
) -> None:
    world.enos.gateway.options.clock_ahead = ahead
    async with engine_at(world, "enos", clock, tmp_path) as engine:
        key = (await tracked(engine, world, "slow"))["slow"]
        with pytest.raises(AskError) as caught:
            await engine.asking.ask_now(key)
        word = "behind" if ahead > 0 else "ahead"
        assert caught.value.hint == f"your clock is off by 15m00s ({word}): set it right"
        world.enos.gateway.options.clock_ahead = 0
        assert await asked(engine, key) is JobState.RUNNING


@pytest.mark.parametrize("mode", ["auto", "as-given", "gateway"])
async def test_the_file_comes_by_each_way(world: EmulatedVendors, clock: FakeClock, tmp_path: Path, mode: str) -> None:
    async with engine_at(world, "enos", clock, tmp_path, data_url=mode) as engine:
        key = (await tracked(engine, world, "done"))["done"]
        await engine.asking.ask_now(key)
        got = await fetched(engine, key, clock, tmp_path / "got")
    assert got.state is DownloadState.DONE
    assert [path.name for path in (tmp_path / "got").iterdir()] == [got.path.name if got.path else ""]


async def test_a_cut_download_is_tried_again_and_an_expired_one_is_not(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path
) -> None:
    async with engine_at(world, "enos", clock, tmp_path, data_url="gateway") as engine:
        keys = await tracked(engine, world, "done", "expiring")
        await engine.asking.ask_now(keys["done"])
        clock.jump(30)
        assert await asked(engine, keys["expiring"]) is JobState.SUCCEEDED
        world.enos.faults.add(cut(1000, f"{keys['done'].rpartition('/')[2]}/data", times=1))
        got = await fetched(engine, keys["done"], clock, tmp_path / "got")
        assert (got.state, got.attempts) == (DownloadState.DONE, 2)
        clock.jump(150)
        late = await fetched(engine, keys["expiring"], clock, tmp_path / "got")
        assert late.state is DownloadState.FAILED
        assert late.message == "the vendor has deleted the file; start the task again"


async def test_a_new_task_to_its_end(world: EmulatedVendors, clock: FakeClock, tmp_path: Path) -> None:
    order = Order(json.dumps(ORDER), place="ch-0b1c2d")
    async with engine_at(world, "enos", clock, tmp_path) as engine:
        job = await engine.vendor_desk.submit("enos", order, "nightly")
        assert await asked(engine, job.key) is JobState.WAITING
        clock.jump(10)
        assert await asked(engine, job.key) is JobState.SUCCEEDED
        world.enos.options.channels_stopped = True
        before = len(world.enos.tasks)
        with pytest.raises(AskError, match="81400") as caught:
            await engine.vendor_desk.submit("enos", order, "nightly")
        assert "be started" in caught.value.hint
        assert len(world.enos.tasks) == before
