"""What ran lately: from whom it is asked, what is listed, and how it comes onto the board."""

from __future__ import annotations

from tests.board.conftest import SMALL, Open
from tests.board.fakes import CONNECTIONS, OFFERS, FakeDoor, ago, make_job, make_jobs
from tui.engine.facts.jobs import Sighting, TrackWish
from tui.errors import JobdeckError
from tui.model import JobKey, Safe
from tui.screens.lately import LatelyDialog
from tui.widgets.marklist import MarkList

SEEN = (
    Sighting("aps-prod", Safe("id-0001"), Safe("acme.Known+prod"), ago(60), tracked=True),
    Sighting("aps-prod", Safe("new-1"), Safe("acme.One+prod"), ago(90), tracked=False),
    Sighting("aps-prod", Safe("new-2"), None, None, tracked=False),
)


def the_door(connection: str = "aps-prod", vendor: str = "autodesk") -> FakeDoor:
    door = FakeDoor([make_job(1, connection=connection, vendor=vendor)], CONNECTIONS)
    door.offered = OFFERS
    door.sightings = SEEN
    return door


def wishes(door: FakeDoor, name: str) -> list[object]:
    return [wish for called, wish in door.calls if called == name]


def wish(ref: str, title: str | None) -> TrackWish:
    return TrackWish(text=ref, connection="aps-prod", title=title, check=False)


async def test_the_selected_jobs_connection_is_asked_at_once(lab: Open) -> None:
    async with lab(the_door(), SMALL) as one:
        await one.press("L")
        assert one.is_open(LatelyDialog)
        assert wishes(one.door, "discover") == ["aps-prod"]
        text = one.screen_text()
        assert "acme.One+prod  new-1" in text
        assert "[ ] new-2" in text
        known = next(row for row in text.splitlines() if "acme.Known+prod" in row)
        assert "on board" in known
        assert "[ ]" not in known
        await one.press("escape")
        assert one.top is one.board
        assert wishes(one.door, "track") == []


async def test_among_several_one_is_chosen_and_others_can_be(lab: Open) -> None:
    async with lab(the_door("plant", "octoplant")) as one:
        await one.press("L")
        assert one.top.query_one("#connections", MarkList).keys == ["aps-prod", "orchestrator"]
        assert "No list of jobs: windfarm, sourcing, plant" in one.screen_text()
        assert wishes(one.door, "discover") == []
        await one.press("down", "enter")
        assert wishes(one.door, "discover") == ["orchestrator"]
        await one.press("shift+tab", "up", "enter")
        assert wishes(one.door, "discover") == ["orchestrator", "aps-prod"]


async def test_a_single_connection_is_asked_at_once(lab: Open) -> None:
    door = the_door("plant", "octoplant")
    door.offered = OFFERS[:2]
    async with lab(door) as one:
        await one.press("L")
        assert wishes(door, "discover") == ["aps-prod"]
        assert not one.top.query_one("#connections").display


async def test_the_marked_ones_are_tracked_unchecked(lab: Open) -> None:
    async with lab(the_door()) as one:
        await one.press("L", "down", "space", "down", "space", "enter")
        assert wishes(one.door, "track") == [wish("new-1", "acme.One+prod"), wish("new-2", None)]
        assert one.top is one.board
        assert "on the board: 2 jobs" in one.toasts()
        assert one.table.cursor == JobKey("aps-prod:new-1")


async def test_without_marks_the_one_under_the_cursor_is(lab: Open) -> None:
    async with lab(the_door()) as one:
        await one.press("L", "down", "down", "enter")
        assert wishes(one.door, "track") == [wish("new-2", None)]


async def test_one_that_is_on_the_board_already_is_shown_there(lab: Open) -> None:
    door = the_door()
    door.jobs |= {job.key: job for job in make_jobs(1)}
    async with lab(door) as one:
        await one.press("L", "space", "enter")
        assert wishes(door, "track") == []
        assert one.table.cursor == JobKey("aps-prod:id-0001")


async def test_waiting_is_seen_and_nothing_is_asked_twice(lab: Open) -> None:
    door = the_door()
    door.holds = True
    async with lab(door) as one:
        await one.press("L")
        assert "Asking aps-prod what ran lately …" in one.screen_text()
        await one.press("shift+tab", "enter", "enter")
        assert wishes(door, "discover") == ["aps-prod"]
        door.release()
        await one.settle()
        door.holds = True
        await one.press("tab", "down", "enter", "enter")
        assert "Tracking acme.One+prod …" in one.screen_text()
        assert len(wishes(door, "track")) == 1
        door.release()
        await one.settle()
        assert one.top is one.board


async def test_errors_are_told_in_words_and_the_marks_stay(lab: Open) -> None:
    door = the_door()
    async with lab(door) as one:
        await one.press("L", "down", "space")
        door.refuses = JobdeckError("the vendor [is] down", hint="try later")
        await one.press("enter")
        assert one.is_open(LatelyDialog)
        assert "the vendor [is] down" in one.screen_text()
        assert "[x] acme.One+prod" in one.screen_text()
        await one.press("escape", "L")
        assert "try later" in one.screen_text()


async def test_nothing_ran(lab: Open) -> None:
    door = the_door()
    door.sightings = ()
    async with lab(door) as one:
        await one.press("L", "enter", "space")
        assert "Nothing ran lately at aps-prod." in one.screen_text()
        assert wishes(door, "track") == []


async def test_where_nobody_has_a_list_it_says_so(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(1))) as one:
        await one.press("L")
        assert one.top is one.board
        assert "lately: no connection has a list of what ran" in one.toasts()


async def test_what_has_no_name_at_its_vendor_is_told_by_that_on_the_board(lab: Open) -> None:
    door = the_door()
    door.sightings = (Sighting("aps-prod", Safe("id-0001"), None, ago(60), tracked=True),)
    async with lab(door) as one:
        await one.press("L")
        assert "job 0001  id-0001" in one.screen_text()
