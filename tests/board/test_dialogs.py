"""Dialogs keep what was typed, say what is wrong, and never show a secret."""

from __future__ import annotations

import pytest
from textual import events
from textual.widgets import Input

from tests.board.conftest import SMALL, Lab, Open
from tests.board.fakes import CONNECTIONS, FakeDoor, make_job, make_jobs, wrong_ref
from tui.engine.facts.jobs import TrackWish
from tui.model import JobKey
from tui.screens.track import PasteField, TrackDialog

CURL = """curl -u ops:hunter2secret \\
  -H 'Authorization: Bearer abc.def.ghi' \\
  'https://orchestrator.example/api/work_orders/4711?login=ops&password=hunter2secret'"""


async def paste(lab: Lab, text: str) -> None:
    lab.app.post_message(events.Paste(text))
    await lab.settle()


def last_wish(door: FakeDoor) -> TrackWish:
    name, wish = door.calls[-1]
    assert name == "track"
    assert isinstance(wish, TrackWish)
    return wish


async def test_track_sends_all_fields(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(2), CONNECTIONS)) as one:
        await one.press("t")
        await one.type("0f3c9a")
        await one.press("tab", *"plant", "tab", *"mine", "tab", *"a", "space", *"b")
        await one.press("enter")
        wish = last_wish(one.door)
        assert wish == TrackWish("0f3c9a", "plant", "mine", ("a", "b"))
        assert one.top is one.board
        assert one.table.cursor == JobKey("plant:0f3c9a")


async def test_track_error_is_told_and_the_text_stays(lab: Open) -> None:
    door = FakeDoor(make_jobs(2), CONNECTIONS)
    door.refuses = wrong_ref()
    async with lab(door) as one:
        await one.press("t", *"what", "enter")
        assert one.is_open(TrackDialog)
        assert "no vendor knows this form of id" in one.screen_text()
        assert "give the connection with it" in one.screen_text()
        assert one.top.query_one(PasteField).value == "what"
        door.refuses = None
        await one.press("enter")
        assert one.top is one.board


async def test_track_of_nothing_asks_for_something(lab: Open) -> None:
    async with lab(FakeDoor((), CONNECTIONS)) as one:
        await one.press("t", "enter")
        assert "Paste or type" in one.screen_text()
        assert one.door.calls == []


async def test_a_paste_onto_the_table_opens_the_dialog(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(1), CONNECTIONS)) as one:
        await paste(one, "https://vendor.example/jobs/17\n")
        assert one.is_open(TrackDialog)
        await one.press("enter")
        assert last_wish(one.door).text == "https://vendor.example/jobs/17"


@pytest.mark.parametrize("onto_table", [True, False])
async def test_a_pasted_secret_is_sent_but_never_shown(lab: Open, *, onto_table: bool) -> None:
    async with lab(FakeDoor(make_jobs(1), CONNECTIONS)) as one:
        if not onto_table:
            await one.press("t")
        await paste(one, CURL)
        field = one.top.query_one(PasteField)
        for shown in (one.screen_text(), field.value, repr(field)):
            assert "hunter2secret" not in shown
            assert "abc.def.ghi" not in shown
        await one.press("enter")
        assert last_wish(one.door).text == CURL


async def test_an_edited_paste_is_what_is_sent(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(1), CONNECTIONS)) as one:
        await one.press("t")
        await paste(one, "abc-12")
        await one.press("3", "enter")
        assert last_wish(one.door).text == "abc-123"


async def test_half_typed_text_survives_news_and_resize(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(3), CONNECTIONS)) as one:
        await one.press("t", *"half")
        await one.tell(make_job(9), gone=(JobKey("aps-prod:id-0000"),))
        await one.pilot.resize_terminal(*SMALL)
        await one.settle()
        assert one.top.query_one(PasteField).value == "half"
        assert one.app.focused is one.top.query_one(PasteField)


async def test_no_input_blinks(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(3), CONNECTIONS)) as one:
        await one.press("t")
        fields = [*one.top.query(Input), *one.board.query(Input)]
        assert len(fields) == 6
        assert not any(field.cursor_blink for field in fields)
        await one.press("escape", "ctrl+p")
        assert not any(field.cursor_blink for field in one.top.query(Input))


async def test_dialogs_fit_a_small_screen(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(40), CONNECTIONS), SMALL) as one:
        await one.press(*["space"] * 20, "c")
        text = one.screen_text()
        assert "Cancel 20 jobs" in text
        assert "and 12 more" in text
        assert "Cancel them" in text
        await one.press("escape", "t")
        assert "Enter tracks it" in one.screen_text()
