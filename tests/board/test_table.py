"""Cursor, marks and scroll belong to a job, never to a line number; one changed job repaints one line."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta

from tests.board.conftest import MIDDLE, SMALL, WIDE, Lab, Open
from tests.board.fakes import FakeDoor, ago, make_job, make_jobs
from tui.engine.facts.jobs import Changes
from tui.model import Job, JobKey, JobState
from tui.widgets.order import SortBy


def key(number: int) -> JobKey:
    return JobKey(f"aps-prod:id-{number:04d}")


def line_on_screen(lab: Lab) -> int:
    assert lab.table.cursor is not None
    place = lab.table.place_of(lab.table.cursor)
    assert place is not None
    return place - lab.table.scroll_offset.y


async def test_first_paint_has_the_jobs_newest_on_top(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(5))) as one:
        assert one.table.keys == [key(number) for number in range(5)]
        assert one.table.cursor == key(0)
        assert "job 0003" in one.screen_text()


async def test_cursor_follows_its_job_when_jobs_come_and_go_above(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(100))) as one:
        one.table.select(key(50))
        await one.settle()
        before = line_on_screen(one)
        await one.tell(*(make_job(200 + number, submitted=-1.0 - number) for number in range(7)))
        assert one.table.cursor == key(50)
        assert one.table.place_of(key(50)) == 57
        assert line_on_screen(one) == before
        await one.tell(gone=tuple(key(number) for number in range(10)))
        assert one.table.cursor == key(50)
        assert line_on_screen(one) == before


async def test_cursor_goes_to_the_neighbour_when_its_job_goes(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(10))) as one:
        one.table.select(key(4))
        await one.tell(gone=(key(4),))
        assert one.table.cursor == key(5)
        await one.tell(gone=tuple(key(number) for number in (5, 6, 7, 8, 9)))
        assert one.table.cursor == key(3)
        await one.tell(gone=tuple(one.table.keys))
        assert one.table.keys == []
        assert one.board.detail.job is None


async def test_cursor_survives_sort_filter_and_resize(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(80))) as one:
        one.table.select(key(33))
        for _ in SortBy:
            await one.press("s")
            assert one.table.cursor == key(33)
        await one.press("slash")
        await one.type("003")
        assert one.table.cursor == key(33)
        assert len(one.table.keys) == 11
        await one.press("enter", "escape")
        assert one.table.cursor == key(33)
        assert len(one.table.keys) == 80
        for width, height in (SMALL, WIDE, (60, 15), MIDDLE):
            await one.pilot.resize_terminal(width, height)
            await one.settle()
            assert one.table.cursor == key(33)
            assert 0 <= line_on_screen(one) < one.table.rows_in_view


async def test_cursor_comes_back_to_a_job_that_a_filter_hid(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(20))) as one:
        one.table.select(key(12))
        await one.press("slash")
        await one.type("0003")
        assert one.table.cursor == key(3)
        await one.press("escape")
        assert one.table.cursor == key(12)
        await one.press("slash")
        await one.type("000")
        assert one.table.cursor == key(9)
        await one.press("enter", "k", "escape")
        assert one.table.cursor == key(8)


async def test_scroll_stays_with_what_is_on_top_when_the_cursor_is_elsewhere(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(100))) as one:
        one.table.scroll_to(y=60, animate=False)
        await one.settle()
        assert one.table.keys_in_view()[0] == key(60)
        await one.tell(*(make_job(200 + number, submitted=-1.0 - number) for number in range(5)))
        assert one.table.keys_in_view()[0] == key(60)
        assert one.table.cursor == key(0)


async def test_a_job_that_ends_moves_below_and_keeps_the_cursor(lab: Open) -> None:
    jobs = make_jobs(6)
    async with lab(FakeDoor(jobs)) as one:
        one.table.select(key(2))
        await one.tell(make_job(2, JobState.FAILED, submitted=120))
        assert one.table.keys[-1] == key(2)
        assert one.table.cursor == key(2)


async def test_marks_hold_the_order_and_name_the_targets(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(6))) as one:
        await one.press("j", "space", "space")
        assert list(one.table.marks) == [key(1), key(2)]
        assert [job.key for job in one.table.targets()] == [key(1), key(2)]
        order = list(one.table.keys)
        await one.tell(make_job(1, JobState.FAILED, submitted=60), make_job(50, submitted=-5.0))
        assert one.table.keys == [*order, key(50)]
        assert "order held" in one.said("jobs-title")
        await one.tell(gone=(key(1),))
        assert list(one.table.marks) == [key(2)]
        await one.press("escape")
        assert not one.table.marks
        assert one.table.keys[0] == key(50)


async def test_marks_out_of_sight_are_told(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(6))) as one:
        await one.press("space", "slash")
        await one.type("0003")
        await one.press("enter")
        assert "1 marked, 1 out of sight" in one.said("jobs-title")


async def test_one_changed_job_draws_one_line(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(100))) as one:
        one.painted_jobs()
        await one.tell(make_job(7, status="uploading"))
        assert one.painted_jobs() == [key(7)]
        assert "uploading" in one.screen_text()


async def test_what_looks_the_same_and_what_is_out_of_sight_draws_nothing(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(100))) as one:
        one.painted_jobs()
        await one.tell(make_job(7, checked=0.5), make_job(90, status="uploading"))
        assert one.painted_jobs() == []


async def test_time_draws_only_the_lines_whose_words_changed(lab: Open) -> None:
    jobs: list[Job] = [make_job(number, submitted=3600 * 60.0 + 60 * number) for number in range(20)]
    jobs[3] = make_job(3, submitted=27)
    async with lab(FakeDoor(jobs)) as one:
        one.painted_jobs()
        one.clock.jump(5)
        one.board.tick()
        await one.settle()
        assert one.painted_jobs() == [key(3)]


async def test_a_job_that_moves_draws_only_the_lines_between(lab: Open) -> None:
    jobs = [make_job(number, JobState.RUNNING if number < 10 else JobState.SUCCEEDED) for number in range(60)]
    async with lab(FakeDoor(jobs)) as one:
        one.painted_jobs()
        ended = make_job(7, JobState.FAILED, submitted=420)
        await one.tell(replace(ended, snapshot=replace(ended.snapshot, finished_at=ago(0))))
        assert one.table.keys[6:11] == [key(6), key(8), key(9), key(7), key(10)]
        assert one.painted_jobs() == [key(8), key(9), key(7)]


async def test_the_scroll_bar_and_the_end_follow_the_number_of_jobs(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(60))) as one:
        await one.tell(*(make_job(100 + number, submitted=9000.0 + number) for number in range(40)))
        await one.press("G")
        assert one.table.cursor == key(139)
        assert "job 0139" in one.screen_text()
        assert one.table.vertical_scrollbar.window_virtual_size == 101
        await one.tell(gone=tuple(key(number) for number in range(58)))
        assert one.table.cursor == key(139)
        assert "job 0139" in one.screen_text()
        await one.tell(gone=tuple(key(number) for number in range(100, 139)))
        assert one.table.keys == [key(58), key(59), key(139)]
        assert one.table.scroll_offset.y == 0
        assert not one.table.show_vertical_scrollbar


async def test_behind_a_dialog_time_paints_nothing(lab: Open) -> None:
    async with lab(FakeDoor([make_job(1, submitted=27)])) as one:
        one.painted_jobs()
        await one.press("t")
        one.painted_jobs()
        one.clock.jump(5)
        one.board.tick()
        await one.settle()
        assert one.painted_jobs() == []
        await one.press("escape")
        assert one.painted_jobs()


async def test_a_stale_row_says_so_in_words(lab: Open) -> None:
    async with lab(FakeDoor([make_job(1, fresh=30)])) as one:
        assert "stale" not in one.screen_text()
        one.clock.jump(125)
        one.board.tick()
        await one.settle()
        assert "2m stale" in one.screen_text()


async def test_a_filter_on_time_follows_time(lab: Open) -> None:
    async with lab(FakeDoor([make_job(1, submitted=50), make_job(2, submitted=5)])) as one:
        await one.press("slash")
        await one.type("age:>1m")
        await one.press("enter")
        assert one.table.keys == []
        one.clock.jump(30)
        one.board.tick()
        assert one.table.keys == [key(1)]


async def test_ten_thousand_jobs_draw_only_what_is_in_sight(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(10_000))) as one:
        built = sum(row.view is not None for row in one.table.roster.rows.values())
        assert built <= one.table.rows_in_view
        await one.press("G")
        assert one.table.cursor == key(9_999)
        assert "job 9999" in one.screen_text()


async def test_mouse_moves_the_cursor_and_a_double_click_opens(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(10))) as one:
        await one.pilot.click("#jobs", offset=(10, 4))
        assert one.table.cursor == key(3)
        await one.pilot.click("#jobs", offset=(10, 5), times=2)
        assert one.table.cursor == key(4)
        assert one.app.focused is one.board.query_one("#detail-text")


async def test_the_last_to_end_is_the_first_of_those_that_are_over(lab: Open) -> None:
    older = make_job(1, JobState.SUCCEEDED)
    newer = make_job(2, JobState.FAILED)
    newer = replace(newer, snapshot=replace(newer.snapshot, finished_at=ago(1)))
    waiting = replace(make_job(3, JobState.WAITING), tracked_at=ago(9) - timedelta(days=2))
    async with lab(FakeDoor([older, newer, waiting])) as one:
        assert one.table.keys == [key(3), key(2), key(1)]


async def test_changes_come_from_another_thread(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(2)), flush_now=True) as one:
        thread = threading.Thread(target=one.door.tell, args=(Changes(jobs=(make_job(5),)),))
        thread.start()
        thread.join()
        async with asyncio.timeout(20):
            while key(5) not in one.table.keys:
                await one.pilot.pause()


async def test_moving_on_an_empty_table_moves_nothing(lab: Open) -> None:
    async with lab(FakeDoor([])) as one:
        await one.press("g", "G", "j", "k", "pagedown", "pageup", "enter", "space", "f", "F", "e")
        assert one.table.cursor is None
