"""The palette: found by title and by key, with the reason; saved filters and connections; no markup of vendors."""

from __future__ import annotations

import pytest

from tests.board.conftest import SMALL, Lab, Open
from tests.board.fakes import CONNECTIONS, FakeDoor, make_job, make_jobs
from tui.engine.facts.jobs import Action
from tui.screens.help import HelpDialog
from tui.widgets.actions import SPECS, Keys
from tui.widgets.footer import footer_line
from tui.widgets.glyphs import ASCII, UNICODE
from tui.widgets.lines import line, width_of

HOSTILE = "it is [@click=app.quit]over[/] [/nope]; wait"


async def search(one: Lab, text: str, wanted: str) -> None:
    """Type into the palette and wait until its search, which runs beside the screen, has found it."""
    await one.press("ctrl+p")
    await one.type(text)
    while wanted not in one.screen_text():
        await one.pilot.pause()


async def test_a_key_finds_its_action(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(2)), SMALL, key_map={"alert": "f7"}) as one:
        await search(one, "f7", "F7     Alert: tell me")
        await one.press("down", "enter")
        await one.settle()
        assert one.door.names()[-1] == "set_alert"


async def test_a_key_goes_before_every_title_that_has_its_letter(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(1)), SMALL) as one:
        await search(one, "R", "Ask the vendor now")
        assert "R      Ask the vendor now" in one.screen_text().splitlines()[5]


async def test_connections_and_saved_filters_are_found(lab: Open) -> None:
    door = FakeDoor([make_job(1), make_job(2, connection="plant", vendor="octoplant")], CONNECTIONS)
    door.saved["mine"] = "vendor:octoplant"
    async with lab(door, SMALL) as one:
        await search(one, "of pl", "Jobs of plant")
        await one.press("down", "enter")
        await one.settle()
        assert one.table.filter.text == "connection:plant"
        await search(one, "@mine", "Filter @mine")
        await one.press("down", "enter")
        await one.settle()
        assert one.table.filter.text == "@mine"


async def test_one_action_is_one_line_however_narrow_and_in_ascii(lab: Open) -> None:
    door = FakeDoor(make_jobs(2))
    door.saved["long"] = "x" * 80
    async with lab(door, (60, 20), ascii=True) as one:
        await search(one, "", "Download all finished")
        text = one.screen_text()
        assert "t      Track a job: paste an id, a URL, a curl com~ " in text
        assert "D      Download all finished: every result that is~ " in text
        await one.type("@long")
        while "Filter @long: xxx" not in one.screen_text():
            await one.pilot.pause()
        text = one.screen_text()
        assert text.isascii()
        assert "Filter @long: xxxxxxxxxxxxxxxxxxxxxxxxxxxxx~ " in text


async def test_vendors_words_are_no_markup(lab: Open) -> None:
    job = make_job(1, title="[/nope] job")
    door = FakeDoor([job])
    door.reasons[Action.CANCEL, job.key] = HOSTILE
    async with lab(door, (100, 40)) as one:
        await search(one, "cel at", "not now: it is [@click=app.quit]over[/] [/nope]")
        await one.press("escape", "question_mark")
        assert one.is_open(HelpDialog)
        await one.press("g")
        assert any("[@click=app.quit]over" in text for text in one.screen_text().splitlines())


@pytest.mark.parametrize(("width", "tells"), [(60, False), (150, False), (160, True), (900, True)])
def test_the_footer_says_why_not_where_there_is_room(width: int, tells: bool) -> None:
    pieces = footer_line(SPECS, Keys({}), width, lambda spec: HOSTILE if spec.name == "cancel" else None, UNICODE)
    text = "".join(piece.text for piece in pieces)
    assert text.endswith(" cancel: it is [@click=app.quit]over[/] [/nope] ") is tells
    assert width_of(pieces) <= width


def test_the_words_of_a_wide_footer_stay_where_they_are_whatever_the_reasons() -> None:
    first, short, long = (
        "".join(piece.text for piece in footer_line(SPECS, Keys({}), 200, why_not, UNICODE)).rstrip()
        for why_not in (lambda _: None, lambda _: "no", lambda _: "the job is over; wait")
    )
    assert short.startswith(first)
    assert long.startswith(first)
    assert long.endswith("  track, download, outputs, report, cancel: the job is over"), "once for all of them"


def test_what_is_under_way_stands_first_and_is_cut_last() -> None:
    under_way = line(" cancelling 3 jobs… 2s  Esc calls it back ")
    text = "".join(piece.text for piece in footer_line(SPECS, Keys({}), 60, lambda _: None, UNICODE, under_way))
    assert text.startswith(" cancelling 3 jobs… 2s  Esc calls it back ")
    assert text.endswith(" q quit ")
    assert width_of(footer_line(SPECS, Keys({}), 20, lambda _: None, UNICODE, under_way)) <= 20
    shortest = "".join(
        piece.text for piece in footer_line(SPECS, Keys({}), 20, lambda _: None, ASCII, line(" asking " * 9))
    )
    assert shortest == " asking  asking  as~"
