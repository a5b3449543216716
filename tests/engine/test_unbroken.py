"""Work that is not left half done."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from tests.clock import settle
from tests.engine.waiting import until
from tui.engine.unbroken import begun, in_thread, unbroken
from tui.engine.wire.daemon import in_daemon


async def test_it_gives_what_the_work_gives() -> None:
    assert await in_thread(lambda a, b: a + b, 1, b=2) == 3
    with pytest.raises(ValueError, match="invalid literal"):
        await in_thread(int, "x")


async def test_a_cancelled_wait_ends_when_the_thread_has_ended() -> None:
    started, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        started.set()
        may_end.wait()
        ended.set()

    waiting = asyncio.create_task(in_thread(work))
    await until(started.is_set)
    waiting.cancel()
    await settle()
    assert not waiting.done()
    may_end.set()
    await asyncio.gather(waiting, return_exceptions=True)
    assert waiting.cancelled()
    assert ended.is_set()


async def test_a_cancelled_wait_does_not_cancel_the_work() -> None:
    may_end, seen = asyncio.Event(), list[str]()

    async def work() -> None:
        await may_end.wait()
        seen.append("done")

    waiting = asyncio.create_task(unbroken(work()))
    await settle()
    waiting.cancel()
    await settle()
    may_end.set()
    await asyncio.gather(waiting, return_exceptions=True)
    assert (waiting.cancelled(), seen) == (True, ["done"])


async def in_either(work: Callable[[], None], *, daemon: bool) -> None:
    await (in_daemon(work, lambda: None) if daemon else in_thread(work))


@pytest.mark.parametrize("daemon", [False, True])
async def test_a_second_cancel_does_not_leave_the_thread_behind(daemon: bool) -> None:
    """A pause, and then the end of the program."""
    started, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        started.set()
        may_end.wait()
        ended.set()

    waiting = asyncio.create_task(in_either(work, daemon=daemon))
    await until(started.is_set)
    for _ in range(3):
        waiting.cancel()
        await settle()
        assert not waiting.done()
    may_end.set()
    await asyncio.gather(waiting, return_exceptions=True)
    assert (waiting.cancelled(), ended.is_set()) == (True, True)


async def test_what_begins_is_not_broken_off_but_undone() -> None:
    undone: list[int] = []
    may_begin = asyncio.Event()

    async def begin() -> int:
        await may_begin.wait()
        return 7

    async def undo(begun: int) -> None:
        undone.append(begun)

    waiting = asyncio.create_task(begun(begin(), undo))
    await settle()
    waiting.cancel()
    await settle()
    assert not waiting.done()
    may_begin.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert undone == [7]
    assert await begun(begin(), undo) == 7
    assert undone == [7]
