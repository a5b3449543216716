"""Reading a report on the board: looking for words, errors, its end, long lines, and saving it."""

from __future__ import annotations

import asyncio
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.board.conftest import SMALL, Lab, Open
from tests.board.fakes import FakeDoor, ago, make_job
from tests.clock import START
from tui.engine.border import inert
from tui.model import Job, JobKey, JobState, ReportInfo
from tui.screens.save_text import SaveTextDialog
from tui.widgets.detail_asks import DetailAsks
from tui.widgets.detail_tabs import Tab
from tui.widgets.detail_view import DetailText
from tui.widgets.status import Status

LINES = [f"line {number} of the report" for number in range(300)]
LINES[40] = "Error: plot.pdf was not produced"
LINES[200] = "fatal: it ended"
LINES[250] = "a long line " + "x" * 300


def running() -> Job:
    return make_job(1, has_report=True, stages=())


def a_door(job: Job, lines: list[str] | None = None) -> FakeDoor:
    door = FakeDoor([job])
    door.report_text = "\n".join(lines if lines is not None else LINES)
    return door


def view(one: Lab) -> DetailText:
    return one.board.query_one(DetailText)


async def look_for(one: Lab, text: str) -> None:
    """Open the input, if it is not open, and have a text in it."""
    field = one.board.query_one("#reading-input", Input)
    if not field.has_focus:
        await one.press("slash")
    field.value = text
    await one.settle()


def told(one: Lab) -> str:
    return one.board.query_one("#reading-says", Status).plain


async def test_words_are_looked_for_while_they_are_typed(lab: Open) -> None:
    async with lab(a_door(running()), SMALL) as one:
        await one.press("r")
        await look_for(one, "line 2")
        assert "1 of 109 with line 2" in told(one)
        await look_for(one, "line 299")
        assert "1 of 1 with line 299" in told(one)
        assert "line 299 of the report" in one.screen_text()
        await one.press("enter")
        assert view(one).has_focus
        await look_for(one, "nothing like it")
        assert "no nothing like it" in told(one)
        await one.press("escape")
        assert "nothing" not in told(one)


async def test_one_goes_from_match_to_match_and_around_the_end(lab: Open) -> None:
    async with lab(a_door(running()), SMALL) as one:
        await one.press("r")
        await look_for(one, "line 1 ")
        await one.press("enter", "n")
        assert "around the end" in told(one)
        await look_for(one, "ended")
        assert view(one).target == 200
        await one.press("up", "enter", "N")
        assert view(one).target == 200
        await look_for(one, "line 3 ")
        await one.press("down", "enter")
        assert view(one).target == 3, "up and down step in the input too"


async def test_errors_are_jumped_to(lab: Open) -> None:
    async with lab(a_door(running()), SMALL) as one:
        await one.press("r", "e")
        assert view(one).target == 40
        assert "Error: plot.pdf" in one.screen_text()
        await one.press("e")
        assert view(one).target == 200
        await one.press("e")
        assert "no error line below" in told(one)
        await one.press("E")
        assert view(one).target == 40


async def test_a_followed_report_that_comes_slowly_comes_whole_before_it_is_asked_for_again() -> None:
    job = running()
    door, came, loads = a_door(job), list[JobKey](), list[asyncio.Task[None]]()
    asks = DetailAsks(door, lambda work: loads.append(asyncio.create_task(work)), lambda key, *_: came.append(key))
    door.holds = True
    for second in range(3):
        asks.ask(replace(job, checked_at=ago(9 - second)), Tab.REPORT, follows=True, wraps=True)
        await asyncio.sleep(0)
    assert door.names() == ["report"]
    door.release()
    await asyncio.gather(*loads)
    assert came == [job.key]
    asks.ask(replace(job, checked_at=ago(1)), Tab.REPORT, follows=True, wraps=True)
    await asyncio.gather(*loads)
    assert door.names() == ["report", "report"]


async def test_a_growing_report_is_followed_until_one_scrolls_up(lab: Open) -> None:
    job = running()
    door = a_door(job)
    async with lab(door) as one:
        await one.press("r", "f")
        assert "follows" in told(one)
        assert view(one).at_end
        door.report_text += "\nthe newest line"
        await one.tell(replace(job, checked_at=START))
        assert "the newest line" in one.screen_text()
        asked = one.door.names().count("report")
        await one.tell(replace(job, checked_at=START, report=ReportInfo(START, 9)))
        assert one.door.names().count("report") == asked, "reading it is no reason to read it again"
        await one.press("up", "up")
        door.report_text += "\none more"
        await one.tell(replace(job, checked_at=ago(-5)))
        assert "follows" not in told(one)
        assert one.door.names().count("report") == asked
        over = replace(job, snapshot=inert(replace(job.snapshot, state=JobState.SUCCEEDED)), changed_at=ago(-9))
        await one.tell(over)
        await one.press("f")
        assert "grows no more" in one.toasts()


async def test_another_job_is_not_searched_until_one_asks_again(lab: Open) -> None:
    async with lab(FakeDoor([make_job(1), make_job(2)])) as one:
        await one.press("enter")
        await look_for(one, "autodesk")
        assert "1 of 1 with autodesk" in told(one)
        await one.press("enter", "escape", "j")
        assert "autodesk" not in told(one)
        await one.press("enter", "slash")
        assert "1 of 1 with autodesk" in told(one)


async def test_long_lines_are_broken_or_cut(lab: Open) -> None:
    async with lab(a_door(running()), SMALL) as one:
        await one.press("r")
        broken = view(one).sheet.height
        await one.press("b")
        assert "long lines cut" in told(one)
        assert view(one).sheet.height == 300 < broken
        await one.press("l", "l", "h", "h")
        assert "long lines cut" in told(one), "it is what the user wants"


async def test_the_raw_reply_can_be_searched_and_other_tabs_too(lab: Open) -> None:
    job = make_job(1, raw='{"deep": {"needle": 1}}')
    async with lab(FakeDoor([job])) as one:
        await one.press("enter", "h")
        await look_for(one, "needle")
        assert "1 of 1 with needle" in told(one)
        await one.press("enter", "l")
        await look_for(one, "job 0001")
        assert "no job 0001" in told(one) or "with job 0001" in told(one)
        await one.press("enter", "e")
        assert "open the report first" in one.toasts()


async def test_a_report_is_saved_once_for_its_owner_only(
    lab: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with lab(a_door(running())) as one:
        await one.press("r", "W")
        assert one.is_open(SaveTextDialog)
        await one.press("enter")
        await one.app.workers.wait_for_complete()
        await one.settle()
        saved = tmp_path / "job-0001-report.txt"
        assert saved.read_text("utf-8") == "\n".join(LINES)
        assert stat.S_IMODE(saved.stat().st_mode) == 0o600
        assert "saved" in one.toasts()
        await one.press("W", "enter")
        await one.app.workers.wait_for_complete()
        await one.settle()
        assert "there is such a file already" in one.screen_text()
        assert one.is_open(SaveTextDialog)
        await one.press("escape", "l", "W")
        assert "open the report or the raw reply first" in one.toasts()


async def test_a_report_that_begins_anew_is_shown_from_its_top(lab: Open) -> None:
    job = running()
    door = a_door(job)
    async with lab(door, SMALL) as one:
        await one.press("r", "e", "e")
        assert view(one).target == 200
        door.report_text = "a new log\n\nof three lines"
        await one.tell(replace(job, changed_at=ago(1)))
        assert "a new log" in one.screen_text()
        assert "line 1 of 3" in told(one)
        assert view(one).target is None
