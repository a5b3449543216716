"""While the cursor runs, its line goes with every key; what is told about its job keeps a pace."""

from __future__ import annotations

from collections.abc import Callable

from tests.board.conftest import Open
from tests.board.fakes import FakeDoor, make_jobs
from tests.clock import FakeClock
from tui.model import JobKey
from tui.screens.pace import Pace


def key(number: int) -> JobKey:
    return JobKey(f"aps-prod:id-{number:04d}")


class Run:
    """A pace whose timers the test lets go off."""

    def __init__(self, seconds: float) -> None:
        self.clock = FakeClock()
        self.done: list[float] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.pace = Pace(lambda: self.done.append(self.clock.monotonic()), seconds, self.clock, self._later)

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        self.timers.append((seconds, call))

    def pass_time(self) -> float:
        seconds, call = self.timers.pop(0)
        self.clock.jump(seconds)
        call()
        return seconds


def test_a_single_wish_is_done_in_a_moment_and_the_next_ones_together() -> None:
    run = Run(0.2)
    run.pace.wish()
    assert not run.done
    assert run.pass_time() < 0.05
    for _ in range(5):
        run.pace.wish()
    assert len(run.timers) == 1
    run.pass_time()
    first, second = run.done
    assert 0.19 < second - first < 0.21


def test_after_a_rest_a_wish_is_done_in_a_moment_again() -> None:
    run = Run(0.2)
    run.pace.wish()
    run.pass_time()
    run.clock.jump(5)
    run.pace.wish()
    assert run.pass_time() < 0.05


def test_what_was_caught_up_with_is_not_done_again() -> None:
    run = Run(0.2)
    run.pace.wish()
    run.pace.catch_up()
    run.pass_time()
    run.pace.catch_up()
    assert len(run.done) == 1


async def test_an_action_finds_the_detail_at_the_cursors_job(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(5)), follow=3600) as one:
        before = one.door.focused
        await one.press("j", "space")
        assert one.table.cursor == key(2)
        assert list(one.table.marks) == [key(1)]
        assert one.door.focused == before, "marking holds nothing up"
        await one.press("w")
        assert one.door.focused == key(2)
        assert one.board.detail.job == one.table.job(key(2))


async def test_an_action_typed_ahead_of_the_word_that_the_cursor_moved_finds_it_too(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(3)), follow=3600) as one:
        one.table.select(key(2))
        await one.board.action_run("downloads")
        assert one.door.focused == key(2)
        assert one.board.detail.job == one.table.job(key(2))
