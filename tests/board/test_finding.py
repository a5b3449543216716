"""Finding on the board: sort, group, columns, jumps, completion, saved filters, and the marks of what changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from textual.strip import Strip
from textual.widgets import Input

from tests.board.conftest import SMALL, Lab, Open
from tests.board.fakes import CONNECTIONS, FakeDoor, ago, make_job, make_jobs
from tests.board.test_table import key
from tui.errors import ConfigError
from tui.model import Job, JobKey, JobState, LostStart, Safe
from tui.screens.arrange import ColumnsDialog, OrderDialog
from tui.screens.saving import SaveFilterDialog
from tui.screens.titles import departed_words
from tui.widgets.columns import Column
from tui.widgets.glyphs import ASCII
from tui.widgets.lineup import heading
from tui.widgets.order import GroupBy, SortBy
from tui.widgets.row_line import PREFIX
from tui.widgets.table import Left


async def filter_by(lab: Lab, text: str) -> None:
    """As if it had been typed and kept."""
    await lab.press("slash")
    lab.board.query_one("#filter-input", Input).value = text
    await lab.press("enter")


def at_plant(number: int) -> Job:
    return make_job(number, connection="plant", vendor="octoplant")


async def test_groups_have_headings_that_the_cursor_passes_over(lab: Open) -> None:
    jobs = [*make_jobs(3), *(at_plant(number) for number in (5, 6)), make_job(9, JobState.FAILED)]
    async with lab(FakeDoor(jobs), SMALL) as one:
        await one.press("v")
        assert "── aps-prod ─ 4 jobs ──" in one.screen_text()
        assert "Connection" not in one.screen_text()
        assert "by activity, grouped by connection" in one.said("jobs-title")
        assert "Jobs 6 " in one.said("jobs-title")
        assert one.table.cursor == key(0)
        await one.press("up", "j", "j", "j")
        assert one.table.cursor == key(9)
        await one.press("j")
        assert one.table.cursor is not None
        assert one.table.cursor.startswith("plant:")
        await one.press("k", "g", "G", "pageup", "home")
        assert one.table.cursor == key(0)
        await one.pilot.click("#jobs", offset=(10, 1))
        assert one.table.cursor == key(0)
        await one.tell(at_plant(7))
        assert "─ 3 jobs ─" in one.screen_text()
        await one.press("space")
        await one.tell(make_job(0, JobState.FAILED), make_job(30))
        assert one.table.keys[-2:] == [heading("new, the order is held"), key(30)]
        assert "order held" in one.said("jobs-title")
        await one.press("escape", "v")
        assert one.table.order.group is GroupBy.STATE
        assert one.table.keys[0] == heading("failed")
        await one.press("slash", *"zzz")
        assert one.table.keys == []
        await one.press("escape", "v")
        assert one.table.shown == len(one.table.keys) == 8


async def test_jumps_go_round_and_say_when_there_is_nothing(lab: Open) -> None:
    states = {3: JobState.FAILED, 6: JobState.SUCCEEDED, 9: JobState.EXPIRED}
    jobs = [make_job(number, states.get(number, JobState.RUNNING)) for number in range(12)]
    async with lab(FakeDoor(jobs)) as one:
        visited = []
        for pressed in ("f", "f", "f", "F", "F"):
            await one.press(pressed)
            visited.append(one.table.cursor)
        assert visited == [key(3), key(9), key(3), key(6), key(9)]
        await filter_by(one, "state:running")
        await one.press("f")
        assert "no failed job in sight" in one.toasts()


async def test_the_dialogs_choose_order_and_columns(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(5))) as one:
        await one.press("O")
        assert one.is_open(OrderDialog)
        assert "the longest without an answer" in one.screen_text()
        await one.press("j", "enter")
        assert one.table.order.by is SortBy.TITLE
        assert "Job ▾" in one.screen_text()
        await one.press("O", "enter")
        assert one.table.order.reverse
        assert "by title, reversed" in one.said("jobs-title")
        assert "Job ▴" in one.screen_text()
        assert one.table.keys[0] == key(4)
        await one.press("C")
        assert one.is_open(ColumnsDialog)
        await one.press("space", "j", "space", "j", "j", "right_square_bracket", "enter")
        assert one.table.columns == (
            Column.JOB,
            Column.STATE,
            Column.OUTPUT,
            Column.PROGRESS,
            Column.AGE,
            Column.SEEN,
        )
        await one.press("C", "escape", "O", "escape")
        await one.pilot.click("#jobs", offset=(PREFIX + 2, 0))
        assert "by title," not in one.said("jobs-title")
        await one.pilot.click("#jobs", offset=(PREFIX + 2, 0))
        assert "by title, reversed" in one.said("jobs-title")
        await one.pilot.click("#jobs", offset=(0, 0))
        assert "by title, reversed" in one.said("jobs-title")
        assert len(one.table.columns) == 6


async def test_a_word_for_a_state_is_whole_on_small_screens(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(3)), SMALL) as one:
        await one.tell(make_job(1, status="failedUploadOptional"))
        for size in (SMALL, (60, 20)):
            await one.pilot.resize_terminal(*size)
            await one.settle()
            assert "failedUploadOptional" in one.screen_text()
            assert "job 0001" in one.screen_text()
        await one.tell(make_job(1, status="ok"))
        assert "Progress" in one.screen_text()


async def test_the_filter_line_completes_and_remembers(lab: Open) -> None:
    door = FakeDoor([*make_jobs(3), make_job(5, JobState.FAILED)])
    door.saved = {"bad-ones": "state:failed"}
    async with lab(door) as one:
        field = one.board.query_one("#filter-input", Input)
        await one.press("slash")
        await one.type("st")
        assert field._suggestion == "state:"
        await one.press("tab")
        assert "Tab state:unknown  state:waiting" in one.board.filter_line.says
        await one.type("f")
        await one.press("right", "enter")
        assert one.table.filter.text == "state:failed"
        await filter_by(one, "job")
        await one.press("slash", "up", "up")
        assert field.value == "state:failed"
        await one.press("down")
        assert field.value == "job"
        field.value = "@ba"
        await one.press("tab", "enter")
        assert one.table.filter.text == "@bad-ones"
        assert one.table.keys == [key(5)]
        await one.press("slash", "backspace")
        assert one.table.filter.text == "@bad-ones"
        assert "Tab @bad-ones" in one.board.filter_line.says
        await one.press("x")
        assert "there is no saved filter @bad-onex" in one.board.filter_line.says
        await one.press("escape")
        assert one.table.shown == 4


async def test_a_filter_is_kept_under_a_name(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(3))) as one:
        await one.press("K")
        assert "there is no filter to keep" in one.toasts()
        await filter_by(one, "age:<1d 0001")
        await one.press("K")
        assert one.is_open(SaveFilterDialog)
        assert "age:<1d 0001" in one.screen_text()
        one.door.refuses = ConfigError("config.toml is broken", hint="mend it")
        await one.press(*"mine", "enter")
        assert one.is_open(SaveFilterDialog)
        assert "config.toml is broken" in one.screen_text()
        one.door.refuses = None
        await one.press("enter")
        assert not one.is_open(SaveFilterDialog)
        assert one.door.saved == {"mine": "age:<1d 0001"}
        assert "kept: @mine" in one.toasts()
        await one.press("escape")
        one.board.use_filter("@mine")
        await one.settle()
        assert one.table.filter.text == "@mine"
        assert one.table.keys == [key(1)]


async def test_where_the_job_under_the_cursor_went_is_said_until_the_user_moves(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(9), CONNECTIONS)) as one:
        one.table.select(key(4))
        await one.tell(gone=(key(4),))
        assert one.table.cursor == key(5)
        assert "job 0004 is gone: untracked elsewhere" in one.said("jobs-title")
        await one.press("j")
        assert "gone" not in one.said("jobs-title")
        await filter_by(one, "state:running")
        await one.tell(make_job(6, JobState.FAILED))
        assert "job 0006: hidden by the filter" in one.said("jobs-title")
        await one.tell(make_job(6))
        assert "hidden" not in one.said("jobs-title")
        assert one.table.cursor == key(6)
        await one.press("u")
        await one.tell()
        assert "job 0006: taken off the board" in one.said("jobs-title")


@pytest.mark.parametrize(
    ("state", "more", "words"),
    [
        (JobState.RUNNING, {}, "job 0001 is gone: untracked elsewhere"),
        (JobState.FAILED, {}, "job 0001 is gone: archived, or untracked elsewhere"),
        (JobState.RUNNING, {"is_ours": True}, "job 0001: taken off the board"),
        (JobState.RUNNING, {"has_connection": False}, "job 0001 is gone: its connection was removed"),
        (JobState.RUNNING, {"how": Left.FILTERED}, "job 0001: hidden by the filter"),
    ],
)
def test_where_a_job_went(state: JobState, more: dict[str, Any], words: str) -> None:
    known: dict[str, Any] = {"how": Left.GONE, "glyphs": ASCII, "is_ours": False, "has_connection": True}
    assert departed_words(make_job(1, state), **(known | more)) == words
    assert departed_words(replace(make_job(1), given_title=Safe("x" * 99)), **known).isascii()
    archived = replace(make_job(1, state), archived_at=ago(0))
    if not more:
        assert departed_words(archived, **known) == "job 0001: back in the archive"
        start = replace(make_job(1, JobState.UNKNOWN), outcome_unknown=True)
        assert departed_words(start, **known) == "job 0001 is gone: found at the vendor, or untracked elsewhere"
        start = replace(start, lost=LostStart("export", not_started=True))
        assert departed_words(start, **known) == "job 0001 is gone: sent again, or untracked elsewhere"


async def test_a_change_is_marked_until_it_is_seen(lab: Open) -> None:
    jobs = [replace(job, changed_at=ago(9)) for job in make_jobs(6)]
    async with lab(FakeDoor(jobs)) as one:
        assert not one.table.roster.unseen
        await one.tell(*(replace(jobs[number], changed_at=ago(0)) for number in (0, 2, 4)))
        assert "•◐ job 0002" in one.screen_text()
        await one.press("j")
        assert one.table.roster.unseen == {key(2), key(4)}
        await one.press("e")
        assert one.table.cursor == key(2)
        assert "•◐ job 0002" not in one.screen_text()
        await filter_by(one, "is:unseen")
        assert one.table.keys == [key(2), key(4)], "what is looked at stays"
        await one.press("j")
        one.board.tick()
        assert one.table.keys == [key(4)]
        await one.tell(replace(jobs[4], changed_at=ago(-1)))
        assert "•◐ job 0004" in one.screen_text()
        await one.tell(gone=(key(2),))
        await one.tell(replace(jobs[2], changed_at=ago(0)))
        assert one.table.roster.unseen == {key(4)}, "it came back as it went"
        await one.press("escape", "e", "e")
        assert "no unseen job in sight" in one.toasts()
        await one.tell(gone=(key(4),))
        new = replace(make_job(8, JobState.UNKNOWN), changed_at=None)
        await one.tell(new)
        await one.tell(replace(make_job(8), changed_at=ago(0)))
        assert not one.table.roster.unseen


def lines_by_key(lab: Lab) -> dict[JobKey, Strip]:
    """The lines in sight but the cursor's; one that is not drawn anew is the same object."""
    places = {key: y for y, key in enumerate(lab.table.keys_in_view(), start=1) if key != lab.table.cursor}
    return {key: lab.table.render_line(y) for key, y in places.items()}


async def test_signs_and_groups_paint_no_more_than_they_touch(lab: Open) -> None:
    jobs = [replace(job, changed_at=ago(9)) for job in make_jobs(30)]
    async with lab(FakeDoor(jobs)) as one:
        one.painted_jobs()
        await one.tell(replace(jobs[7], changed_at=ago(0)))
        assert one.painted_jobs() == [key(7)]
        await one.press("v")
        before = lines_by_key(one)
        await one.tell(make_job(31, submitted=99_999))
        after = lines_by_key(one)
        assert [name for name in after if after[name] is not before.get(name)] == [heading("aps-prod")]


async def test_a_filter_line_that_was_left_with_tab_goes_with_escape(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(2)), SMALL) as one:
        await one.press("slash")
        await one.type("age:x")
        await one.press("tab")
        assert one.board.filter_line.has_class("open")
        await one.press("escape")
        assert not one.board.filter_line.is_open
        assert one.table.has_focus


async def test_a_new_job_that_the_filter_hides_is_said_to_be_hidden(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(1), CONNECTIONS), SMALL) as one:
        one.board.use_filter("state:failed")
        await one.press("t")
        await one.type("id-0007")
        await one.press("enter")
        assert "the filter hides it" in one.toasts()
