"""Few threads for many small errands: each comes to its end, and none waits for another that hangs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from tui.engine.wire.daemon import let_be, run_in_daemon
from tui.engine.wire.lanes import Lanes


async def test_each_gets_what_its_own_errand_gave() -> None:
    lanes = Lanes()

    def halved(number: int) -> int:
        if number % 2:
            raise ValueError(str(number))
        return number // 2

    async def one(number: int) -> int | str:
        try:
            return await lanes.do(lambda: halved(number), let_be, let_be)
        except ValueError as error:
            return str(error)

    got = await asyncio.gather(*(one(number) for number in range(200)))
    assert got == [str(number) if number % 2 else number // 2 for number in range(200)]


async def test_errands_that_wait_for_each_other_are_all_under_way() -> None:
    """A far server: every errand takes long, and has to have a thread of its own."""
    lanes, together = Lanes(), threading.Barrier(12)
    waits = [asyncio.create_task(lanes.do(lambda: together.wait(60), let_be, let_be)) for _ in range(12)]
    assert sorted(await asyncio.gather(*waits)) == list(range(12))


async def test_a_wait_that_is_cancelled_leaves_the_others_alone() -> None:
    lanes, begun, go_on = Lanes(), threading.Event(), threading.Event()
    told: list[str] = []
    is_left = asyncio.Event()

    def hang() -> None:
        begun.set()
        go_on.wait(60)

    def abort() -> None:
        told.append("aborted")

    def left() -> None:
        told.append("left")
        is_left.set()

    hanging = asyncio.create_task(lanes.do(hang, abort, left))
    assert await lanes.do(lambda: begun.wait(60), let_be, let_be)
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    assert told == ["aborted"], "nobody waits for the thread"
    assert await lanes.do(lambda: 5, let_be, let_be) == 5
    go_on.set()
    await is_left.wait()
    assert told == ["aborted", "left"]


async def test_news_that_waited_for_a_look_comes_though_the_last_errand_hangs() -> None:
    """The loop is not called for what ends while others wait: the next tick finds it."""
    lanes, go_on = Lanes(), threading.Event()
    hanging = asyncio.create_task(lanes.do(lambda: go_on.wait(60), let_be, let_be))
    quick = [asyncio.create_task(lanes.do(lambda number=number: number, let_be, let_be)) for number in range(30)]  # type: ignore[misc]
    assert await asyncio.gather(*quick) == list(range(30))
    assert not hanging.done()
    go_on.set()
    assert await hanging


async def test_lanes_that_hang_do_not_make_the_next_errand_wait_for_a_tick() -> None:
    lanes, go_on, is_begun = Lanes(), threading.Event(), threading.Event()
    hanging = [asyncio.create_task(lanes.do(lambda: go_on.wait(60), let_be, let_be)) for _ in range(4)]
    await asyncio.sleep(0)
    await lanes.do(let_be, let_be, let_be)  # behind them: it is done when all four are under way
    quick = asyncio.create_task(lanes.do(is_begun.set, let_be, let_be))
    await asyncio.sleep(0)
    assert is_begun.wait(5), "the loop stands still here: no tick comes"
    await quick
    go_on.set()
    await asyncio.gather(*hanging)


async def test_where_no_more_threads_can_be_had_those_that_there_are_do_all() -> None:
    left, done, loop, is_ended = [1], list[int](), asyncio.get_running_loop(), asyncio.Event()

    def one_only(work: Callable[[], None]) -> None:
        if not left:
            raise RuntimeError("can't start new thread")
        left.pop()

        def to_its_end() -> None:
            work()
            loop.call_soon_threadsafe(is_ended.set)

        run_in_daemon(to_its_end)

    lanes, go_on = Lanes(one_only), threading.Event()
    waits = [asyncio.create_task(lanes.do(lambda: go_on.wait(60), let_be, let_be)) for _ in range(5)]
    await asyncio.sleep(0)
    go_on.set()
    assert await asyncio.gather(*waits) == [True] * 5
    await is_ended.wait()
    with pytest.raises(RuntimeError):
        await lanes.do(lambda: done.append(1), let_be, let_be)
    left.append(1)
    assert await lanes.do(lambda: 5, let_be, let_be) == 5
    assert done == [], "what was refused is not done later"
