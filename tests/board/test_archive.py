"""The archive on the board: put away, found by the filter, brought back."""

from __future__ import annotations

from tests.board.conftest import Open
from tests.board.fakes import FakeDoor, make_job, make_jobs
from tui.engine.facts.jobs import Action
from tui.model import JobState


async def test_what_is_archived_is_found_by_the_filter_and_comes_back(lab: Open) -> None:
    over = make_job(9, JobState.SUCCEEDED)
    async with lab(FakeDoor([*make_jobs(3), over])) as one:
        one.table.select(over.key)
        await one.press("Z")
        assert one.door.names()[-1] == "archive"
        await one.tell()
        assert over.key not in one.table.keys
        assert "4 jobs" not in one.said("header")
        await one.press("slash")
        await one.type("is:archived")
        await one.press("enter")
        await one.tell()
        assert one.table.keys == [over.key]
        assert "3 jobs" in one.said("header")
        await one.press("B")
        await one.tell()
        assert one.table.keys == []
        assert "4 jobs" in one.said("header")
        await one.press("escape")
        await one.tell()
        assert over.key in one.table.keys


async def test_another_filter_takes_the_archived_away_again(lab: Open) -> None:
    over = make_job(9, JobState.SUCCEEDED)
    async with lab(FakeDoor([*make_jobs(3), over])) as one:
        one.table.select(over.key)
        await one.press("Z", "slash")
        await one.type("is:archived")
        await one.tell()
        assert one.table.keys == [over.key]
        await one.press("escape")
        await one.tell()
        assert len(one.table.keys) == 3
        assert over.key not in one.board.desk.jobs


async def test_what_cannot_be_archived_says_why(lab: Open) -> None:
    job = make_job(1)
    async with lab(FakeDoor([job])) as one:
        one.door.reasons[Action.ARCHIVE, job.key] = "the job is not over"
        await one.press("Z")
        assert "archive" not in one.door.names()
        assert "the job is not over" in one.toasts()
