"""Programs on one state folder share every account's quota: no minute sees more, whoever comes, goes or is killed."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.clock import FakeClock
from tests.engine.octoplant_web import A, PlayedOctoplant
from tests.engine.test_engine import KEY, engine_of
from tests.engine.webs import CONNECTION, PlainVendor, as_vendor
from tui.cli.glance import glance
from tui.engine.company import SEEN_AFTER, Company
from tui.engine.engine import LOOK_SECONDS, Engine
from tui.engine.facts.jobs import TrackWish
from tui.engine.wire.gate import FIRST, Gate
from tui.engine.wire.quota import Quotas

VENDOR = as_vendor(PlainVendor())
HOLDER = (
    "import fcntl, sys; file = open(sys.argv[1], 'r+b'); fcntl.lockf(file, fcntl.LOCK_EX, 1, 63); print(flush=True)"
)
"""Another program of the state folder: it holds its byte until it is killed."""


class Program:
    """One that asks as often as it may, by spells, and looks for the others once a second."""

    def __init__(self, folder: Path, clock: FakeClock, per_minute: int = 240) -> None:
        self._clock = clock
        self._connection = replace(CONNECTION, max_requests_per_minute=per_minute)
        self._quotas = Quotas(clock)
        self.company = Company(folder / "asking.lock", self._quotas)
        self._looks_at = clock.monotonic() + LOOK_SECONDS
        self.is_asking = True

    @property
    def gate(self) -> Gate:
        return self._quotas.of(self._connection, VENDOR).gate

    async def step(self) -> list[float]:
        """When requests were sent now."""
        if self._clock.monotonic() >= self._looks_at:
            self.company.look()
            self._looks_at += LOOK_SECONDS
        sent = []
        while self.is_asking and self.gate.left:
            await self.gate.take()
            sent.append(self._clock.monotonic())
        return sent


def in_the_busiest_minute(times: list[float]) -> int:
    return max(sum(begin <= at < begin + 60 for at in times) for begin in times)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("per_minute", [5, 10, 30, 90, 240])
async def test_no_minute_sees_more_than_the_quota_whoever_comes_and_goes(
    tmp_path: Path, clock: FakeClock, per_minute: int, seed: int
) -> None:
    rng, times, joined, programs = random.Random(seed), list[float](), list[float](), list[Program]()
    for _ in range(600):
        if not programs or (len(programs) < 4 and rng.random() < 0.02):
            programs.append(Program(tmp_path, clock, per_minute))
            programs[-1].company.join()
            joined.append(clock.monotonic())
        elif len(programs) > 1 and rng.random() < 0.015:
            programs.pop(rng.randrange(len(programs))).company.leave()
        for program in programs:
            program.is_asking ^= rng.random() < 0.02
            times += await program.step()
        clock.jump(0.25)
    for program in programs:
        program.company.leave()
    for begin in times:
        sent, came = (sum(begin <= at < begin + 60 for at in some) for some in (times, joined))
        assert sent <= per_minute + FIRST * came, "but for the first two of who came"


@pytest.mark.parametrize("per_minute", [2, 3, 12, 30, 240])
async def test_two_share_what_one_alone_would_have(tmp_path: Path, clock: FakeClock, per_minute: int) -> None:
    two, times = [Program(tmp_path, clock, per_minute) for _ in range(2)], list[list[float]]()
    for program in two:
        program.company.join()
    for _ in range(150 * 4):
        times.append([at for program in two for at in await program.step()])
        clock.jump(0.25)
    busiest = in_the_busiest_minute([at for sent in times for at in sent if at > 0])
    assert (per_minute - 1) * 0.8 <= busiest <= per_minute
    for program in two:
        program.company.leave()


async def test_more_programs_than_requests_a_minute_send_one_a_minute_together(clock: FakeClock) -> None:
    gates, times = [Gate(clock, 1) for _ in range(3)], list[float]()
    for gate in gates:
        gate.share_between(3)
        gate.join_others(clock.monotonic())
        for _ in range(FIRST):
            await gate.take()
    for _ in range(12 * 60):
        for gate in gates:
            while gate.left:
                await gate.take()
                times.append(clock.monotonic())
        clock.jump(1)
    assert 9 <= len(times) <= 12
    assert in_the_busiest_minute(times) <= len(gates)


def test_a_killed_program_leaves_its_share_to_the_others(tmp_path: Path, clock: FakeClock) -> None:
    one = Program(tmp_path, clock)
    one.company.join()
    assert one.gate.left == 10
    with subprocess.Popen([sys.executable, "-ISc", HOLDER, tmp_path / "asking.lock"], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        one.company.look()
        assert one.gate.left == 5
        other.kill()
    one.company.look()
    clock.jump(5 * 60 / 231 + 0.01)
    assert one.gate.left == 10
    one.company.leave()


async def test_who_joins_others_logs_in_and_asks_and_sends_no_more_before_they_know_of_it(
    tmp_path: Path, clock: FakeClock
) -> None:
    assert SEEN_AFTER > LOOK_SECONDS
    first, second = (Program(tmp_path, clock) for _ in range(2))
    early = second.gate  # made before it joined: e.g. a login was tested
    first.company.join()
    second.company.join()
    for _ in range(FIRST):
        await asyncio.wait_for(early.take(), 20)  # a login and an ask: nobody moves the clock for these
    waiting = asyncio.create_task(early.take())
    await clock.advance(SEEN_AFTER)
    assert not waiting.done()
    await clock.advance(2 * 60 / 231 + 1)
    assert waiting.done()
    clock.jump(60)
    assert (first.gate.left, second.gate.left) == (10, 5)  # the first has not looked yet
    first.company.look()
    assert first.gate.left == 5
    for program in (first, second):
        program.company.leave()


async def test_who_waits_for_its_turn_goes_by_the_new_share(clock: FakeClock) -> None:
    gate = Gate(clock, 30)
    gate.share_between(30)
    gate.join_others(clock.monotonic())
    for _ in range(FIRST):
        await gate.take()
    waiting = asyncio.create_task(gate.take())
    await clock.advance(30)
    assert not waiting.done()
    gate.share_between(1)
    await clock.advance(60)
    assert waiting.done()


async def test_what_one_that_left_has_just_sent_is_made_up_for(tmp_path: Path, clock: FakeClock) -> None:
    stays, leaves = [Program(tmp_path, clock, 10) for _ in range(2)]
    for program in (stays, leaves):
        program.company.join()
    clock.jump(LOOK_SECONDS)
    stays.company.look()
    clock.jump(60)
    times = await stays.step() + await leaves.step()
    assert len(times) == 2
    leaves.company.leave()
    for _ in range(70 * 4):
        times += await stays.step()
        clock.jump(0.25)
    stays.company.leave()
    assert in_the_busiest_minute(times) == 10


def test_shares_that_change_all_the_time_keep_nobody_waiting_for_long(clock: FakeClock) -> None:
    gate = Gate(clock, 6)
    for _ in range(50):
        gate.share_between(2)
        gate.share_between(1)
    clock.jump(70)
    assert gate.left == 1


def test_a_folder_without_locks_or_writing_leaves_each_the_whole(read_only_folder: Path, clock: FakeClock) -> None:
    two = [Program(read_only_folder, clock) for _ in range(2)]
    for program in two:
        program.company.join()
        program.company.look()
    assert [program.gate.left for program in two] == [10, 10]
    assert not list(read_only_folder.iterdir())


async def left(engine: Engine) -> int | None:
    """Of the account of a connection that is never asked."""
    (facts,) = [one for one in await engine.connections.facts() if one.name == "windfarm"]
    return facts.requests_left


async def until_left(engine: Engine, clock: FakeClock, requests: int) -> None:
    """Looks are made beside real threads, that a clock moved by hand does not wait for."""
    while await left(engine) != requests:
        await clock.advance(LOOK_SECONDS)


async def test_boards_on_one_folder_share_and_a_command_that_asks_once_takes_nothing(
    tmp_path: Path, clock: FakeClock
) -> None:
    plant = PlayedOctoplant()
    plant.put(A)
    board, command, other = (engine_of(tmp_path, plant, clock) for _ in range(3))
    for engine in (board, command, other):
        await engine.open()
    board.start()
    await command.asking.track(TrackWish(A))
    asking = asyncio.create_task(glance(command, (KEY,)))
    await clock.advance(LOOK_SECONDS)
    await asking
    assert len(plant.asked) >= 3
    assert [await left(engine) for engine in (board, command)] == [10, 10]
    await command.close()
    other.start()
    assert (await left(other) or 0) <= FIRST
    await until_left(board, clock, 5)
    await until_left(other, clock, 5)
    await board.close()
    await until_left(other, clock, 10)
    await other.close()
