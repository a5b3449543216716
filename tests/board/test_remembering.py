"""Where the user was survives a restart: by job, never by line."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from textual.widgets import Input

from tests.board.conftest import SMALL, Open
from tests.board.fakes import FakeDoor, ago, make_job, make_jobs
from tests.board.test_table import key, line_on_screen
from tests.clock import START
from tui.engine.facts.jobs import Changes
from tui.model import JobState
from tui.screens.panes import View
from tui.widgets.columns import Column
from tui.widgets.detail_tabs import Tab
from tui.widgets.lineup import heading
from tui.widgets.order import GroupBy, SortBy


async def test_cursor_marks_scroll_order_and_tab_come_back(lab: Open, tmp_path: Path) -> None:
    path = tmp_path / "view.json"
    async with lab(FakeDoor(make_jobs(100)), view_file=path) as one:
        await one.press("s", "s", "v")
        one.table.use_columns((Column.JOB, Column.STATE, Column.AGE))
        one.table.select(key(50))
        await one.press("space")
        one.board.detail.open(Tab.HISTORY)
        await one.settle()
        line, top = line_on_screen(one), one.table.scroll_offset.y
        assert one.table.cursor == key(51)
    assert path.stat().st_mode & 0o777 == 0o600
    door = FakeDoor()
    async with lab(door, view_file=path) as one:
        assert one.table.keys == []
        door.tell(Changes(jobs=(*make_jobs(100), make_job(200, submitted=-5.0, title="connection first"))))
        one.board.take_news()
        await one.settle()
        assert one.table.cursor == key(51)
        assert list(one.table.marks) == [key(50)]
        assert (one.table.order.by, one.table.order.group) == (SortBy.CONNECTION, GroupBy.CONNECTION)
        assert one.table.keys[0] == heading("aps-prod")
        assert one.table.columns == (Column.JOB, Column.STATE, Column.AGE)
        assert one.board.detail.tab is Tab.HISTORY
        assert line_on_screen(one) == line
        assert one.table.scroll_offset.y == top + 1
        await one.press("escape", "k")
        one.board.tick()
    async with lab(FakeDoor(make_jobs(100)), view_file=path) as one:
        assert not one.table.marks
        assert one.table.cursor == key(50)


async def test_a_half_typed_filter_comes_back_as_it_was(lab: Open, tmp_path: Path) -> None:
    path = tmp_path / "view.json"
    jobs = [*make_jobs(3), make_job(9, JobState.FAILED)]
    async with lab(FakeDoor(jobs), view_file=path) as one:
        field = one.board.query_one("#filter-input", Input)
        await one.press("slash", *"job", "enter", "slash")
        for text in ("state:failed", "state:failed age:"):
            field.value = text
            await one.settle()
    async with lab(FakeDoor(jobs), view_file=path) as one:
        assert one.table.filter.text == "state:failed"
        assert one.table.keys == [key(9)]
        assert one.board.filter_line.text == "state:failed age:"
        assert one.board.query_one("#filter-input").has_focus
        await one.press("escape", "slash", "up")
        assert one.board.filter_line.text == "job"


async def test_a_small_screen_opens_what_was_read(lab: Open, tmp_path: Path) -> None:
    path = tmp_path / "view.json"
    async with lab(FakeDoor(make_jobs(5)), SMALL, view_file=path) as one:
        await one.press("j", "j", "enter")
        assert one.board.view is View.DETAIL
    async with lab(FakeDoor(make_jobs(5)), SMALL, view_file=path) as one:
        assert one.board.view is View.DETAIL
        assert "job 0002" in one.screen_text()
        await one.press("escape")
        assert not one.board.has_class(View.DETAIL.value)


async def test_what_changed_while_nobody_looked_is_marked(lab: Open, tmp_path: Path) -> None:
    path = tmp_path / "view.json"
    jobs = [replace(job, changed_at=ago(60)) for job in make_jobs(5)]
    async with lab(FakeDoor(jobs), view_file=path) as one:
        await one.tell(replace(jobs[3], changed_at=ago(0)))
    later = START + timedelta(minutes=5)
    door = FakeDoor([*jobs[:3], replace(jobs[4], changed_at=later), replace(jobs[3], changed_at=ago(0))])
    async with lab(door, view_file=path) as one:
        assert one.table.roster.unseen == {key(3), key(4)}
        await one.press("e", "e")
    async with lab(door, view_file=path) as one:
        assert not one.table.roster.unseen


async def test_without_a_file_all_is_forgotten_and_a_lost_name_is_passed_over(lab: Open, tmp_path: Path) -> None:
    async with lab(FakeDoor(make_jobs(5))) as one:
        await one.press("s", "j")
    path = tmp_path / "view.json"
    assert not path.exists()
    path.write_text(
        '{"sort": "MOON", "tab": "MOON", "view": "MOON", "columns": ["moon"], "filter": "@gone", "cursor": "x"}'
    )
    async with lab(FakeDoor(make_jobs(5)), view_file=path) as one:
        assert one.table.keys == [key(number) for number in range(5)]
        assert one.table.cursor == key(0)


async def test_of_two_boards_side_by_side_the_first_is_remembered_then_the_one_that_is_left(
    lab: Open, tmp_path: Path
) -> None:
    path = tmp_path / "view.json"
    async with AsyncExitStack() as first:
        one = await first.enter_async_context(lab(FakeDoor(make_jobs(5)), view_file=path))
        await one.press("j")
        one.board.tick()
        kept = path.read_bytes()
        async with lab(FakeDoor(make_jobs(5)), view_file=path) as other:
            assert other.table.cursor == key(1)
            await other.press("G")
            other.board.tick()
            assert path.read_bytes() == kept
            await first.aclose()
    async with lab(FakeDoor(make_jobs(5)), view_file=path) as one:
        assert one.table.cursor == key(4)
