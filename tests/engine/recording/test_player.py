"""Playing: what the board is told as time passes, faster, slower, back and forward; and that nobody is asked."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.clock import FakeClock
from tests.engine.recording.night import at, download, job, night, write
from tui.engine.door import Door
from tui.engine.facts.jobs import Action, Changes, TrackWish
from tui.engine.recording.player import Player
from tui.engine.recording.reader import read_recording
from tui.engine.recording.replay import ReplayDoor
from tui.errors import JobdeckError
from tui.model import Condition, JobKey, JobState, Safe, Secret

FIRST, SECOND = JobKey("plant:j1"), JobKey("plant:j2")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def player(tmp_path: Path, clock: FakeClock) -> Player:
    return Player(read_recording(night(tmp_path / "night")), clock)


def states(changes: Changes) -> dict[str, JobState]:
    return {one.key: one.state for one in changes.jobs}


def test_it_goes_on_as_it_was(player: Player, clock: FakeClock) -> None:
    assert player.now() == at(0)
    assert states(player.take()) == {FIRST: JobState.RUNNING}
    clock.jump(59)
    assert not player.is_due
    assert not player.take()
    clock.jump(1)
    assert [one.checked_at for one in player.take().jobs] == [at(1)]
    clock.jump(60)
    changes = player.take()
    assert states(changes) == {FIRST: JobState.FAILED}
    assert changes.told == ("plant: something is odd",)
    clock.jump(60)
    changes = player.take()
    assert states(changes) == {SECOND: JobState.RUNNING}
    assert changes.jobs[0].downloads == changes.downloads
    clock.jump(60)
    assert [one.condition for one in player.take().connections] == [Condition.DOWN]
    clock.jump(120)
    (progress,) = player.take().downloads
    assert progress.bytes == 50
    clock.jump(180)
    assert player.take().gone == (FIRST,)
    clock.jump(1000)
    assert player.is_at_end
    assert player.now() == at(10)
    assert not player.take()


def test_faster_slower_and_still(player: Player, clock: FakeClock) -> None:
    player.use_speed(1)
    player.use_speed(1)
    assert player.speed == 4
    clock.jump(10)
    assert player.now() == at(40 / 60)
    player.pause(on=True)
    clock.jump(1000)
    assert player.now() == at(40 / 60)
    player.pause(on=False)
    for _ in range(5):
        player.use_speed(-1)
    assert player.speed == 0.5
    clock.jump(40)
    assert player.now() == at(1)
    for _ in range(9):
        player.use_speed(1)
    assert player.speed == 64


def test_back_and_forward_give_the_board_of_that_moment(player: Player) -> None:
    player.pause(on=True)
    player.go_to(at(9.5))
    changes = player.take()
    assert states(changes) == {SECOND: JobState.SUCCEEDED}
    assert changes.told == ()  # what was told on the way is no news
    player.go_to(at(2.5))
    changes = player.take()
    assert (states(changes), changes.gone) == ({FIRST: JobState.FAILED}, (SECOND,))
    player.go_to(at(-100))
    assert player.now() == at(0)
    assert states(player.take()) == {FIRST: JobState.RUNNING}
    player.go_to(at(100))
    assert states(player.take()) == {SECOND: JobState.SUCCEEDED}
    player.go_to(at(7))
    changes = player.take()
    assert states(changes) == {FIRST: JobState.FAILED, SECOND: JobState.RUNNING}
    assert changes.downloads[0].bytes == 50


def test_each_moment_is_the_same_however_it_was_reached(tmp_path: Path) -> None:
    found = read_recording(night(tmp_path / "night"))
    for minutes in range(11):
        straight, winding = Player(found, FakeClock()), Player(found, FakeClock())
        board: dict[str, object] = {}
        for there in (10, 0, 6, 3, 9, minutes):
            winding.go_to(at(there))
            changes = winding.take()
            for key in changes.gone:
                del board[key]
            board |= {one.key: one for one in changes.jobs}
        straight.go_to(at(minutes))
        assert board == {one.key: one for one in straight.take().jobs}, minutes


def test_the_next_turns(player: Player) -> None:
    turn = player.next_turn()
    assert turn is not None
    assert (turn.at, turn.key) == (at(2), FIRST)
    player.go_to(turn.at)
    assert player.next_turn(failed=True) is None
    player.go_to(at(7))
    turn = player.next_turn()
    assert turn is not None
    assert (turn.at, turn.key) == (at(8), SECOND)
    player.go_to(turn.at)
    assert player.next_turn() is None


def test_turns_of_one_moment_are_gone_to_one_after_the_other(tmp_path: Path) -> None:
    both = tuple(job(number, JobState.FAILED) for number in (1, 2))
    third = (job(3, JobState.SUCCEEDED),)
    changes = [Changes(jobs=(job(1), job(2))), Changes(jobs=both), Changes(jobs=third)]
    write(tmp_path / "night", [(minutes, told, ()) for minutes, told in enumerate(changes)])
    player = Player(read_recording(tmp_path / "night"), FakeClock())
    gone_to = list[tuple[str, datetime]]()
    while turn := player.next_turn(failed=len(gone_to) < 2):
        player.go_to_turn(turn)
        gone_to.append((turn.key, player.now()))
    assert gone_to == [(FIRST, at(1)), (SECOND, at(1)), ("plant:j3", at(2))]
    player.go_to(at(1))
    turn = player.next_turn()
    assert turn is not None
    assert turn.key == "plant:j3"


def test_a_speed_between_ours_steps_to_its_neighbours(tmp_path: Path) -> None:
    found = read_recording(night(tmp_path / "night"))
    for step, speed in ((1, 4), (-1, 2)):
        player = Player(found, FakeClock(), 3.0)
        player.use_speed(step)
        assert player.speed == speed


def test_who_plays_on_into_a_chapter_is_told_the_same_as_who_jumps_there(tmp_path: Path) -> None:
    """A chapter's first line, the whole board, is passed over then; a job that went and came back keeps no download."""
    one, gone = job(1), job(2)
    got = download(7, gone)
    steps = [
        Changes(jobs=(one, replace(gone, downloads=(got,))), told=(Safe("at first"),)),
        Changes(gone=(gone.key,)),
        Changes(jobs=(gone,)),
        Changes(jobs=(replace(one, alert=True),), told=(Safe("on the way"),)),
        Changes(jobs=(job(3),)),
        Changes(jobs=(replace(job(3), alert=True),)),
    ]
    write(tmp_path / "night", [(minutes * 2, told, ()) for minutes, told in enumerate(steps)])
    found = read_recording(tmp_path / "night")
    assert [found.moments[chapter.first] for chapter in found.chapters] == [at(0), at(8)]
    jumped = Player(found, FakeClock())
    jumped.go_to(at(6))
    assert jumped.take().downloads == ()
    for stride in (1, 5, 8):
        clock = FakeClock()
        player = Player(found, clock)
        board: dict[str, object] = {}
        told: list[str] = []
        while True:
            changes = player.take()
            for key in changes.gone:
                del board[key]
            board |= {job.key: job for job in changes.jobs}
            told += changes.told
            if player.is_at_end:
                break
            clock.jump(stride * 60)
        assert board == {FIRST: replace(one, alert=True), SECOND: gone, "plant:j3": replace(job(3), alert=True)}, stride
        assert told == ["at first", "on the way"], stride


def test_after_a_line_that_cannot_be_played_the_board_is_whole_again(tmp_path: Path) -> None:
    wicked = replace(job(1), changed_at=at(0).replace(year=1))
    later = replace(job(1), alert=True)
    steps = [Changes(jobs=(job(1),)), Changes(jobs=(wicked, job(2))), Changes(jobs=(later,))]
    write(tmp_path / "night", [(minutes, told, ()) for minutes, told in enumerate(steps)])
    player = Player(read_recording(tmp_path / "night"), FakeClock())
    player.take()
    player.go_to(at(1))
    assert "cannot be played on" in player.take().told[0]
    player.go_to(at(2))
    assert set(player.take().jobs) == {later, job(2)}


def test_the_history_is_known_as_far_as_it_had_happened(player: Player) -> None:
    assert [event.kind for event in player.history(FIRST)] == ["tracked"]
    player.go_to(at(2))
    assert [event.kind for event in player.history(FIRST)] == ["tracked", "state"]
    assert player.history(SECOND) == ()


async def test_it_is_a_clock(player: Player, clock: FakeClock) -> None:
    clock.jump(1.5)
    assert player.monotonic() == 1.5
    assert player.now() == at(0) + timedelta(seconds=1.5)
    await player.sleep(0)


def test_the_door_asks_nobody_and_says_why(player: Player) -> None:
    door: Door = ReplayDoor(player)
    woken: list[bool] = []
    door.on_changes(lambda: woken.append(True))
    assert woken
    one = door.drain().jobs[0]
    assert {action: door.why_not(action, one) for action in (Action.CANCEL, Action.UNTRACK, Action.DOWNLOAD)} == {
        Action.CANCEL: "this is a recording",
        Action.UNTRACK: "this is a recording",
        Action.DOWNLOAD: "this is a recording",
    }
    assert door.why_not(Action.REPORT, one) == "the recording holds no reports"
    assert door.saved_filters() == {"bad": "state:failed"}
    assert [event.kind for event in door.history(one.key).result()] == ["tracked"]
    refused: tuple[Future[Any], ...] = (
        door.track(TrackWish("x")),
        door.cancel(one.key),
        door.report(one.key),
        door.unlock_keyring(Secret("x")),
    )
    for future in refused:
        with pytest.raises(JobdeckError, match="this is a recording"):
            future.result()
    nothing: tuple[Future[Any], ...] = (
        door.find_archived(None),
        door.inventory(one.key),
        door.connections(),
        door.keyring_state(),
    )
    assert not any(future.result() for future in nothing)
    door.focus(job(1).key)
    door.allow_changes(on=True)
    door.close()
