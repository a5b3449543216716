"""How many requests a connection may send: a burst after a quiet time, then an even pace, first come first served."""

from __future__ import annotations

import asyncio

import pytest

from tests.clock import FakeClock, settle
from tui.engine.wire.gate import BURST, Gate


async def passed(gate: Gate, clock: FakeClock, count: int, seconds: float) -> list[float]:
    """When each of `count` requests was let through."""
    times: list[float] = []

    async def take() -> None:
        await gate.take()
        times.append(clock.monotonic())

    waiting = [asyncio.create_task(take()) for _ in range(count)]
    await clock.advance(seconds)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    return times


async def test_a_burst_then_an_even_pace(clock: FakeClock) -> None:
    times = await passed(Gate(clock, 60), clock, 40, 20)
    assert times[:BURST] == [0.0] * BURST
    assert times[BURST:] == pytest.approx([turn * 60 / (60 - BURST + 1) for turn in range(1, 18)])


@pytest.mark.parametrize("per_minute", [1, 2, 5, 6, 7, 12, 30, 90, 240])
async def test_no_minute_sees_more_than_the_quota_the_burst_included(clock: FakeClock, per_minute: int) -> None:
    gate = Gate(clock, per_minute)
    times = await passed(gate, clock, 2 * per_minute + 50, 90)
    clock.jump(47)
    times += await passed(gate, clock, 2 * per_minute + 50, 60)
    busiest = max(sum(begin <= at < begin + 60 for at in times) for begin in times)
    assert busiest == per_minute
    assert sum(30 <= at < 90 for at in times) >= per_minute - BURST


async def test_a_quiet_time_fills_the_bucket_but_not_beyond_a_burst(clock: FakeClock) -> None:
    gate = Gate(clock, 60)
    await passed(gate, clock, BURST, 1)
    clock.jump(3600)
    assert len(await passed(gate, clock, 100, 0)) == BURST


async def test_who_gives_up_waiting_lets_the_next_one_through(clock: FakeClock) -> None:
    gate = Gate(clock, 1)
    await gate.take()
    first, second = asyncio.create_task(gate.take()), asyncio.create_task(gate.take())
    await settle()
    first.cancel()
    await clock.advance(60)
    assert second.done()
    await asyncio.gather(first, second, return_exceptions=True)


async def test_another_limit_holds_for_who_waits_already(clock: FakeClock) -> None:
    gate = Gate(clock, 1)
    await gate.take()
    waiting = [asyncio.create_task(gate.take()) for _ in range(2)]
    await clock.advance(1)
    gate.limit_to(600)
    await clock.advance(2)
    assert all(task.done() for task in waiting)
    gate.limit_to(1)
    await gate.take()
    late = asyncio.create_task(gate.take())
    await clock.advance(59)
    assert not late.done()
    await clock.advance(1)
    assert late.done()
