"""The start dialog: what it asks at each vendor, that it sends once, and what it says meanwhile and afterwards."""

from __future__ import annotations

import json

import pytest
from textual import events
from textual.widgets import Button, Input, TextArea

from tests.board.conftest import SMALL, Lab, Open
from tests.board.fakes import CONNECTIONS, OFFERS, FakeDoor, make_job, make_jobs, offer
from tui.errors import UsageError
from tui.model import JobKey
from tui.screens.says import Says
from tui.screens.start import StartDialog
from tui.screens.ticks import ticked, toggled
from tui.widgets.marklist import MarkList

BODY = '{"activityId": "acme.ExportFbx+prod"}'
TREE: dict[str, object] = {"exportContents": {"projectTree": {}}}


def the_door(connection: str = "aps-prod", vendor: str = "autodesk") -> FakeDoor:
    door = FakeDoor([make_job(1, connection=connection, vendor=vendor)], CONNECTIONS)
    door.offered = OFFERS
    return door


async def fill(lab: Lab, body: str, place: str = "", title: str = "") -> None:
    lab.top.query_one("#body", TextArea).text = body
    lab.top.query_one("#place", Input).value = place
    lab.top.query_one("#title", Input).value = title
    await lab.settle()


def sent(door: FakeDoor) -> list[object]:
    return [wish for name, wish in door.calls if name == "submit"]


async def test_a_pasted_body_is_sent_and_the_job_is_shown(lab: Open) -> None:
    async with lab(the_door()) as one:
        await one.press("n")
        assert one.is_open(StartDialog)
        await one.press("tab", *"mine", "tab")
        one.app.post_message(events.Paste(BODY))
        await one.settle()
        await one.press("tab", "enter")
        assert sent(one.door) == [("aps-prod", BODY, None, "mine")]
        assert one.top is one.board
        assert one.table.cursor == JobKey("aps-prod:id-0900")
        assert "started mine" in one.toasts()


async def test_only_connections_that_take_orders_are_offered(lab: Open) -> None:
    door = the_door("windfarm", "enos")
    door.offered = (
        *OFFERS[:2],
        offer("archive", "aspera", submit=False, discover=True),
    )
    async with lab(door) as one:
        await one.press("n")
        connections = one.top.query_one("#connections", MarkList)
        assert connections.keys == ["aps-prod", "windfarm"]
        assert "No orders from here: archive" in one.screen_text()
        assert connections.cursor == "windfarm", "that of the job under the cursor"


@pytest.mark.parametrize(
    ("connection", "vendor", "place", "body"),
    [
        ("windfarm", "enos", "chan-7", '{"taskName": "t"}'),
        ("sourcing", "jaggaer", "https://aso.example/event/1/apiBids/async", ""),
    ],
)
async def test_a_place_is_asked_where_the_vendor_needs_one(
    lab: Open, connection: str, vendor: str, place: str, body: str
) -> None:
    async with lab(the_door(connection, vendor)) as one:
        await one.press("n")
        assert one.top.query_one("#place-row").display
        asked = {"enos": "Channel", "jaggaer": "URL of the call"}[vendor]
        assert asked in one.screen_text()
        await fill(one, body)
        await one.press("ctrl+s")
        assert sent(one.door) == []
        assert "it is needed" in one.screen_text()
        await fill(one, body, place)
        await one.press("ctrl+s")
        assert sent(one.door) == [(connection, body, place, None)]


async def test_no_place_is_asked_or_sent_where_none_is_needed(lab: Open) -> None:
    async with lab(the_door("windfarm", "enos")) as one:
        await one.press("n")
        await fill(one, BODY, place="typed for EnOS")
        await one.press("up")
        assert not one.top.query_one("#place-row").display
        await one.press("ctrl+s")
        assert sent(one.door) == [("aps-prod", BODY, None, None)]


async def test_without_a_body_it_asks_for_one(lab: Open) -> None:
    async with lab(the_door()) as one:
        await one.press("n", "ctrl+s")
        assert "Paste or write the request body first." in one.screen_text()
        assert sent(one.door) == []


async def test_the_vendors_error_is_told_and_the_text_stays(lab: Open) -> None:
    door = the_door()
    door.refuses = UsageError("activityId is [missing]", hint="name the activity")
    async with lab(door) as one:
        await one.press("n")
        await fill(one, BODY, title="mine")
        await one.press("ctrl+s")
        text = one.screen_text()
        assert "activityId is [missing]" in text
        assert "name the activity" in text
        assert one.top.query_one("#body", TextArea).text == BODY
        door.refuses = None
        await one.press("ctrl+s")
        assert one.top is one.board
        assert len(sent(door)) == 2


async def test_nothing_is_sent_twice_and_the_wait_has_an_age(lab: Open) -> None:
    door = the_door()
    door.holds = True
    async with lab(door) as one:
        await one.press("n")
        await fill(one, BODY)
        await one.press("ctrl+s", "ctrl+s", "ctrl+s")
        assert len(sent(door)) == 1
        assert one.top.query_one("#send", Button).disabled
        assert "Sending it to aps-prod …" in one.screen_text()
        one.clock.jump(12)
        one.top.query_one(Says).tick()
        await one.settle()
        assert "Sending it to aps-prod … 12s" in one.screen_text()
        door.release()
        await one.settle()
        assert one.top is one.board
        assert "started job 0900" in one.toasts()


async def test_escape_calls_back_what_is_not_sent_and_what_is_sent_is_told_on_the_board(lab: Open) -> None:
    door = the_door()
    door.holds = True
    async with lab(door) as one:
        await one.press("n")
        await fill(one, BODY)
        await one.press("ctrl+s", "escape")
        assert "Sending it to aps-prod: called back, nothing was sent." in one.screen_text()
        door.sent = frozenset({"submit"})
        await one.press("ctrl+s", "escape")
        assert one.top is one.board
        assert "started" not in one.toasts()
        door.release()
        await one.settle()
        assert "started job 0900" in one.toasts()


async def test_read_only_and_nowhere_to_start_say_why_not(lab: Open) -> None:
    async with lab(the_door(), read_only=True) as one:
        await one.press("n")
        assert one.top is one.board
        assert "start: read-only; ! lifts that" in one.toasts()
    async with lab(FakeDoor(make_jobs(1))) as one:
        await one.press("n", "ctrl+p")
        assert "start: no connection takes orders from here" in one.toasts()
        await one.type("start a job")
        while "Read the report" in one.screen_text():  # the search runs beside the screen
            await one.pilot.pause()
        assert "not now: no connection takes orders from here" in one.screen_text()


async def test_octoplants_contents_are_ticked_into_the_body(lab: Open) -> None:
    async with lab(the_door("plant", "octoplant"), SMALL) as one:
        await one.press("n", "tab", "tab", "space", "down", "space")
        body = one.top.query_one("#body", TextArea)
        assert json.loads(body.text) == {"exportContents": {"projectTree": {}, "jobList": {}}}
        assert "[x] jobList" in one.screen_text()
        assert "jobList takes exportType, flatExport, dir, componentId" in " ".join(one.screen_text().split())
        body.text = '{"exportContents": {"adminLog": {"maxLines": 5}}}'
        await one.settle()
        assert one.top.query_one("#contents", MarkList).marked == {"adminLog": None}, "the ticks follow the text"
        await one.press("up", "space")
        assert json.loads(body.text) == {"exportContents": {"adminLog": {"maxLines": 5}, "projectTree": {}}}
        await one.press("ctrl+s")
        assert sent(one.door) == [("plant", body.text, None, None)]


async def test_a_broken_body_is_not_ticked_away(lab: Open) -> None:
    async with lab(the_door("plant", "octoplant")) as one:
        await one.press("n")
        await fill(one, '{"exportContents": ')
        await one.press("tab", "tab", "space")
        assert one.top.query_one("#body", TextArea).text == '{"exportContents": '
        assert "no JSON object: mend it first" in one.screen_text()
        assert "[x]" not in one.screen_text()


async def test_it_fits_a_small_screen_and_nothing_blinks(lab: Open) -> None:
    async with lab(the_door("plant", "octoplant"), SMALL) as one:
        await one.press("n")
        text = one.screen_text()
        for word in ("plant", "Title", "[ ] projectTree", "Request body", "^s starts it", "Start it"):
            assert word in text
        assert not any(field.cursor_blink for field in one.top.query(Input))
        assert not one.top.query_one(TextArea).cursor_blink


async def test_ascii_stays_ascii(lab: Open) -> None:
    door = the_door()
    door.holds = True
    async with lab(door, ascii=True) as one:
        await one.press("n")
        await fill(one, BODY)
        await one.press("ctrl+s")
        assert "Sending it to aps-prod ..." in one.screen_text()
        assert one.screen_text().isascii()


@pytest.mark.parametrize("body", ["{", "[]", '{"exportContents": []}', "[" * 100_000, "7"])
def test_what_is_no_body_has_no_ticks(body: str) -> None:
    assert ticked(body, "exportContents") == ()
    assert toggled(body, "exportContents", "jobList") is None


def test_a_tick_comes_and_goes_and_leaves_the_rest() -> None:
    once = toggled(json.dumps(TREE | {"more": "ü"}), "exportContents", "jobList") or ""
    assert ticked(once, "exportContents") == ("projectTree", "jobList")
    assert json.loads(toggled(once, "exportContents", "jobList") or "") == TREE | {"more": "ü"}
