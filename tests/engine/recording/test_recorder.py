"""Writing down beside the board: from an outbox of its own, with the histories, until it is closed or cannot go on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from tests.clock import START, FakeClock
from tests.engine.recording.night import HEALTH, job
from tui.engine.facts.jobs import Changes
from tui.engine.outbox import Outbox
from tui.engine.recording.happenings import Happenings
from tui.engine.recording.player import Player
from tui.engine.recording.reader import read_recording
from tui.engine.recording.recorder import Recorder
from tui.engine.storage.batch import Batch
from tui.engine.storage.database import Database
from tui.model import Event, JobKey, Safe


def event(number: int) -> Event:
    return Event(START, JobKey("plant:j1"), "state", Safe(f"step {number}"))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "board.sqlite"


@pytest.fixture
def board(database: Path) -> Database:
    opened = Database(database)
    opened.write([Batch(added=(job(1),), events=(event(1),))])
    return opened


def a_recorder(path: Path, database: Path, told: Callable[[str], None], most: int = 100_000) -> Recorder:
    return Recorder(path, database, {}, FakeClock(), told, most=most)


def test_what_the_outbox_is_told_the_recorder_is_told_too(tmp_path: Path, database: Path, board: Database) -> None:
    outbox, told = Outbox(), list[str]()
    recorder = a_recorder(tmp_path / "night", database, told.append)
    outbox.copy_to(recorder.outbox)
    recorder.start()
    outbox.put(jobs=(job(1), job(2)), connections=(HEALTH,), told=("a word",))
    outbox.put(gone=(job(2).key,))
    recorder.close(timeout=30)
    assert recorder.is_on
    assert told == []
    found = read_recording(tmp_path / "night")
    assert found.ended == "the board was closed"
    changes = Player(found, FakeClock()).take()
    assert [one.key for one in changes.jobs] == [job(1).key]
    assert (changes.connections, changes.told) == ((HEALTH,), ("a word",))
    assert [one.text for _, one in found.events] == ["step 1"]
    assert [one.key for one in outbox.drain().jobs] == [job(1).key]  # the screen's own is untouched
    board.close()


def test_what_comes_while_the_last_but_one_line_is_written_is_not_lost(tmp_path: Path, database: Path) -> None:
    class Slow(Outbox):
        closing: threading.Thread | None = None

        def drain(self) -> Changes:
            changes = super().drain()
            if self.closing is None:  # the board is closed while this is written
                self.put(jobs=(job(2),))
                self.closing = threading.Thread(target=recorder.close, args=(30,))
                self.closing.start()
                recorder._is_closing.wait(30)
            return changes

    recorder = Recorder(tmp_path / "night", database, {}, FakeClock(), list[str]().append, gather=0)
    recorder.outbox = outbox = Slow()
    outbox.put(jobs=(job(1),))
    recorder.start()
    recorder._thread.join(30)
    assert outbox.closing is not None
    outbox.closing.join(30)
    player = Player(read_recording(tmp_path / "night"), FakeClock())
    assert {one.key for one in player.take().jobs} == {job(1).key, job(2).key}


def test_histories_are_read_on_from_where_they_were(database: Path, board: Database) -> None:
    happenings = Happenings(database)
    assert [one.text for one in happenings.new()] == ["step 1"]
    assert happenings.new() == ()
    board.write([Batch(updated=(job(1),), events=(event(2), event(3)))])
    assert happenings.new() == (event(2), event(3))
    happenings.close()
    board.close()


def test_without_a_database_there_is_no_history_and_no_harm(tmp_path: Path) -> None:
    happenings = Happenings(tmp_path / "nowhere")
    assert happenings.new() == ()
    happenings.close()


def test_a_recording_that_cannot_go_on_is_told_once_and_the_board_goes_on(tmp_path: Path, database: Path) -> None:
    told, ended = list[str](), threading.Event()

    def tell(text: str) -> None:
        told.append(text)
        ended.set()

    recorder = a_recorder(tmp_path / "night", database, tell, most=10)
    recorder.outbox.put(jobs=(job(1),))
    recorder.start()
    recorder.close(timeout=30)
    assert ended.is_set()
    assert not recorder.is_on
    assert told == [
        f"the recording has ended: the file has reached its 0 MB; what is in {recorder.path} can be replayed"
    ]
    recorder.outbox.put(jobs=(job(2),))


def test_a_fault_of_ours_is_told_too(tmp_path: Path, database: Path) -> None:
    class Broken(FakeClock):
        def now(self) -> datetime:
            raise KeyError("x")

    told = list[str]()
    recorder = Recorder(tmp_path / "night", database, {}, Broken(), told.append)
    recorder.start()
    recorder.close(timeout=30)
    assert "the recording has ended: KeyError" in told[0]
