"""An alert: kept on the disk, seen by other programs, and not lost when both write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.clock import START, FakeClock
from tests.engine.inline import inline_store
from tui.engine.board import Board
from tui.engine.next_ask import NextAsk
from tui.model import Job, Reference, Snapshot

JOB = Job("plant", "octoplant", Reference("1"), START)


def board_of(home: Path) -> Board:
    return Board(inline_store(home / "board.sqlite"), FakeClock())


async def test_it_outlasts_the_run_and_untracking(tmp_path: Path) -> None:
    board = board_of(tmp_path)
    await board.add([JOB], "tracked")
    await board.set_alert([JOB.key, JOB.key], on=True)
    await board.add(await board.remove([JOB.key]), "put back")
    again = board_of(tmp_path)
    await again.load()
    assert again.jobs[JOB.key].alert
    await again.set_alert([JOB.key], on=False)
    await again.load()
    assert not again.jobs[JOB.key].alert


async def test_an_answer_that_another_program_writes_at_the_same_time_keeps_it(tmp_path: Path) -> None:
    ours, theirs = board_of(tmp_path), board_of(tmp_path)
    await ours.add([JOB], "tracked")
    await theirs.load()
    await ours.set_alert([JOB.key], on=True)
    said: Snapshot = JOB.snapshot
    await theirs.answered(JOB.key, replace(said, vendor_status="Running"), lambda _: NextAsk(None, None))
    await ours.look()
    assert ours.jobs[JOB.key].alert
    assert ours.jobs[JOB.key].snapshot.vendor_status == "Running"
