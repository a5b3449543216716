"""Groups folded to one line: what it says, where the cursor goes, and what unfolds them."""

from __future__ import annotations

from pathlib import Path

from tests.board.conftest import SMALL, WIDE, Lab, Open
from tests.board.fakes import FakeDoor, make_job
from tests.board.test_table import key
from tests.clock import START
from tui.model import Download, DownloadState, Job, JobKey, JobState, Safe
from tui.widgets.folding import Folds, Tally
from tui.widgets.lineup import heading
from tui.widgets.order import GroupBy, Order
from tui.widgets.roster import Roster

APS, PLANT = heading("aps-prod"), heading("plant")


def jobs() -> list[Job]:
    first = [make_job(number) for number in range(3)]
    more = [make_job(number, connection="plant", vendor="octoplant") for number in range(3, 5)]
    return [*first, *more, make_job(5, JobState.FAILED, connection="plant", vendor="octoplant")]


def plant(number: int) -> JobKey:
    return JobKey(f"plant:id-{number:04d}")


def line_of(one: Lab, words: str) -> str:
    return next((line for line in one.screen_text().splitlines() if words in line), "")


async def test_a_folded_group_is_one_line_on_which_the_cursor_stands(lab: Open) -> None:
    async with lab(FakeDoor(jobs()), SMALL) as one:
        await one.press("minus")
        await one.press("V")
        assert "fold: nothing is grouped; v groups" in one.toasts()
        assert "fold all: nothing is grouped" in one.toasts()
        await one.press("v", "j", "minus")
        assert one.table.keys[:2] == [APS, PLANT]
        assert one.table.cursor == APS
        assert line_of(one, "aps-prod").startswith("+─ aps-prod ─ 3 jobs  ◐ 3 running ")
        assert one.said("jobs-title").startswith("── Jobs 6 ")
        assert one.board.current is None
        assert one.door.focused is None
        await one.press("space", "d", "y")
        assert "download: this is a folded group; unfold it" in one.toasts()
        assert not one.table.marks
        assert one.top is one.board
        await one.press("j", "k", "enter")
        assert one.table.keys[:5] == [APS, key(0), key(1), key(2), PLANT]
        assert one.table.cursor == key(0)
        await one.press("V")
        assert one.table.keys == [APS, PLANT]
        assert "─ 3 jobs  ✗ 1 failed " in line_of(one, "plant")
        await one.tell(make_job(1, JobState.EXPIRED), make_job(7))
        assert "─ 4 jobs  ◇ 1 expired " in line_of(one, "aps-prod")


async def test_what_is_looked_for_unfolds(lab: Open, tmp_path: Path) -> None:
    file = Download(7, plant(4), Safe("a.zip"), Path("/tmp"), DownloadState.RUNNING)
    path = tmp_path / "view.json"
    async with lab(FakeDoor(jobs()), SMALL, view_file=path) as one:
        await one.press("v", "V", "f")
        assert one.table.cursor == plant(5)
        assert one.table.keys[:2] == [APS, PLANT]
        await one.press("V")
        await one.tell(downloads=(file,))
        one.board.commands.show_download(file)
        assert one.table.cursor == plant(4)
        await one.press("escape", "V", "slash", "j", "enter")
        assert len(one.table.keys) == 8
        await one.press("escape")
        assert one.table.keys == [APS, PLANT]
    async with lab(FakeDoor(jobs()), SMALL, view_file=path) as one:
        assert one.table.keys == [APS, PLANT]
        assert one.table.cursor == PLANT
        await one.press("v", "g", "minus")
        assert one.table.keys[:2] == [heading("failed"), heading("running")]
        one.table.select(key(1))
        await one.tell(make_job(1, JobState.FAILED))
        assert one.table.cursor == key(2)
        assert "job 0001: in a folded group" in one.said("jobs-title")
        await one.tell(make_job(1))
        assert one.table.cursor == key(1)


async def test_a_filter_opens_the_group_under_the_cursor_and_folds_what_was_folded(lab: Open) -> None:
    async with lab(FakeDoor(jobs()), SMALL) as one:
        await one.press("v", "V", "j", "slash", *"job", "enter")
        assert one.table.cursor == plant(3)
        one.table.select(key(1))
        await one.press("minus")
        assert one.table.keys == [APS, PLANT, plant(3), plant(4), plant(5)]
        await one.press("minus", "escape")
        assert one.table.keys == [APS, key(0), key(1), key(2), PLANT]
        await one.press("slash", *"job", "enter")
        one.table.select(key(1))
        await one.press("minus", "escape")
        assert one.table.keys == [APS, PLANT]
        assert one.table.cursor == APS
        await one.press("slash", *"job", "enter")
        one.table.select(key(2))
        await one.press("escape")
        assert one.table.cursor == APS
        assert "folded" not in one.said("jobs-title")


async def test_the_detail_tells_how_the_jobs_of_a_folded_group_stand(lab: Open) -> None:
    async with lab(FakeDoor(jobs()), WIDE) as one:
        await one.press("v", "V", "j")
        assert one.said("detail-title").startswith("── plant  a folded group ")
        ends = [line.rstrip() for line in one.screen_text().splitlines()]
        assert sum(line.endswith((" ✗ 1 failed", " ◐ 2 running")) for line in ends) == 2
        await one.press("minus")
        assert "job 0003" in one.said("detail-title")


async def test_a_job_that_stands_where_it_stood_is_counted_once(lab: Open) -> None:
    async with lab(FakeDoor(jobs()), SMALL) as one:
        await one.press("v", "v")
        one.table.select(plant(5))
        await one.press("minus", "j", "space")
        await one.tell(make_job(1, JobState.FAILED))
        assert one.said("jobs-title").startswith("── Jobs 6  1 marked, order held ")


def test_while_the_order_is_held_a_folded_line_stays_as_long_as_it_has_jobs() -> None:
    roster = Roster()
    roster.use_order(Order(group=GroupBy.CONNECTION), START)
    roster.fold({"aps-prod"})
    for job in jobs():
        roster.put(job, START)
    roster.marks[plant(3)] = None
    lines = roster.lines([])
    assert lines == [APS, PLANT, plant(3), plant(4), plant(5)]
    roster.put(make_job(9), START)
    assert roster.lines(lines) == lines
    assert roster.tally("aps-prod") == Tally(4, JobState.RUNNING, 4)
    for number in (0, 1, 2, 9):
        roster.discard(key(number))
    assert roster.lines(lines) == lines[1:]


def test_folds_are_kept_for_each_grouping() -> None:
    folds, again = Folds(), Folds()
    folds.put(GroupBy.CONNECTION, {"a:b", "c"})
    folds.put(GroupBy.STATE, {"failed"})
    again.recall((*folds.kept(), "MOON:a"))
    assert again.of(GroupBy.CONNECTION) == {"a:b", "c"}
    assert again.of(GroupBy.STATE) == {"failed"}
    again.hold_open(on=True)
    assert not again.of(GroupBy.STATE)
    again.put(GroupBy.STATE, {"running"})
    assert again.of(GroupBy.STATE) == {"running"}
    again.hold_open(on=False)
    assert again.of(GroupBy.STATE) == {"failed", "running"}
