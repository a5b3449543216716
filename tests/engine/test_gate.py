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
    assert times[BURST:] == pytest.approx([float(second) for second in range(1, 21)])


@pytest.mark.parametrize("per_minute", [1, 7, 30, 150, 1500])
async def test_no_minute_sees_more_than_the_quota_and_one_burst(clock: FakeClock, per_minute: int) -> None:
    times = await passed(Gate(clock, per_minute), clock, 2 * per_minute + 50, 60)
    assert per_minute <= len(times) <= per_minute + min(BURST, per_minute)


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
