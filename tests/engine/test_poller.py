"""When whom is asked: due times, the job in focus, refreshes, other programs, and vendors that hang."""

from __future__ import annotations

import asyncio
import math
import random
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from tests.clock import START, settle
from tests.engine.scripted import DONE, RUNNING, ManyVendor, Room, ScriptedVendor
from tui.engine.polling.answers import AT_ONCE
from tui.engine.polling.asking_order import FOLLOW_SECONDS
from tui.errors import AskError
from tui.model import Condition, JobKey, JobState, ProblemKind, Reference, Snapshot
from tui.vendors.contract import Session


def gaps(times: list[float]) -> list[float]:
    return [round(later - earlier, 3) for earlier, later in pairwise(times)]


async def test_a_young_job_is_asked_often_and_an_old_one_rarely(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    await room.track("plant", "job1")
    room.poller.start()
    await room.clock.advance(3600)
    waits = gaps(vendor.times())
    assert waits[:9] == [2.25] * 9
    assert waits[-1] == 54.0
    assert waits == sorted(waits)
    assert 80 < len(waits) < 110


async def test_the_connections_own_intervals_hold(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor, min_interval=10.0, max_interval=20.0)
    await room.track("plant", "job1")
    room.poller.start()
    await room.clock.advance(600)
    assert min(gaps(vendor.times())) == 11.0
    assert max(gaps(vendor.times())) == 18.0


async def test_a_change_makes_a_job_young_again(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    await room.track("plant", "job1")
    vendor.answers["job1"] = [*[RUNNING] * 40, replace(RUNNING, vendor_status="packing")]
    room.poller.start()
    await room.clock.advance(3600)
    waits = gaps(vendor.times())
    assert waits[38] > 10
    assert waits[40] == 2.25


async def test_a_finished_job_is_not_asked_again_but_by_refresh(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    await room.track("plant", "job1")
    vendor.answers["job1"] = [RUNNING, DONE]
    room.poller.start()
    await room.clock.advance(3600)
    assert len(vendor.asked) == 2
    assert room.job("plant:job1").next_check_at is None
    await room.poller.refresh([room.job("plant:job1")])
    await settle()
    assert len(vendor.asked) == 3
    vendor.answers["job1"] = [AskError(ProblemKind.UNREACHABLE, "no answer")]
    await room.poller.refresh([room.job("plant:job1")])
    await room.clock.advance(3600)
    assert len(vendor.asked) == 4
    job = room.job("plant:job1")
    assert job.problem is not None
    assert (job.state, job.problem.retry_at) == (JobState.SUCCEEDED, None)


async def test_a_refresh_asks_now(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor, min_interval=50.0)
    await room.track("plant", "job1")
    room.poller.start()
    await room.clock.advance(5)
    await room.poller.refresh([room.job("plant:job1")])
    await settle()
    assert vendor.times() == [0.0, 5.0]
    await room.clock.advance(54)
    assert vendor.times() == [0.0, 5.0]  # planned anew from its answer


async def test_the_job_in_focus_is_first_in_line(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor, min_interval=20.0, max_interval=20.0)
    room.poller.focus(JobKey("plant:job7"))
    await room.track("plant", *(f"job{number}" for number in range(9)))
    room.poller.start()
    await settle()
    assert vendor.asked[0] == (0.0, "job7")
    await room.clock.advance(600)
    assert gaps(vendor.times("job7"))[0] == 20.0  # never below min_interval


async def test_focus_is_felt_at_once(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor, min_interval=2.0, max_interval=40.0)
    await room.track("plant", "job1", "job2")
    room.poller.start()
    await room.clock.advance(1800)
    assert gaps(vendor.times("job1"))[-1] == gaps(vendor.times("job2"))[-1] == 36.0
    since = vendor.times("job2")[-1]
    await room.clock.advance(since + 20 - room.clock.elapsed)
    room.poller.focus(JobKey("plant:job2"))
    await settle()
    assert vendor.times("job2")[-1] == since + 20.0  # half of its 36 seconds have gone
    room.poller.focus(None)
    await room.clock.advance(400)
    assert gaps(vendor.times("job2"))[-1] == 36.0


async def test_a_few_are_asked_at_once_and_all_are_asked(room: Room, vendor: ScriptedVendor) -> None:
    vendor.gate = asyncio.Event()
    room.add("plant", vendor)
    await room.track("plant", *(f"job{number}" for number in range(10)))
    room.poller.start()
    await settle()
    assert len(vendor.asked) == AT_ONCE
    vendor.gate.set()
    await settle(200)
    assert len({one for _, one in vendor.asked}) == 10


async def test_nobody_starves_where_more_jobs_are_due_than_can_be_asked(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor, min_interval=2.0, max_interval=2.0)
    await room.track("plant", *(f"job{number}" for number in range(40)))
    vendor.takes = 1.0
    room.poller.start()
    await room.clock.advance(100)
    counts = [len(vendor.times(f"job{number}")) for number in range(40)]
    assert max(counts) - min(counts) <= 1
    assert sum(counts) >= 390


async def test_nobody_waits_for_the_turns_of_others_where_the_quota_is_small(room: Room) -> None:
    class Paying(ScriptedVendor):
        async def ask(self, session: Session, ref: Reference) -> Snapshot:
            await room.sessions.quota(session.connection).gate.take()
            return await super().ask(session, ref)

    vendor = Paying()
    room.add("plant", vendor, max_requests_per_minute=1)
    await room.track("plant", *(f"job{number}" for number in range(9)))
    room.poller.start()
    await settle()
    assert [job.checked_at for job in room.board.jobs.values() if job.checked_at] == [START]
    room.poller.focus(JobKey("plant:job7"))
    await room.poller.refresh([room.job("plant:job8")])
    await room.clock.advance(180)
    assert {one for _, one in vendor.asked[2:]} == {"job7", "job8"}


async def test_reading_many_fills_the_list_to_the_brim(room: Room) -> None:
    vendor = ManyVendor()
    room.add("aps", vendor)
    await room.track("aps", *(f"job{number}" for number in range(120)))
    room.poller.start()
    await room.clock.advance(1)
    assert [len(some) for some in vendor.lists] == [50, 50, 20]
    assert all(job.state is JobState.RUNNING for job in room.board.jobs.values())


async def test_one_job_alone_is_asked_alone(room: Room) -> None:
    vendor = ManyVendor()
    room.add("aps", vendor)
    await room.track("aps", "job1")
    room.poller.start()
    await room.clock.advance(1)
    assert (vendor.lists, len(vendor.asked)) == ([], 1)


async def test_a_job_that_the_list_leaves_out_has_a_problem_and_the_others_go_on(room: Room) -> None:
    vendor = ManyVendor()
    vendor.left_out = {"job1"}
    room.add("aps", vendor)
    await room.track("aps", "job1", "job2")
    room.poller.start()
    await settle()
    problem = room.job("aps:job1").problem
    assert problem is not None
    assert problem.kind is ProblemKind.BAD_REPLY
    assert room.job("aps:job2").problem is None
    await room.clock.advance(60)
    assert len(vendor.times("job2")) > 10


async def test_a_job_that_is_untracked_while_it_is_asked_stays_away(room: Room, vendor: ScriptedVendor) -> None:
    vendor.gate = asyncio.Event()
    room.add("plant", vendor)
    await room.track("plant", "job1")
    room.poller.start()
    await settle()
    await room.board.remove([JobKey("plant:job1")])
    vendor.gate.set()
    await room.clock.advance(600)
    assert (len(vendor.asked), dict(room.board.jobs)) == (1, {})


async def test_a_vendor_that_hangs_does_not_hold_up_another(room: Room, vendor: ScriptedVendor) -> None:
    vendor.gate = asyncio.Event()
    other = ScriptedVendor()
    room.add("plant", vendor)
    room.add("lab", other)
    await room.track("plant", "job1")
    await room.track("lab", "job1")
    room.poller.start()
    await room.clock.advance(60)
    assert len(vendor.asked) == 1
    assert len(other.asked) > 15


async def test_only_the_named_jobs_are_asked(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    await room.track("plant", "job1", "job2")
    room.poller.start(frozenset({JobKey("plant:job2")}))
    await room.track("plant", "job3")
    await room.clock.advance(30)
    assert {one for _, one in vendor.asked} == {"job2"}


async def test_what_was_planned_before_a_restart_is_not_asked_early(room: Room, vendor: ScriptedVendor) -> None:
    due = START + timedelta(seconds=40)
    room.add("plant", vendor)
    await room.track("plant", "job1", change=lambda job: replace(job, next_check_at=due, checked_at=START))
    room.poller.start()
    await room.clock.advance(40)
    assert not vendor.asked
    await room.clock.advance(2 * FOLLOW_SECONDS)
    assert vendor.times() == [math.ceil(40.0 + 1.5 * FOLLOW_SECONDS)], "at a whole second, as all that waits for long"


async def test_a_clock_that_was_set_back_does_not_stop_the_asking(room: Room, vendor: ScriptedVendor) -> None:
    ahead = START + timedelta(days=400)
    room.add("plant", vendor)
    await room.track("plant", "job1", change=lambda job: replace(job, next_check_at=ahead, checked_at=ahead))
    room.poller.start()
    await room.clock.advance(5)
    assert len(vendor.asked) > 1


async def test_a_machine_that_slept_asks_soon_after(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor, min_interval=600.0)
    await room.track("plant", "job1")
    room.poller.start()
    await room.clock.advance(60)
    room.clock.start += timedelta(hours=8)  # the wall clock went on, the machine's own did not
    await room.clock.advance(31)
    assert len(vendor.asked) == 2


async def test_sent_with_unknown_outcome_is_never_asked(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    await room.track("plant", "job1", change=lambda job: replace(job, outcome_unknown=True))
    room.poller.start()
    await room.poller.refresh([room.job("plant:job1")])
    await room.clock.advance(60)
    assert not vendor.asked


async def test_another_programs_answers_are_not_asked_again(tmp_path: Path) -> None:
    path, vendors = tmp_path / "board.sqlite", (ScriptedVendor(), ScriptedVendor())
    ours = Room(path, rng=random.Random(1))
    theirs = Room(path, rng=random.Random(2), clock=ours.clock)
    for room, vendor in zip((ours, theirs), vendors, strict=True):
        room.add("plant", vendor)
    await ours.track("plant", "job1")
    ours.poller.start()
    await theirs.board.load()
    theirs.poller.start()

    async def looks(room: Room) -> None:
        while True:
            await room.clock.sleep(1.0)
            await room.board.look()

    looking = [asyncio.create_task(looks(room)) for room in (ours, theirs)]
    await ours.clock.advance(600)
    asked = sorted(len(vendor.asked) for vendor in vendors)
    assert asked[0] <= 3
    assert asked[1] > 40
    await (ours if len(vendors[0].asked) > 3 else theirs).poller.stop()
    await ours.clock.advance(600)  # the one that is left takes over
    assert min(len(vendor.asked) for vendor in vendors) > asked[0] + 5
    for task in looking:
        task.cancel()
    await asyncio.gather(*looking, return_exceptions=True)
    await ours.close()
    await theirs.close()


async def test_slow_answers_are_told(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    await room.track("plant", "job1")
    room.poller.start()
    await room.clock.advance(1)
    assert room.condition("plant") is Condition.OK
    (await room.sessions.of(room.connections["plant"])).latency = 7.0
    await room.clock.advance(5)
    assert room.condition("plant") is Condition.SLOW
    assert room.health["plant"].latency == 7.0


async def test_a_disk_that_takes_nothing_is_told_and_tried_again(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    await room.track("plant", "job1")
    room.poller.start()
    await room.clock.advance(1)
    await room.store.close()
    await room.clock.advance(30)
    assert room.condition("plant") is Condition.DOWN
    assert "closed already" in str(room.health["plant"].message)
    assert len(vendor.asked) == 2, "first what was heard is written: nobody asks for what cannot be kept"
