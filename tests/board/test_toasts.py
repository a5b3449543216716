"""What is told in passing never stands on the line that the user looks at."""

from __future__ import annotations

from textual.widgets._toast import Toast

from tests.board.conftest import SMALL, Lab, Open
from tests.board.fakes import CONNECTIONS, FakeDoor, make_job, make_jobs
from tui.model import JobState
from tui.screens.dialog import Dialog

LONG = "the id was sent to the terminal's clipboard (OSC 52); if it does not paste, the terminal forbids that"


async def rows_of_toasts(one: Lab) -> set[int]:
    await one.settle()
    return {row for toast in one.top.query(Toast) for row in range(toast.region.y, toast.region.bottom)}


async def test_the_line_that_the_user_looks_at_can_be_read(lab: Open) -> None:
    jobs = [make_job(number, JobState.SUCCEEDED, has_report=True) for number in range(50)]
    async with lab(FakeDoor(jobs, CONNECTIONS), SMALL) as one:
        one.board.wishes.say(LONG)
        one.board.wishes.say("short")
        seen = []
        for pressed in ("G", "g"):
            await one.press(pressed)
            seen.append(await rows_of_toasts(one))
            assert one.table.cursor_row not in seen[-1]
            assert one.app.size.height - 1 not in seen[-1], "the footer"
        assert [len(rows) for rows in seen] == [3, 3]
        one.app.clear_notifications()
        await one.press("r")
        one.board.wishes.say(LONG)
        assert one.board.query_one("#reading").region.y not in await rows_of_toasts(one)
        one.app.clear_notifications()
        await one.press("t")
        assert isinstance(one.top, Dialog)
        one.board.wishes.say("a word on something else, short enough for a single line of it")
        assert await rows_of_toasts(one) == {0}, "above the dialog"


async def test_what_is_still_on_the_screen_is_told_anew_not_twice(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(1))) as one:
        one.board.wishes.say("job: the vendor is away", wrong=True)
        one.board.wishes.say("another")
        await one.settle()
        first = next(iter(one.app._notifications))
        for _ in range(3):
            one.board.wishes.say("job: the vendor is away", wrong=True)
        await one.settle()
        assert one.toasts().splitlines() == ["another", "job: the vendor is away"]
        assert len(await rows_of_toasts(one)) == 2
        assert first not in one.app._notifications, "its time begins anew"
        one.board.wishes.say("another", wrong=True)
        await one.settle()
        assert len(await rows_of_toasts(one)) == 3, "of another weight"


async def test_what_is_told_anew_leaves_no_gap(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(50)), SMALL) as one:
        await one.press("G")
        for _ in range(3):
            one.board.wishes.say("the same")
            assert await rows_of_toasts(one) == {0}


async def test_beneath_a_dialog_nothing_is_told_twice(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(1)), SMALL) as one:
        one.board.wishes.say("a word")
        await one.press("t", "ctrl+p")
        assert one.screen_text().count("a word") == 1
        await one.press("escape", "escape")
        assert one.screen_text().count("a word") == 1, "on the board again"
