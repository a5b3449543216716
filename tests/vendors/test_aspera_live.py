"""Aspera over loopback against the emulated Orchestrator, with each of its switches in turn."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.clock import FakeClock
from tests.vendors.live import STATES, engine_at, fetched
from tui.emulators.aspera.orders import SUB_WORKFLOW, Step, WorkOrder, step_state
from tui.emulators.aspera.site import AsperaSite
from tui.emulators.faults import Fault, cut, die, html, status
from tui.emulators.script import Phase
from tui.emulators.server import EmulatedVendors
from tui.emulators.spoiling import Spoil
from tui.engine.engine import Engine
from tui.engine.facts.jobs import TrackWish
from tui.errors import AskError
from tui.model import DownloadState, JobKey, JobState, Output, OutputKind, ProblemKind
from tui.vendors.aspera.run import state_of
from tui.vendors.contract import Order


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def world(clock: FakeClock) -> AsyncIterator[EmulatedVendors]:
    async with EmulatedVendors(clock=clock) as running:
        yield running


async def tracked(engine: Engine, world: EmulatedVendors, *roles: str) -> dict[str, JobKey]:
    cast = world.describe()["aspera"].cast
    return {role: (await engine.asking.track(TrackWish(cast[role], check=False))).key for role in roles or cast}


def found(world: EmulatedVendors, key: JobKey) -> tuple[WorkOrder, Step | None]:
    name = key.partition(":")[2]
    for order in world.aspera.orders:
        if name == str(order.id):
            return order, None
        for step in order.steps:
            if name in (f"{order.id}/{step.name}", f"step:{step.id}"):
                return order, step
    raise KeyError(key)


def truth(world: EmulatedVendors, key: JobKey, clock: FakeClock) -> JobState:
    order, step = found(world, key)
    beat = order.run.beat(clock.monotonic())
    if step is not None:
        return state_of(step_state(order, step, beat).word)
    return JobState.CANCELLING if beat.phase is Phase.CANCELLING else STATES[beat.phase]


SWITCHES: dict[str, Callable[[AsperaSite], None]] = {
    "as it is": lambda site: None,
    "a state in an object": lambda site: setattr(site.options, "state_as_object", True),
    "no JSON at all": lambda site: setattr(site.options, "json_ways", frozenset()),
    "no list of outputs": lambda site: setattr(site.options, "lists_outputs", False),
    "children named late": lambda site: setattr(site.options, "early_child", False),
}
WAYS = {
    "header": {"format": "header"},
    "ext": {"format": "ext"},
    "token": {"auth": "token"},
    "query": {"auth": "query"},
    "api-key": {"auth": "api-key"},
    "apikey": {"auth": "api-key", "api_key_name": "apikey"},
}


@pytest.mark.parametrize("switch", [*SWITCHES, *WAYS])
async def test_no_state_is_ever_wrong(world: EmulatedVendors, clock: FakeClock, tmp_path: Path, switch: str) -> None:
    SWITCHES.get(switch, SWITCHES["as it is"])(world.aspera)
    async with engine_at(world, "aspera", clock, tmp_path, **WAYS.get(switch, {})) as engine:
        keys = await tracked(engine, world)
        await engine.asking.ask_now(keys["slow"])
        await engine.job_desk.cancel(keys["slow"])
        seen = {(await engine.asking.ask_now(keys["slow"])).state}
        for step in (0, 0, 10, 200):
            clock.jump(step)
            for key in keys.values():
                clock.jump(2)  # the connection's quota of requests
                job = await engine.asking.ask_now(key)
                assert job.state is truth(world, key, clock)
                seen.add(job.state)
        assert {JobState.CANCELLED, JobState.CANCELLING, JobState.FAILED, JobState.SUCCEEDED} <= seen


async def test_an_unknown_word_is_no_end(world: EmulatedVendors, clock: FakeClock, tmp_path: Path) -> None:
    world.aspera.options.running_word = "Rolling Back"
    async with engine_at(world, "aspera", clock, tmp_path) as engine:
        key = (await tracked(engine, world, "slow"))["slow"]
        job = await engine.asking.ask_now(key)
        assert (job.state, job.snapshot.vendor_status) == (JobState.UNKNOWN, "Rolling Back")


FAULTS: dict[str, tuple[Fault | Spoil, ProblemKind]] = {
    "429": (status(429, times=1, retry_after="3"), ProblemKind.RATE_LIMITED),
    "503": (status(503, times=1), ProblemKind.UNREACHABLE),
    "a login page by a proxy": (html(times=1), ProblemKind.BAD_REPLY),
    "a cut answer": (cut(30, times=1), ProblemKind.UNREACHABLE),
    "no answer": (die(times=2), ProblemKind.UNREACHABLE),
    "403": (status(403, times=1), ProblemKind.FORBIDDEN),
    **{
        spoil.name: (spoil, ProblemKind.UNREACHABLE if spoil is Spoil.STACK_TRACE else ProblemKind.BAD_REPLY)
        for spoil in Spoil
        if spoil is not Spoil.REFUSED_PAGE
    },
}


@pytest.mark.parametrize("ways", [frozenset({"arg"}), frozenset()], ids=["json", "xml"])
@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_a_problem_and_never_a_state(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path, name: str, ways: frozenset[str]
) -> None:
    fault, kind = FAULTS[name]
    world.aspera.options.json_ways = ways
    async with engine_at(world, "aspera", clock, tmp_path) as engine:
        key = (await tracked(engine, world, "slow"))["slow"]
        assert (await engine.asking.ask_now(key)).state is JobState.RUNNING
        if isinstance(fault, Spoil):
            world.aspera.spoiling.turn(fault, times=1)
        else:
            world.aspera.faults.add(fault)
        with pytest.raises(AskError) as caught:
            await engine.asking.ask_now(key)
        job = engine.board.jobs[key]
        assert (caught.value.kind, job.problem and job.problem.kind) == (kind, kind)
        assert job.state is JobState.RUNNING
        clock.jump(5)
        assert (await engine.asking.ask_now(key)).state is JobState.RUNNING


async def test_a_refused_login_is_not_tried_until_it_locks(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path
) -> None:
    async with engine_at(world, "aspera", clock, tmp_path, password="wrong") as engine:
        key = (await tracked(engine, world, "slow"))["slow"]
        for _ in range(3):
            with pytest.raises(AskError) as caught:
                await engine.asking.ask_now(key)
            assert caught.value.kind is ProblemKind.AUTH
    assert not world.aspera.login.account.is_locked


async def test_a_parent_shows_the_steps_of_its_child(world: EmulatedVendors, clock: FakeClock, tmp_path: Path) -> None:
    step = world.describe()["aspera"].cast["parent"]
    parent = next(one for one in world.aspera.orders if any(f"step:{each.id}" == step for each in one.steps))
    assert parent.steps[1].type == SUB_WORKFLOW
    async with engine_at(world, "aspera", clock, tmp_path) as engine:
        job = await engine.asking.track(TrackWish(str(parent.id)))
        names = [stage.name for stage in (await engine.asking.ask_now(job.key)).snapshot.stages]
        assert names[:4] == ["Probe", "Run ingest", "Run ingest / Copy clip", "Run ingest / Check clip"]


async def test_hashes_links_and_a_download(world: EmulatedVendors, clock: FakeClock, tmp_path: Path) -> None:
    clock.jump(60)
    fasp = world.describe()["aspera"].cast["fasp"].partition("/")[0]
    async with engine_at(world, "aspera", clock, tmp_path) as engine:
        job = await engine.asking.ask_now((await engine.asking.track(TrackWish(fasp))).key)
        outputs: dict[str, Output] = {output.name: output for output in job.snapshot.outputs}
        disks = json.loads(outputs["disks"].value or "")
        assert disks["Disk A"] == {"node": "a1", "free_kb": "90"}
        assert outputs["package_post_url"].kind is OutputKind.LINK
        assert "ATM3_" not in repr(job)
        done = (await tracked(engine, world, "quick"))["quick"]
        await engine.asking.ask_now(done)
        got = await fetched(engine, done, clock, tmp_path / "got")
    assert got.state is DownloadState.DONE


async def test_what_ran_lately_is_found(world: EmulatedVendors, clock: FakeClock, tmp_path: Path) -> None:
    async with engine_at(world, "aspera", clock, tmp_path) as engine:
        listed = await engine.vendor_desk.discover("aspera")
    assert {one.ref for one in listed} == {str(order.id) for order in world.aspera.orders}
    assert all(one.at for one in listed)


@pytest.mark.parametrize("form", ["post", "get"])
@pytest.mark.parametrize("ways", [frozenset({"arg"}), frozenset()], ids=["json", "xml"])
async def test_a_new_work_order_to_its_end(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path, form: str, ways: frozenset[str]
) -> None:
    world.aspera.options.json_ways = ways
    before = len(world.aspera.orders)
    async with engine_at(world, "aspera", clock, tmp_path, initiate=form) as engine:
        with pytest.raises(AskError) as caught:
            await engine.vendor_desk.submit("aspera", Order('{"workflow_id": 44}'), None)
        assert (caught.value.message, caught.value.hint) == (
            "the workflow needs these inputs: src",
            'add {"external_parameters": {"src": "…"}}',
        )
        with pytest.raises(AskError, match="does not know this workflow"):
            await engine.vendor_desk.submit("aspera", Order('{"workflow_id": 99}'), None)
        assert engine.board.jobs == {}
        body = {"workflow_id": 44, "external_parameters": {"src": "/in/a & b.mov"}, "priority": 3}
        job = await engine.vendor_desk.submit("aspera", Order(json.dumps(body)), None)
        assert (await engine.asking.ask_now(job.key)).state is JobState.WAITING
        clock.jump(30)
        assert (await engine.asking.ask_now(job.key)).state is JobState.SUCCEEDED
    assert len(world.aspera.orders) == before + 1


async def test_trap_01_a_start_whose_reply_was_lost_is_not_sent_again(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path
) -> None:
    before = len(world.aspera.orders)
    async with engine_at(world, "aspera", clock, tmp_path) as engine:
        world.aspera.spoiling.turn(Spoil.TRUNCATED, "initiate", times=1)
        with pytest.raises(AskError) as caught:
            await engine.vendor_desk.submit("aspera", Order('{"workflow_id": 45}'), None)
        assert caught.value.kind is ProblemKind.UNREACHABLE
        assert [job.outcome_unknown for job in engine.board.jobs.values()] == [True]
    assert len(world.aspera.orders) == before + 1
