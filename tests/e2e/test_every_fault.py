"""All five vendors at once, each fault switch in turn: no state is ever wrong, and everything recovers by itself."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.five import Five, five
from tests.e2e.truths import truth
from tui.emulators.switch_names import SWITCHES
from tui.model import ProblemKind

BAD, DOWN, AUTH = ProblemKind.BAD_REPLY, ProblemKind.UNREACHABLE, ProblemKind.AUTH
KINDS = {
    "die": DOWN,
    "cut": DOWN,
    "401": AUTH,
    "lock-out": AUTH,
    "429": ProblemKind.RATE_LIMITED,
    "503": DOWN,
    "html": BAD,
    "bare": BAD,
    "hang": DOWN,
}
"""What the problem is under each switch; under the others there is none."""
REFUSING = ("401", "lock-out")
"""Nobody asks on after a refused login until the user says so."""
OF_STARTS = ("lost-start",)
"""What nobody meets who only asks."""
STRANGE = {"Rolling Back", "archiving", "STATE_PAUSED", "failedSomethingNew"}


@pytest.fixture(autouse=True)
def no_errors_in_the_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    bad = [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR or record.exc_info]
    assert [record.getMessage() for record in bad] == []


async def ask_through(run: Five, name: str) -> None:
    """Ask for every job, the finished ones too, with one switch on; turn it off, and see everything recover."""
    watcher = run.watcher
    watcher.told.clear()
    watcher.answered.clear()
    vendors = run.turn_on(name)
    await run.refresh()
    if name in KINDS:
        await run.until(lambda: all(watcher.kinds(vendor) for vendor in vendors))
    else:
        await run.until(lambda: watcher.answered == {job.key for job in run.jobs})
    if name == "unknown-word":
        assert {job.snapshot.vendor_status for job in run.jobs} >= STRANGE
        assert any("42" in (job.snapshot.notice or "") for job in run.jobs)
    run.switches.turn_all_off()
    if name in REFUSING:
        await run.refresh()
    await run.until(run.is_well)
    assert watcher.wrong == [], name
    for vendor in vendors:
        assert watcher.kinds(vendor) == ({KINDS[name]} if name in KINDS else set()), (name, watcher.told)
    for _, _, message in watcher.told:
        assert "; " in message, f"{message}: and what is to be done?"


@pytest.mark.timeout(360)
async def test_every_fault_of_all_five_in_turn(tmp_path: Path) -> None:
    switches = sorted(SWITCHES.keys() - {"hang", *OF_STARTS}, key=lambda name: (name not in KINDS, name))
    async with five(tmp_path) as run:
        await run.until(run.is_well)
        for name in switches:
            await ask_through(run, name)
        await run.refresh()
        await run.until(lambda: all(job.state.is_over for job in run.jobs), step=5)
        for job in run.jobs:
            assert (job.state, job.problem) == (truth(run.world, job.key), None)
        assert run.watcher.wrong == []


async def test_vendors_that_hang(tmp_path: Path) -> None:
    async with five(tmp_path, timeout=0.5) as run:
        await run.until(run.is_well)
        await ask_through(run, "hang")


async def test_a_token_that_is_forgotten_early_is_renewed(tmp_path: Path) -> None:
    async with five(tmp_path) as run:
        await run.until(run.is_well)
        world = run.world
        tokens = [
            world.autodesk.gateway.tokens,
            world.enos.gateway.tokens,
            world.jaggaer.tokens,
            world.octoplant.tokens,
        ]
        run.turn_on("short-login")
        await run.until(lambda: all(one.issued > 4 for one in tokens))
        assert run.is_well()
        assert (run.watcher.told, run.watcher.wrong) == (set(), [])
