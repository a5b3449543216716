"""Three programs on one state folder: what one learns the others show within a second, each job is asked once, and
whoever leaves, in whatever way, closes nothing for the others."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.clock import START, FakeClock
from tests.engine.scripted import ManyVendor, Room, ScriptedVendor
from tui.engine.board import BoardChange
from tui.engine.engine import LOOK_SECONDS
from tui.engine.next_ask import NextAsk
from tui.engine.polling.asking_order import FOLLOW_SECONDS
from tui.engine.wire.quota import Quota
from tui.model import Job, JobKey, JobState, Reference, Safe, Snapshot
from tui.vendors.contract import Session

JOBS = tuple(f"job{number}" for number in range(5))
KEY = JobKey("plant:job0")


def plan(_: Job) -> NextAsk:
    return NextAsk(START + timedelta(hours=9), START + timedelta(hours=9))


class Metered(ScriptedVendor):
    """Answers after a tenth of a second, to as many requests as the account's gate lets through."""

    def __init__(self) -> None:
        super().__init__()
        self.takes = 0.1
        self.quota: Quota | None = None

    async def ask(self, session: Session, ref: Reference) -> Snapshot:
        if self.quota:
            await self.quota.gate.take()
        return await super().ask(session, ref)


class Program:
    """A board that asks, and looks for the others' changes as the engine does."""

    def __init__(
        self, path: Path, seed: int, clock: FakeClock, vendor: ScriptedVendor | None = None, per_minute: int = 240
    ) -> None:
        self.vendor = vendor or ScriptedVendor()
        self.room = Room(path, rng=random.Random(seed), clock=clock)
        self.room.add("plant", self.vendor, max_requests_per_minute=per_minute)
        self.heard: list[BoardChange] = []
        self.room.board.listen(self.heard.append)
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.room.board.load()
        self.room.poller.start()
        self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while True:
            await self.room.clock.sleep(LOOK_SECONDS)
            await self.room.board.look()

    async def kill(self) -> None:
        """It does nothing any more: not even close its files."""
        if self._looking:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self.room.poller.stop()

    async def close(self) -> None:
        await self.kill()
        await self.room.close()

    def asked(self) -> int:
        return len(self.vendor.asked)


@pytest.fixture
async def three(tmp_path: Path) -> AsyncIterator[tuple[Program, ...]]:
    clock = FakeClock()
    programs = tuple(Program(tmp_path / "board.sqlite", seed, clock) for seed in range(3))
    await programs[0].room.track("plant", *JOBS)
    for program in programs:
        await program.start()
    yield programs
    for program in programs:
        await program.close()


async def test_each_job_is_asked_by_one_and_when_that_is_killed_by_another(three: tuple[Program, ...]) -> None:
    clock = three[0].room.clock
    await clock.advance(300)
    alone = max(program.asked() for program in three)
    others = sum(program.asked() for program in three) - alone
    assert alone > 10 * len(JOBS)
    assert others <= 2 * len(JOBS)  # at the start, when nobody had planned anything yet
    busiest = max(three, key=Program.asked)
    await busiest.kill()
    left = [program for program in three if program is not busiest]
    died = clock.elapsed
    before = sum(program.asked() for program in left)
    await clock.advance(600)
    now = sum(program.asked() for program in left) - before
    for job in JOBS:
        asked = sorted(at for program in left for at in program.vendor.times(job) if at > died)
        assert min(later - earlier for earlier, later in pairwise(asked)) > FOLLOW_SECONDS
    assert 9 * len(JOBS) < now < 22 * len(JOBS)  # every minute at most once, and not by both
    assert all(
        program.room.job("plant:job4").checked_at == left[0].room.job("plant:job4").checked_at for program in left
    )


@pytest.mark.parametrize("apart", [0.0, 13.0])
async def test_with_more_jobs_than_requests_each_job_is_asked_by_one_all_the_same(tmp_path: Path, apart: float) -> None:
    clock, jobs = FakeClock(), [f"job{number}" for number in range(40)]
    programs = []
    for seed in range(2):
        vendor = Metered()
        program = Program(tmp_path / "board.sqlite", seed, clock, vendor, per_minute=30)
        program.room.sessions.quotas.share_between(2)
        vendor.quota = program.room.sessions.quota(program.room.connections["plant"])
        programs.append(program)
    await programs[0].room.track("plant", *jobs)
    for program in programs:
        await program.start()
        await clock.advance(apart)
    await clock.advance(300)
    for job in jobs:
        asked = sorted(at for program in programs for at in program.vendor.times(job))
        assert len(asked) >= 3
        assert min(later - earlier for earlier, later in pairwise(asked)) > 40.0, "thirty a minute for forty jobs"
    for program in programs:
        assert program.asked() > 60, "each does its part"
        await program.close()


async def test_what_one_learns_does_and_forgets_is_with_the_others_within_a_second(three: tuple[Program, ...]) -> None:
    one, second, third = three
    clock = one.room.clock
    await clock.advance(5)
    await one.room.board.attach(KEY, ("bucket/key",))
    await clock.advance(LOOK_SECONDS)
    assert {program.room.job(KEY).ref.outputs for program in three} == {("bucket/key",)}
    await second.room.board.remove((KEY,))
    await clock.advance(LOOK_SECONDS)
    assert all(KEY not in program.room.board.jobs for program in three)
    await third.room.board.add([Job("plant", "plant", one.room.job("plant:job1").ref, START, Safe("Mine"))], "renamed")
    await clock.advance(LOOK_SECONDS)
    assert {program.room.job("plant:job1").title for program in three} == {"Mine"}


async def test_whoever_leaves_closes_nothing_for_the_others(three: tuple[Program, ...]) -> None:
    one, second, third = three
    clock = one.room.clock
    await one.kill()  # its files stay open, as a killed one's do until the kernel takes them
    await second.close()
    await third.room.board.answered(KEY, Snapshot(JobState.SUCCEEDED, "done"), plan)
    await clock.advance(LOOK_SECONDS)
    fresh = Program(third.room.path, 9, clock)
    await fresh.start()
    assert fresh.room.job(KEY).state is JobState.SUCCEEDED
    await fresh.close()


async def test_two_that_step_in_for_a_third_at_the_same_moment_ask_each_job_once(tmp_path: Path) -> None:
    clock = FakeClock()
    vendors = [ManyVendor() for _ in range(3)]
    seeds = (0, 1, 1)  # the two that are left are as patient as each other
    programs = [Program(tmp_path / "board.sqlite", seed, clock, one) for seed, one in zip(seeds, vendors, strict=True)]
    await programs[0].room.track("plant", *JOBS)
    await programs[0].start()
    await clock.advance(5)
    for program in programs[1:]:
        program.vendor.takes = 0.5
        await program.start()
    await clock.advance(60)
    await programs[0].kill()
    before = [program.asked() for program in programs]
    assert before[1:] == [0, 0]
    await clock.advance(8)
    asked = [name for program in programs[1:] for _, name in program.vendor.asked]
    assert sorted(asked) == sorted(JOBS)
    for program in programs:
        await program.close()
