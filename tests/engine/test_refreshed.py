"""A refresh that somebody waits for: until the answer stands on the board, or until nothing is asked any more."""

from __future__ import annotations

import asyncio

import pytest

from tests.clock import settle
from tests.engine.scripted import DONE, RUNNING, Room, ScriptedVendor
from tui.engine.polling.answers import AT_ONCE
from tui.errors import AskError
from tui.model import ProblemKind


async def test_a_refresh_can_be_waited_for_until_the_answer_is_on_the_board(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    vendor.answers["job1"] = [RUNNING, DONE]
    await room.track("plant", "job1")
    room.poller.start()
    await settle()
    vendor.takes = 20.0
    job = room.job("plant:job1")
    await room.poller.refresh([job])
    waiting = asyncio.create_task(room.poller.refreshed([job]))
    await room.clock.advance(19)
    assert not waiting.done()
    await room.clock.advance(2)
    assert await waiting == frozenset()
    assert room.job("plant:job1").state is DONE.state


async def test_a_refresh_that_is_called_back_leaves_all_to_their_usual_times(
    room: Room, vendor: ScriptedVendor
) -> None:
    room.add("plant", vendor, min_interval=50.0)
    await room.track("plant", *(f"job{number}" for number in range(AT_ONCE + 3)), "over")
    vendor.answers["over"] = [DONE]
    room.poller.start()
    await room.clock.advance(2)
    assert not room.job("plant:over").next_check_at
    vendor.takes, asked = 10.0, len(vendor.asked)
    jobs = list(room.board.jobs.values())
    await room.poller.refresh(jobs)
    waiting = asyncio.create_task(room.poller.refreshed(jobs))
    await room.clock.advance(1)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await room.clock.advance(40)
    assert len(vendor.asked) == asked + AT_ONCE  # they were on their way
    await room.clock.advance(40)
    assert len(vendor.asked) == asked + AT_ONCE + AT_ONCE + 3
    assert len(vendor.times("over")) == 1


@pytest.mark.parametrize("why", ["throttled", "paused", "removed", "untracked"])
async def test_a_refresh_is_not_waited_for_where_nothing_is_asked(room: Room, vendor: ScriptedVendor, why: str) -> None:
    room.add("plant", vendor)
    await room.track("plant", *(f"job{number}" for number in range(AT_ONCE + 1)))
    room.poller.start()
    await room.clock.advance(2)
    jobs = list(room.board.jobs.values())
    last = jobs[-1].key
    vendor.takes = 5.0
    if why == "throttled":
        vendor.answers[jobs[0].ref.id] = [AskError(ProblemKind.RATE_LIMITED, "fewer requests, please", retry_after=600)]
    await room.poller.refresh(jobs)
    waiting = asyncio.create_task(room.poller.refreshed(jobs))
    await room.clock.advance(1)
    if why == "paused":
        room.poller.pause("plant", on=True)
    elif why == "removed":
        await room.poller.remove("plant")
    elif why == "untracked":
        await room.board.remove([last])
    await room.clock.advance(5)
    left = await waiting
    assert last not in left if why == "untracked" else last in left


async def test_a_turn_for_another_job_does_not_end_the_waiting_while_an_answer_is_on_its_way(
    room: Room, vendor: ScriptedVendor
) -> None:
    room.add("plant", vendor)
    await room.track("plant", "job1", "job2")
    room.poller.start()
    await room.clock.advance(1)
    vendor.takes = 5.0
    vendor.answers["job1"] = [DONE]
    job = room.job("plant:job1")
    await room.poller.refresh([job])
    waiting = asyncio.create_task(room.poller.refreshed([job]))
    await room.clock.advance(1)
    room.poller.pause("plant", on=True)
    await settle()
    assert not waiting.done()
    await room.clock.advance(5)
    assert await waiting == frozenset()
    assert room.job("plant:job1").state is DONE.state


async def test_nothing_is_waited_for_about_a_job_that_was_taken_off_the_board(
    room: Room, vendor: ScriptedVendor
) -> None:
    room.add("plant", vendor)
    await room.track("plant", "job1")
    room.poller.start()
    await room.clock.advance(1)
    vendor.takes = 60.0
    job = room.job("plant:job1")
    await room.poller.refresh([job])
    waiting = asyncio.create_task(room.poller.refreshed([job]))
    await room.clock.advance(1)
    assert not waiting.done()
    await room.board.remove([job.key])
    assert await waiting == frozenset()


async def test_a_wish_goes_over_to_the_connection_that_takes_the_place(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    vendor.answers["over"] = [DONE]
    await room.track("plant", "over")
    room.poller.start()
    await room.clock.advance(1)
    room.poller.pause("plant", on=True)
    job = room.job("plant:over")
    await room.poller.refresh([job])
    assert await room.poller.refreshed([job]) == {job.key}
    await room.poller.remove("plant")
    assert await room.poller.refreshed([job]) == {job.key}
    room.poller.pause("plant", on=False)
    room.add("plant", vendor, min_interval=9.0)
    await room.clock.advance(1)
    assert len(vendor.times("over")) == 2


async def test_a_refused_login_stands_on_every_job_when_the_waiting_ends(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    await room.track("plant", *(f"job{number}" for number in range(AT_ONCE + 1)))
    room.poller.start()
    await room.clock.advance(1)
    vendor.answers["job0"] = [AskError(ProblemKind.AUTH, "the login was refused (401)")]
    jobs = list(room.board.jobs.values())
    await room.poller.refresh(jobs)
    assert await room.poller.refreshed(jobs) == frozenset()
    told = [job.problem.kind for job in room.board.jobs.values() if job.problem]
    assert told == [ProblemKind.AUTH] * len(jobs)
