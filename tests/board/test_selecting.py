"""Lines of a report are selected and copied."""

from __future__ import annotations

from tests.board.conftest import SMALL, Lab, Open
from tests.board.fakes import REPORT, FakeDoor, make_job
from tui.model import JobState

LINES = REPORT.splitlines()


def door() -> FakeDoor:
    return FakeDoor([make_job(1, JobState.SUCCEEDED, has_report=True)])


def told(one: Lab) -> str:
    return one.said("reading-says")


async def test_lines_are_selected_by_every_move_and_copied_whole(lab: Open) -> None:
    async with lab(door(), SMALL) as one:
        await one.press("r", "slash", *"r 20", "enter", "v", "j", "j")
        assert "3 lines selected" in told(one)
        found = next(number for number, line in enumerate(LINES) if "layer 20 " in line)
        await one.press("G")
        assert LINES[-1] in one.screen_text()
        assert f"{len(LINES) - found} lines selected" in told(one)
        await one.press("g")
        assert LINES[0] in one.screen_text()
        assert f"{found + 1} lines selected" in told(one)
        await one.press("pagedown", "pageup", "j")
        assert f"{found} lines selected" in told(one)
        await one.press("y")
        assert one.app.clipboard == "".join(f"{line}\n" for line in LINES[1 : found + 1])
        assert "lines was sent" in one.toasts()
        assert "selected" not in told(one)


async def test_shift_begins_too_and_escape_another_tab_or_another_text_drops_it(lab: Open) -> None:
    async with lab(door(), SMALL) as one:
        await one.press("r", "shift+down", "shift+down", "shift+up")
        assert "2 lines selected" in told(one)
        await one.press("escape")
        assert "selected" not in told(one)
        assert one.board.query_one("#detail-text").has_focus
        await one.press("v", "l")
        assert "selected" not in told(one)
        one.door.report_text = "one\ntwo"
        await one.press("h", "v", "G", "y")
        assert one.app.clipboard == "one\ntwo\n"
