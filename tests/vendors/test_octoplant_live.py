"""octoplant over real TLS against the emulated server, with each of its switches in turn."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.clock import FakeClock
from tests.vendors.live import STATES, engine_at, fetched
from tui.emulators.faults import Fault, cut, html, status
from tui.emulators.octoplant.orders import Archive, OctoplantOptions
from tui.emulators.server import EmulatedVendors
from tui.engine.engine import Engine
from tui.engine.facts.jobs import TrackWish
from tui.errors import AskError
from tui.model import DownloadState, JobKey, JobState, ProblemKind, Verified
from tui.vendors.contract import Order
from tui.vendors.octoplant import VENDOR

Switch = Callable[[OctoplantOptions], None]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def world(clock: FakeClock) -> AsyncIterator[EmulatedVendors]:
    async with EmulatedVendors(clock=clock) as running:
        running.octoplant.tokens.lifetime = 60
        yield running


async def tracked(engine: Engine, world: EmulatedVendors, *roles: str) -> dict[str, JobKey]:
    cast = world.describe()["octoplant"].cast
    return {role: (await engine.asking.track(TrackWish(cast[role], check=False))).key for role in roles or cast}


async def asked(engine: Engine, key: JobKey) -> JobState:
    return (await engine.asking.ask_now(key)).state


def truth(world: EmulatedVendors, key: JobKey, clock: FakeClock) -> JobState:
    job = world.octoplant.orders.find(key.partition(":")[2])
    return STATES[job.run.beat(clock.monotonic()).phase] if job else JobState.EXPIRED


def switched(name: str, value: object) -> Switch:
    return lambda options: setattr(options, name, value)


SWITCHES = {
    "as it is": lambda _: None,
    "unset fields left out": switched("emit_unset", False),
    "@type": switched("with_type", True),
    "counters as text": switched("counters_as_text", True),
    "bare tokens": switched("bare_tokens", True),
    "an older gateway": switched("older_gateway", True),
    "maintenance": switched("maintenance", True),
}


@pytest.mark.parametrize("switch", SWITCHES)
async def test_no_state_is_ever_wrong(world: EmulatedVendors, clock: FakeClock, tmp_path: Path, switch: str) -> None:
    SWITCHES[switch](world.octoplant.options)
    async with engine_at(world, "octoplant", clock, tmp_path) as engine:
        keys = await tracked(engine, world)
        await engine.asking.ask_now(keys["slow"])
        await engine.job_desk.cancel(keys["slow"])
        for step in (0, 3, 6, 12, 40, 90):
            clock.jump(step)
            for key in keys.values():
                assert await asked(engine, key) is truth(world, key, clock)
        progress = engine.board.jobs[keys["waiting"]].snapshot.progress
        assert progress is not None
        assert 0 < progress <= 1


async def test_a_strange_state_is_no_end(world: EmulatedVendors, clock: FakeClock, tmp_path: Path) -> None:
    world.octoplant.options.strange_state = "STATE_PAUSED"
    async with engine_at(world, "octoplant", clock, tmp_path) as engine:
        keys = await tracked(engine, world, "slow")
        assert await asked(engine, keys["slow"]) is JobState.UNKNOWN
        assert engine.board.jobs[keys["slow"]].snapshot.vendor_status == "STATE_PAUSED"


FAULTS: dict[str, tuple[Fault, ProblemKind]] = {
    "429": (status(429, "/v1/order", retry_after="3", times=1), ProblemKind.RATE_LIMITED),
    "503": (status(503, "/v1/order", times=1), ProblemKind.UNREACHABLE),
    "a login page": (html("/v1/order", times=1), ProblemKind.BAD_REPLY),
    "a cut answer": (cut(20, "/v1/order", times=1), ProblemKind.UNREACHABLE),
    "another 404": (status(404, "/v1/order", times=1), ProblemKind.BAD_REPLY),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_a_problem_and_never_a_state(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path, name: str
) -> None:
    fault, kind = FAULTS[name]
    async with engine_at(world, "octoplant", clock, tmp_path) as engine:
        key = (await tracked(engine, world, "slow"))["slow"]
        before = await asked(engine, key)
        world.octoplant.faults.add(fault)
        with pytest.raises(AskError) as caught:
            await engine.asking.ask_now(key)
        job = engine.board.jobs[key]
        assert (caught.value.kind, job.state, job.problem and job.problem.kind) == (kind, before, kind)
        assert await asked(engine, key) is before


@pytest.mark.parametrize("unspecified", [False, True])
async def test_trap_02_an_order_that_was_forgotten_is_gone(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path, *, unspecified: bool
) -> None:
    world.octoplant.options.unknown_is_unspecified = unspecified
    async with engine_at(world, "octoplant", clock, tmp_path) as engine:
        key = (await tracked(engine, world, "done"))["done"]
        assert await asked(engine, key) is JobState.SUCCEEDED
        world.octoplant.orders.retention = 0
        with pytest.raises(AskError, match="does not know this order") as caught:
            await engine.asking.ask_now(key)
        assert caught.value.kind is ProblemKind.GONE


@pytest.mark.parametrize("how", Archive)
async def test_trap_05_only_a_whole_archive_is_a_file(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path, how: Archive
) -> None:
    world.octoplant.options.archive = how
    async with engine_at(world, "octoplant", clock, tmp_path) as engine:
        key = (await tracked(engine, world, "done"))["done"]
        await engine.asking.ask_now(key)
        got = await fetched(engine, key, clock, tmp_path / "got")
    names = [path.name for path in (tmp_path / "got").iterdir()]
    if how in (Archive.WHOLE, Archive.TRAILING_NEWLINE):
        assert (got.state, got.verified) == (DownloadState.DONE, Verified.ZIP)
        assert got.path is not None
        told = {packed.name: packed.what for packed in VENDOR.list_archive(got.path)}
        assert told["ProjectTree.json"] == "projectTree"
        with ZipFile(got.path) as archive:
            assert archive.testzip() is None
    else:
        assert (got.state, got.message is not None, names) == (DownloadState.FAILED, True, [])


@pytest.mark.parametrize("after", [0, 500, 5000])
async def test_trap_05_a_cut_download_is_tried_again(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path, after: int
) -> None:
    world.octoplant.faults.add(cut(after, "/download", times=1))
    async with engine_at(world, "octoplant", clock, tmp_path) as engine:
        key = (await tracked(engine, world, "done"))["done"]
        await engine.asking.ask_now(key)
        got = await fetched(engine, key, clock, tmp_path / "got")
    assert (got.state, got.attempts) == (DownloadState.DONE, 2)


async def test_an_order_from_the_form_to_its_end(world: EmulatedVendors, clock: FakeClock, tmp_path: Path) -> None:
    body = json.dumps({"exportContents": {"projectTree": {"dir": "\\Plant"}, "componentLog": {}}})
    async with engine_at(world, "octoplant", clock, tmp_path) as engine:
        job = await engine.vendor_desk.submit("octoplant", Order(body), "nightly")
        assert await asked(engine, job.key) is JobState.WAITING
        clock.jump(30)
        assert await asked(engine, job.key) is JobState.SUCCEEDED
        world.octoplant.options.maintenance = True
        before = len(world.octoplant.orders)
        with pytest.raises(AskError, match=r"in maintenance mode \(nightly backup\)"):
            await engine.vendor_desk.submit("octoplant", Order(body), "nightly")
        assert len(world.octoplant.orders) == before
        assert list(engine.board.jobs) == [job.key]


async def test_trap_10_a_wrong_password_never_locks_the_account(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path
) -> None:
    async with engine_at(world, "octoplant", clock, tmp_path, password="wrong") as engine:
        keys = await tracked(engine, world)
        for key in (*keys.values(), *keys.values()):
            clock.jump(1)  # no vendor is asked faster than its limit
            with pytest.raises(AskError) as caught:
                await engine.asking.ask_now(key)
            assert caught.value.kind is ProblemKind.AUTH
    assert not world.octoplant.account.is_locked
    assert world.octoplant.tokens.issued == 0


async def test_a_personal_access_token_needs_no_password(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path
) -> None:
    token = world.octoplant.personal_token
    async with engine_at(world, "octoplant", clock, tmp_path, password="", access_token=token) as engine:
        keys = await tracked(engine, world, "done")
        assert await asked(engine, keys["done"]) is JobState.SUCCEEDED
    assert world.octoplant.tokens.issued == 0


async def test_a_restart_of_the_server_is_one_more_login(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path
) -> None:
    async with engine_at(world, "octoplant", clock, tmp_path) as engine:
        key = (await tracked(engine, world, "done"))["done"]
        await engine.asking.ask_now(key)
        world.octoplant.revoke_tokens()
        assert await asked(engine, key) is JobState.SUCCEEDED
    assert world.octoplant.tokens.issued == 2


# Trust (trap 6)


async def test_trap_06_an_unknown_certificate_is_refused_and_names_ca_file(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path
) -> None:
    async with engine_at(world, "octoplant", clock, tmp_path, ca_file="") as engine:
        key = (await tracked(engine, world, "done"))["done"]
        with pytest.raises(AskError, match="TLS failed") as caught:
            await engine.asking.ask_now(key)
        assert caught.value.kind is ProblemKind.TLS
        assert "ca_file" in caught.value.hint


async def test_trap_06_a_certificate_of_another_name_needs_tls_server_name(clock: FakeClock, tmp_path: Path) -> None:
    async with EmulatedVendors(clock=clock, tls_names=("plant.example",)) as world:
        async with engine_at(world, "octoplant", clock, tmp_path) as engine:
            key = (await tracked(engine, world, "done"))["done"]
            with pytest.raises(AskError, match="mismatch") as caught:
                await engine.asking.ask_now(key)
            assert caught.value.kind is ProblemKind.TLS
        right = {"tls_server_name": "plant.example"}
        async with engine_at(world, "octoplant", clock, tmp_path, **right) as engine:
            assert await asked(engine, key) is JobState.SUCCEEDED
