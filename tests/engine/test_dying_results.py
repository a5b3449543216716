"""A result whose link dies: its job is asked again towards the end, so that the notice counts down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.clock import START
from tests.engine.scripted import DONE, RUNNING, Room, ScriptedVendor
from tui.errors import AskError
from tui.model import Output, OutputKind, ProblemKind

HOUR = 3600.0
DYING = replace(DONE, outputs=(Output("bids.zip", expires_at=START + timedelta(hours=1)),))
DEAD = replace(DONE, outputs=(Output("bids.zip", OutputKind.VALUE, value="expired"),))


@pytest.fixture
def vendor(room: Room) -> ScriptedVendor:
    vendor = ScriptedVendor()
    room.add("sourcing", vendor)
    return vendor


async def test_it_is_asked_in_the_last_quarter_of_an_hour_and_once_after_the_end(
    room: Room, vendor: ScriptedVendor
) -> None:
    vendor.answers["job1"] = [RUNNING, DYING]
    await room.track("sourcing", "job1")
    room.poller.start()
    await room.clock.advance(HOUR / 2)
    assert len(vendor.asked) == 2
    vendor.answers["job1"] = [DYING]
    await room.clock.advance(HOUR / 2 - 10)
    late = [at for at in vendor.times() if at > HOUR / 2]
    assert late[0] == pytest.approx(HOUR - 15 * 60, abs=1)
    assert 14 <= len(late) <= 16
    vendor.answers["job1"] = [DEAD]
    await room.clock.advance(HOUR)
    assert vendor.times()[-1] == pytest.approx(HOUR + 1, abs=1)
    assert room.job("sourcing:job1").next_check_at is None


async def test_a_result_without_an_end_is_left_alone(room: Room, vendor: ScriptedVendor) -> None:
    vendor.answers["job1"] = [DONE]
    await room.track("sourcing", "job1")
    room.poller.start()
    await room.clock.advance(2 * HOUR)
    assert len(vendor.asked) == 1


async def test_a_look_that_fails_is_not_repeated_for_ever(room: Room, vendor: ScriptedVendor) -> None:
    vendor.answers["job1"] = [DYING, AskError(ProblemKind.BAD_REPLY, "no")]
    await room.track("sourcing", "job1")
    room.poller.start()
    await room.clock.advance(3 * HOUR)
    assert len(vendor.asked) == 2
    assert room.job("sourcing:job1").state is DYING.state
