"""While the disk takes nothing: what was heard is written as soon as it does, though nobody asks for it again."""

from __future__ import annotations

import pytest

from tests.engine.denied import full_disk
from tests.engine.scripted import DONE, RUNNING, ManyVendor, Room, ScriptedVendor
from tui.engine.next_ask import NextAsk
from tui.errors import AskError, StateError
from tui.model import Condition, JobState, ProblemKind


async def test_a_job_that_ends_meanwhile_is_over_when_there_is_room_again(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    await room.track("plant", "ends", "runs")
    room.poller.start()
    await room.clock.advance(5)
    heard: list[JobState] = []
    room.board.listen(lambda change: heard.extend(job.state for job in change.jobs if job.ref.id == "ends"))
    vendor.answers["ends"] = [DONE]
    with full_disk(room.board):
        await room.clock.advance(60)
        assert (room.condition("plant"), heard) == (Condition.DOWN, [])
        assert room.board.why_behind([room.job("plant:ends").key]) is not None
    asked = len(vendor.times("ends"))
    await room.clock.advance(30)
    assert (room.condition("plant"), heard) == (Condition.OK, [JobState.SUCCEEDED])
    assert room.board.why_behind(room.board.jobs) is None
    assert len(vendor.times("ends")) == asked, "it was over: nobody asks again"
    kept = {job.ref.id: job for job in (await room.store.load()).jobs}
    assert kept["ends"] == room.job("plant:ends")
    history = [event.text for event in await room.store.events(kept["ends"].key)]
    assert history[-1].startswith("succeeded"), "the line of its end is not lost either"
    assert [text for text in history if text.startswith("succeeded")] == history[-1:]


async def test_a_connection_whose_jobs_are_all_over_is_well_again(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    await room.track("plant", "job1", "job2")
    room.poller.start()
    await room.clock.advance(1)
    vendor.answers |= {"job1": [DONE], "job2": [DONE]}
    with full_disk(room.board):
        await room.clock.advance(20)
    await room.clock.advance(10)
    assert {job.state for job in (await room.store.load()).jobs} == {JobState.SUCCEEDED}
    assert (room.condition("plant"), room.health["plant"].message) == (Condition.OK, None)


async def test_what_two_connections_heard_is_written_once(room: Room) -> None:
    vendors = {name: ScriptedVendor() for name in ("plant", "mill")}
    for name, vendor in vendors.items():
        room.add(name, vendor)
        await room.track(name, "job1")
    room.poller.start()
    await room.clock.advance(1)
    for vendor in vendors.values():
        vendor.answers["job1"] = [DONE]
    with full_disk(room.board):
        await room.clock.advance(20)
    await room.clock.advance(10)
    for name in vendors:
        history = await room.store.events(room.job(f"{name}:job1").key)
        assert sum(event.text.startswith("succeeded") for event in history) == 1


async def test_a_job_that_was_taken_off_meanwhile_stays_away(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    await room.track("plant", "job1", "job2")
    room.poller.start()
    await room.clock.advance(1)
    vendor.answers |= {"job1": [DONE], "job2": [RUNNING]}
    with full_disk(room.board):
        await room.clock.advance(20)
    await room.board.remove([room.job("plant:job1").key])
    await room.clock.advance(10)
    assert [job.ref.id for job in (await room.store.load()).jobs] == ["job2"]


async def test_it_is_told_for_as_long_as_it_lasts_where_no_job_says_anything_new(room: Room) -> None:
    room.add("aps", ManyVendor())
    await room.track("aps", "job1", "job2", "job3")
    room.poller.start()
    await room.clock.advance(60)
    with full_disk(room.board):
        await room.clock.advance(15)
        told = []
        for _ in range(30):
            await room.clock.advance(1)
            told.append(room.condition("aps"))
        assert set(told) == {Condition.DOWN}
    await room.clock.advance(6)
    assert room.condition("aps") is Condition.OK
    assert {job.key: job for job in (await room.store.load()).jobs} == room.board.jobs


async def test_one_of_several_programs_asks_on_when_there_is_room_again(room: Room) -> None:
    room.sessions.quotas.share_between(2)
    vendor = ManyVendor()
    room.add("aps", vendor)
    await room.track("aps", "job1", "job2", "job3")
    room.poller.start()
    await room.clock.advance(5)
    with full_disk(room.board):
        await room.clock.advance(21)
    asked = len(vendor.lists)
    await room.clock.advance(60)
    assert len(vendor.lists) > asked + 2


async def test_what_was_asked_by_hand_meanwhile_is_written_with_the_next_answer(room: Room) -> None:
    def never(_: object) -> NextAsk:
        return NextAsk()

    await room.track("plant", "job1", "job2")
    keys = [room.job(f"plant:{name}").key for name in ("job1", "job2")]
    with full_disk(room.board), pytest.raises(StateError):
        await room.board.answered(keys[0], DONE, never)
    await room.board.answered(keys[1], RUNNING, never)
    assert {job.key: job for job in (await room.store.load()).jobs} == room.board.jobs
    assert [event.text for event in await room.store.events(keys[0])][-1].startswith("succeeded")


async def test_what_the_vendor_says_of_a_pause_meanwhile_stands_afterwards(room: Room, vendor: ScriptedVendor) -> None:
    mill = ScriptedVendor()
    room.add("plant", vendor)
    room.add("mill", mill, called="plant")
    await room.track("plant", "job1")
    room.poller.start()
    await room.clock.advance(5)
    vendor.answers["job1"] = [DONE]
    with full_disk(room.board):
        await room.clock.advance(10)
        room.sessions.quota(room.connections["mill"]).pause(
            60.0, AskError(ProblemKind.RATE_LIMITED, "fewer requests, please")
        )
    await room.clock.advance(10)
    assert room.condition("plant") is Condition.THROTTLED
    assert room.health["plant"].next_try_at is not None


async def test_a_refused_login_is_tried_once_more_at_a_refresh_that_comes_meanwhile(
    room: Room, vendor: ScriptedVendor
) -> None:
    room.add("plant", vendor)
    await room.track("plant", "job1")
    room.poller.start()
    await room.clock.advance(5)
    vendor.answers["job1"] = [AskError(ProblemKind.AUTH, "the login was refused (401)"), RUNNING]
    with full_disk(room.board):
        await room.clock.advance(10)
        assert room.condition("plant") is Condition.DOWN
        logins = vendor.logins
        await room.poller.refresh([room.job("plant:job1")])
    await room.clock.advance(10)
    assert (vendor.logins, room.condition("plant")) == (logins + 1, Condition.OK)
