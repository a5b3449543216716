"""The filter line marks what is wrong while it is typed; the last good filter stays in force."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import Input

from tests.board.conftest import Open
from tests.board.fakes import FakeDoor, make_job, make_jobs
from tui.model import JobState


async def test_filters_while_typing(lab: Open) -> None:
    async with lab(FakeDoor([*make_jobs(5), make_job(9, JobState.FAILED)])) as one:
        await one.press("slash")
        await one.type("state:failed")
        assert len(one.table.keys) == 1
        assert "1 of 6" in one.said("jobs-title")
        await one.press("enter")
        assert one.table.has_focus
        assert "/state:failed" in one.said("jobs-title")
        assert not one.board.filter_line.has_class("open")


async def test_a_wrong_term_is_marked_and_the_last_good_filter_holds(lab: Open) -> None:
    async with lab(FakeDoor([*make_jobs(5), make_job(9, JobState.FAILED)])) as one:
        await one.press("slash")
        await one.type("state:failed age:x")
        assert len(one.table.keys) == 1
        assert one.table.filter.text == "state:failed"
        assert "x is no length of time" in one.board.filter_line.says
        field = one.board.query_one("#filter-input", Input)
        assert field.highlighter is not None
        marked = field.highlighter(Text(field.value))
        assert [(span.start, span.end) for span in marked.spans] == [(13, 18)]
        assert not field.highlighter(Text("state:f")).spans, "it may still become failed"
        assert field.highlighter(Text("state:f age:>1h")).spans
        assert field.highlighter(Text("state:fx")).spans
        await one.press("enter")
        assert field.has_focus


async def test_a_half_typed_key_does_not_empty_the_board(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(5))) as one:
        await one.press("slash")
        for character in "state:":
            await one.type(character)
            assert len(one.table.keys) == 5
        await one.press(*["backspace"] * 3, "enter")
        assert one.table.keys == []


async def test_what_matches_nothing_says_so(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(5))) as one:
        await one.press("slash", *"zzz")
        assert "No job matches the filter" in one.screen_text()
        assert one.board.detail.job is None
        await one.press("escape")
        assert len(one.table.keys) == 5
        assert "job 0004" in one.screen_text()
        await one.press("space", "slash", *"zzz")
        assert "Escape clears it." in one.screen_text()
        await one.press("enter")
        assert "Escape drops the marks, once more it clears the filter." in one.screen_text()


async def test_new_jobs_obey_the_filter(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(3))) as one:
        await one.press("slash", *"late", "enter")
        await one.tell(make_job(50, title="latest"), make_job(51, title="other"))
        assert [one.table.job(key).title for key in one.table.keys] == ["latest"]  # type: ignore[union-attr]
