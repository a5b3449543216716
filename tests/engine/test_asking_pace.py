"""How many are asked when: starts, naps and outages without a stampede, requests for many that go out full."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.clock import START, FakeClock, settle
from tests.engine.scripted import DONE, RUNNING, ManyVendor, Room, ScriptedVendor
from tui.engine.border import inert
from tui.engine.polling.answers import AT_ONCE
from tui.engine.polling.asking_order import FOLLOW_SECONDS, AskingOrder
from tui.errors import AskError
from tui.model import Connection, Job, JobKey, Output, ProblemKind, Reference

LONG_AGO = START - timedelta(days=1)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    room = Room(tmp_path / "board.sqlite", rng=random.Random(7))
    yield room
    await room.close()


@pytest.fixture
def vendor() -> ScriptedVendor:
    vendor = ScriptedVendor()
    vendor.takes = 0.01
    return vendor


def overdue(job: Job) -> Job:
    return replace(job, checked_at=LONG_AGO, changed_at=LONG_AGO, next_check_at=LONG_AGO, snapshot=inert(RUNNING))


def busiest_second(times: list[float]) -> int:
    return max(Counter(int(at) for at in times).values())


def ids(count: int) -> list[str]:
    return [f"job{number}" for number in range(count)]


async def test_a_start_with_many_late_jobs_is_no_stampede(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    await room.track("plant", *ids(200), change=overdue)
    room.poller.start()
    await settle()
    assert len(vendor.asked) == AT_ONCE  # the first are not kept waiting
    await room.clock.advance(51)
    assert len({one for _, one in vendor.asked}) == 200
    assert busiest_second(vendor.times()) <= 3 * AT_ONCE


async def test_a_few_late_jobs_are_asked_at_once(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    await room.track("plant", *ids(AT_ONCE), change=overdue)
    room.poller.start()
    await settle()
    assert len(vendor.asked) == AT_ONCE


async def test_a_machine_that_slept_asks_at_an_even_pace(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor, min_interval=300.0, max_interval=300.0)
    await room.track("plant", *ids(100))
    room.poller.start()
    await room.clock.advance(60)
    assert len(vendor.asked) == 100
    room.clock.start += timedelta(hours=8)
    woke = room.clock.elapsed
    await room.clock.advance(60)
    after = [at for at in vendor.times() if at > woke]
    assert len(after) == 100
    assert busiest_second(after) <= 3 * AT_ONCE


@pytest.mark.parametrize("hours", [-300, -1, 1])
async def test_a_wall_clock_that_is_set_moves_nothing_far(room: Room, vendor: ScriptedVendor, hours: int) -> None:
    room.add("plant", vendor)
    old = START - timedelta(minutes=20)
    await room.track("plant", *ids(20), change=lambda job: replace(overdue(job), changed_at=old))
    room.poller.start()
    await room.clock.advance(60)
    room.clock.start += timedelta(hours=hours)
    before = len(vendor.asked)
    await room.clock.advance(120)
    assert 20 <= len(vendor.asked) - before <= 100
    assert busiest_second([at for at in vendor.times() if at > 60]) <= 2 * AT_ONCE


async def test_after_an_outage_the_late_ones_come_one_after_the_other(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor, min_interval=10.0, max_interval=60.0)
    await room.track("plant", *ids(60))
    room.poller.start()
    await room.clock.advance(60)
    for one in ids(60):
        vendor.answers[one] = [AskError(ProblemKind.UNREACHABLE, "no answer")]
    await room.clock.advance(150)
    vendor.answers.clear()
    back = room.clock.elapsed
    await room.clock.advance(80)
    after = [at for at in vendor.times() if at > back]
    assert len(after) >= 60
    assert busiest_second(after) <= 4 * AT_ONCE


async def test_a_request_for_many_takes_along_who_is_due_soon(room: Room) -> None:
    vendor = ManyVendor()
    room.add("aps", vendor, min_interval=40.0, max_interval=40.0)
    for number in range(40):
        due = START + timedelta(seconds=20 + number / 4)
        planned = START - timedelta(seconds=20)
        await room.track(
            "aps",
            f"job{number:02}",
            change=lambda job, due=due, planned=planned: replace(  # type: ignore[misc]
                job, checked_at=planned, changed_at=planned, next_check_at=due, snapshot=RUNNING
            ),
        )
    room.poller.start()
    await room.clock.advance(20 + 2 * FOLLOW_SECONDS)
    assert [len(some) for some in vendor.lists] == [40]


async def test_nobody_is_taken_along_too_early_or_against_a_back_off(room: Room) -> None:
    vendor = ManyVendor()
    room.add("aps", vendor, min_interval=2.0, max_interval=60.0)
    vendor.answers["bad"] = [AskError(ProblemKind.BAD_REPLY, "not JSON")]
    await room.track("aps", "bad", "young", "other")
    room.poller.start()
    await room.clock.advance(300)
    waits = [b - a for a, b in zip(vendor.times("young"), vendor.times("young")[1:], strict=False)]
    assert min(waits) >= 2.0
    backed_off = [b - a for a, b in zip(vendor.times("bad"), vendor.times("bad")[1:], strict=False)]
    assert backed_off[-1] >= 40.0


async def test_jobs_due_late_are_looked_at_by_the_wall_clock(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    dying = replace(DONE, outputs=(Output("out.bin", expires_at=START + timedelta(hours=2)),))
    vendor.answers["job0"] = [dying]
    await room.track("plant", "job0")
    room.poller.start()
    await room.clock.advance(10)
    assert len(vendor.asked) == 1
    room.clock.start += timedelta(hours=1, minutes=50)  # slept until ten minutes before the end
    await room.clock.advance(31)
    assert len(vendor.asked) == 2


def test_picking_does_not_look_at_all_jobs() -> None:
    clock = FakeClock()
    order = AskingOrder(Connection("lab", "scripted", "https://lab.example"), AT_ONCE, clock, random.Random(1))
    looked = 0

    class Counting(Job):
        @property
        def key(self) -> JobKey:
            nonlocal looked
            looked += 1
            return JobKey(f"lab:{self.ref.id}")

    for number in range(2000):
        due = START + timedelta(seconds=number / 2)
        order.hear(Counting("lab", "scripted", Reference(str(number)), START, checked_at=START, next_check_at=due))
    looked = 0
    clock.jump(5 + 2 * FOLLOW_SECONDS)
    taken = order.take(AT_ONCE, fill=False)
    assert [job.ref.id for job in taken.values()] == ["0", "1", "2", "3"]
    order.give_back(taken)
    assert looked < 100


@pytest.mark.parametrize(("min_interval", "due_in"), [(2.0, 7.25), (0.2, 7.1)])
def test_whoever_is_due_at_about_the_same_time_is_asked_at_the_same_moment(
    clock: FakeClock, min_interval: float, due_in: float
) -> None:
    for name in ("one", "three"):
        connection = Connection(name, "scripted", "https://lab.example", min_interval=min_interval)
        order = AskingOrder(connection, AT_ONCE, clock, random.Random(1))
        planned = START + timedelta(seconds=7.03 + len(name) / 100)
        job = Job(name, "scripted", Reference("A"), START, checked_at=START, next_check_at=planned)
        order.planned(job.key, planned)
        order.hear(job)
        assert order.seconds_to(job.key) == pytest.approx(due_in)


def test_two_programs_that_step_in_for_a_third_do_not_do_so_at_once(clock: FakeClock) -> None:
    planned = START + timedelta(seconds=8)
    job = Job("lab", "scripted", Reference("A"), START, checked_at=START, next_check_at=planned)
    waits = []
    for seed in range(2):
        order = AskingOrder(Connection("lab", "scripted", "https://lab.example"), AT_ONCE, clock, random.Random(seed))
        order.hear(job)
        waits.append(order.seconds_to(job.key) - 8)
    assert all(FOLLOW_SECONDS <= wait <= 2 * FOLLOW_SECONDS + 0.25 for wait in waits)
    assert abs(waits[0] - waits[1]) > 0.5
