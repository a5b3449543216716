"""Time that passes without us is noticed, told, and made up for; a connection that is paused asks nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.clock import FakeClock, settle
from tests.engine.octoplant_web import A, PlayedOctoplant
from tests.engine.scripted import Room, ScriptedVendor
from tests.engine.test_engine import KEY, engine_of
from tui.engine.facts.jobs import Action, Slept, TrackWish
from tui.engine.polling.awake import LONGEST_GAP, Awake
from tui.errors import ConfigError
from tui.model import Condition


def test_a_gap_in_the_wall_clock_is_a_sleep() -> None:
    clock = FakeClock()
    awake = Awake(clock)
    clock.elapsed += LONGEST_GAP
    assert awake.look() is None
    clock.start += timedelta(hours=2)  # suspended: the seconds of `monotonic` stood still
    assert awake.look() == Slept(7200.0, clock.now())
    assert awake.look() is None
    clock.start -= timedelta(hours=1)
    assert awake.look() is None


async def test_after_a_sleep_what_is_due_is_asked_at_once(tmp_path: Path) -> None:
    plant, clock = PlayedOctoplant(), FakeClock()
    plant.put(A)
    engine = engine_of(tmp_path, plant, clock)
    slept: list[Slept] = []
    engine.slept.listen(slept.append)
    await engine.open()
    await engine.asking.track(TrackWish(A))
    engine.start()
    await clock.advance(1)
    assert not slept
    before = len(plant.asked)
    clock.start += timedelta(hours=2)
    while not slept or len(plant.asked) == before:
        await clock.advance(0.1)  # the store's thread and the spread of what is overdue need their moments
    assert slept[0].seconds >= 7200
    assert clock.elapsed < 120
    await engine.close()


async def test_a_paused_connection_asks_nothing_until_it_is_resumed(tmp_path: Path) -> None:
    room, vendor = Room(tmp_path / "board.sqlite"), ScriptedVendor()
    room.add("plant", vendor)
    await room.track("plant", "job1")
    room.poller.start()
    await room.clock.advance(10)
    room.poller.pause("plant", on=True)
    asked = len(vendor.asked)
    assert room.condition("plant") is Condition.PAUSED
    await room.poller.refresh([room.job("plant:job1")])
    await room.clock.advance(3600)
    assert len(vendor.asked) == asked
    room.poller.pause("plant", on=False)
    await settle()
    assert len(vendor.asked) == asked + 1
    assert room.condition("plant") is Condition.OK
    await room.close()


async def test_a_pause_outlives_a_change_of_the_connection(tmp_path: Path) -> None:
    room, vendor = Room(tmp_path / "board.sqlite"), ScriptedVendor()
    room.add("plant", vendor)
    room.poller.start()
    room.poller.pause("plant", on=True)
    await room.poller.remove("plant")
    room.add("plant", vendor, min_interval=5.0)
    assert room.condition("plant") is Condition.PAUSED
    await room.close()


async def test_a_refresh_says_why_nothing_is_asked(tmp_path: Path) -> None:
    plant = PlayedOctoplant()
    plant.put(A)
    engine = engine_of(tmp_path, plant, FakeClock())
    await engine.open()
    job = await engine.asking.track(TrackWish(A))
    engine.connections.pause("plant", on=True)
    assert engine.job_desk.why_not(Action.REFRESH, job) == "asking plant is paused by you"
    engine.connections.pause("plant", on=False)
    assert engine.job_desk.why_not(Action.REFRESH, job) is None
    assert job.key == KEY
    with pytest.raises(ConfigError):
        engine.connections.pause("nowhere", on=True)
    await engine.close()
