"""The board of a recording: the recorded moment everywhere, keys to move through it, and nobody is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.board.conftest import MIDDLE, SMALL, Lab, Open, Watched
from tests.board.fakes import FakeDoor, make_jobs
from tests.clock import FakeClock
from tests.engine.recording.night import at, job, night, write
from tui.app import BoardOptions
from tui.config import Notify
from tui.engine.facts.jobs import Changes
from tui.engine.recording.player import Player
from tui.engine.recording.reader import read_recording
from tui.engine.recording.replay import ReplayDoor
from tui.model import JobKey
from tui.screens.replay import ReplayScreen
from tui.screens.replay_time import moment_of
from tui.widgets.actions import SPECS, Place
from tui.widgets.detail_tabs import Tab
from tui.widgets.words import time_text

FREE = {
    "filter", "sort", "order", "mark", "copy", "back", "downloads", "mouse", "redraw", "suspend", "theme", "help",
    "palette", "quit",
}  # fmt: skip
"""What can be done in a replay as on any board."""

FIRST, SECOND = JobKey("plant:j1"), JobKey("plant:j2")


@dataclass
class Stage(Lab):
    """A running replay."""

    player: Player

    async def pass_time(self, seconds: float) -> None:
        self.clock.jump(seconds)
        assert isinstance(self.board, ReplayScreen)
        self.board.look()
        self.board.tick()
        await self.settle()


Play = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture
def play(tmp_path: Path) -> Play:
    @asynccontextmanager
    async def playing(
        size: tuple[int, int] = MIDDLE, *, ends: bool = True, path: Path | None = None, **more: Any
    ) -> AsyncIterator[Stage]:
        clock = FakeClock()
        player = Player(read_recording(path or night(tmp_path / "night", ends=ends)), clock)
        door: Any = ReplayDoor(player)
        options = BoardOptions(
            clock=player, replay=player, news_seconds=3600, tick_seconds=3600,
            notify=Notify(bell=False, desktop="off"), **{"follow_seconds": 0, **more},
        )  # fmt: skip
        app = Watched(door, options=options)
        pilot: Pilot[Any]
        async with app.run_test(size=size, notifications=True) as pilot:
            one = Stage(app, door, clock, pilot, player)
            await one.settle()
            yield one

    return playing


async def test_it_shows_the_recorded_moment_and_keys_move_through_it(play: Play) -> None:
    async with play() as one:
        assert one.table.keys == [FIRST]
        assert " 1x" in one.said("header")
        await one.pass_time(60)
        assert f"replay {time_text(at(1))[11:]} 10% 1x" in one.said("header")
        assert "Next ask" in one.screen_text()
        await one.pass_time(150)
        assert one.table.keys == [SECOND, FIRST]
        assert "1 failed" in one.said("header")
        assert "plant: something is odd" in one.toasts()
        await one.press("P")
        await one.pass_time(500)
        assert " 1x paused" in one.said("header")
        await one.press("right_square_bracket", "right_square_bracket", "left_square_bracket", "comma")
        assert one.table.keys == [FIRST]
        assert " 2x paused" in one.said("header")
        await one.press("full_stop", "greater_than_sign")
        assert one.player.now() == at(10)
        assert one.table.keys == [SECOND]
        await one.press("less_than_sign")
        assert one.player.now() == at(0)
        await one.press("at", *"nonsense", "enter")
        assert "That is no time of this recording" in one.screen_text()
        await one.press("ctrl+u")
        await one.type("+3m")
        await one.press("enter")
        assert (one.player.now(), one.table.keys) == (at(3), [SECOND, FIRST])


async def test_to_the_next_failure_and_change_with_the_cursor_on_the_job(play: Play) -> None:
    async with play() as one:
        one.board.detail.open(Tab.HISTORY)
        await one.settle()
        assert "failed (FAILED)" not in one.screen_text()
        await one.press("x")
        assert (one.player.now(), one.player.is_paused, one.table.cursor) == (at(2), True, FIRST)
        assert "j1: failed" in one.toasts()
        assert "failed (FAILED)" in one.screen_text()  # the history is that of the moment
        await one.press("x")
        assert "no job fails any more in this recording" in one.toasts()
        await one.press("right_curly_bracket", "right_curly_bracket")
        assert (one.player.now(), one.table.cursor) == (at(8), SECOND)
        assert "j2: succeeded" in one.toasts()
        assert "j2: running" not in one.toasts()
        await one.press("right_curly_bracket", "less_than_sign")
        assert "no job changes any more in this recording" in one.toasts()
        assert "j2 is not on the board at this moment" in one.said("jobs-title")


async def test_what_would_ask_or_change_says_that_it_is_a_recording(play: Play) -> None:
    async with play() as one:
        for key in ("t", "a", "o", "exclamation_mark", "c", "D"):
            one.app.clear_notifications()
            await one.press(key)
            assert "this is a recording" in one.toasts(), key
            assert one.top is one.board, key
        one.board.take_paste("0c5b")
        await one.press("r")
        assert "the recording holds no reports" in one.toasts()
        assert one.top is one.board
        reasons = {spec.name: one.board.reason(spec) for spec in SPECS if spec.place in (Place.BOARD, Place.DOWNLOADS)}
        assert {name for name, reason in reasons.items() if reason is None} == FREE
        await one.press("slash", *"j1", "enter", "question_mark")  # what only looks works
        assert one.table.shown == 1
        assert Place.REPLAY.value in one.screen_text()
        await one.pass_time(200)
        assert one.player.is_due  # behind a dialog each repaint sends the whole screen
        await one.press("escape")
        assert not one.player.is_due


async def test_at_the_end_it_stands_still_and_says_so_on_a_small_screen_too(play: Play) -> None:
    async with play(SMALL, ends=False, ascii=True) as one:
        assert "P pause" in one.said("footer")
        assert one.said("footer").endswith("x failure  ? help  q quit ")
        await one.pass_time(5000)
        assert " at the end" in one.said("header")
        assert one.said("header").isascii()
        assert "here the recording breaks off" in one.toasts()
        await one.press("P")
        assert "pause: the recording ends here; , goes back" in one.toasts()
        await one.press("comma")
        await one.pass_time(30)
        assert one.player.now() == at(9.5)
        one.player.go_to(at(7))
        await one.pass_time(0)
        assert one.board.desk.moving
        await one.press("q")  # asks nothing: no file is coming
        assert one.app.return_value == 0


async def test_a_key_held_down_is_not_held_up_by_the_moments_on_the_way(play: Play) -> None:
    async with play(follow_seconds=3600) as one:
        one.player.pause(on=True)
        for _ in range(3):
            await one.board.action_run("replay_forward")
        assert one.player.now() == at(3)
        assert one.player.is_due
        await one.pass_time(0)
        assert one.table.keys == [SECOND, FIRST]


async def test_before_there_were_jobs_nobody_is_told_to_add_some(play: Play, tmp_path: Path) -> None:
    write(tmp_path / "early", [(0, Changes(), ()), (5, Changes(jobs=(job(1),)), ())])
    async with play(path=tmp_path / "early") as one:
        assert "There were no jobs on the board at this moment." in one.screen_text()
        assert "Welcome" not in one.screen_text()
        assert " 1x" in one.said("header")


async def test_a_live_board_has_no_such_keys_and_says_when_it_is_recorded(lab: Open) -> None:
    recording = [True]
    async with lab(FakeDoor(make_jobs(1)), recording=lambda: recording[0]) as one:
        await one.press("P", "full_stop")
        assert one.toasts() == ""
        assert "recording" in one.said("header")
        assert Place.REPLAY not in one.board.places
        recording[0] = False
        one.board.say()
        assert "recording" not in one.said("header")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("02:14", datetime(2026, 3, 3, 2, 14)),
        (" 2:14:30 ", datetime(2026, 3, 3, 2, 14, 30)),
        ("23:00", datetime(2026, 3, 2, 23)),  # it is behind: the only one there is
        ("2026-03-03 05:59", datetime(2026, 3, 3, 5, 59)),
        ("-2h", datetime(2026, 3, 2, 23)),
        ("+ 90m", datetime(2026, 3, 3, 2, 30)),
        ("+90 m", datetime(2026, 3, 3, 2, 30)),
        ("-9d", datetime(2026, 3, 2, 22)),
        ("+9d", datetime(2026, 3, 3, 6)),
        ("-1w", datetime(2026, 3, 2, 22)),
        ("+99999y", datetime(2026, 3, 3, 6)),
        ("+1.5h", datetime(2026, 3, 3, 2, 30)),
        ("12:00", None),
        ("2026-03-04 02:14", None),
        ("2026-13-04 02:14", None),
        ("25:00", None),
        ("+9", None),
        ("", None),
    ],
)
def test_what_is_typed_as_a_time(typed: str, found: datetime | None) -> None:
    first, now, last = (datetime(2026, 3, day, hour).astimezone() for day, hour in ((2, 22), (3, 1), (3, 6)))
    assert moment_of(typed, now, first, last) == (found.astimezone() if found else None)
