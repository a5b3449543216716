"""While the disk takes nothing: what was heard is written as soon as it does, though nobody asks for it again."""

from __future__ import annotations

from tests.engine.denied import full_disk
from tests.engine.scripted import DONE, RUNNING, Room, ScriptedVendor
from tui.model import Condition, JobState


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
