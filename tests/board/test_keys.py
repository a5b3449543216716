"""Every key does what the registry says, and says why when it cannot."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.board.conftest import SMALL, Open
from tests.board.demo import demo_door
from tests.board.fakes import CONNECTIONS, FakeDoor, make_job, make_jobs
from tui.engine.facts.jobs import Action
from tui.errors import JobdeckError
from tui.model import Download, DownloadState, JobKey, JobState, LostStart, Output, Safe
from tui.screens.confirm import Confirm
from tui.screens.help import HelpDialog
from tui.screens.outputs import OutputsDialog
from tui.screens.panes import View
from tui.screens.track import PasteField, TrackDialog
from tui.widgets.actions import SPECS, Keys, Place
from tui.widgets.detail_tabs import Tab
from tui.widgets.footer import footer_line
from tui.widgets.glyphs import UNICODE

FILE = Output("out.zip", size=10)


def key(number: int) -> JobKey:
    return JobKey(f"aps-prod:id-{number:04d}")


def finished(number: int) -> FakeDoor:
    return FakeDoor([make_job(number, JobState.SUCCEEDED, outputs=(FILE,), has_report=True)])


def test_no_key_means_two_things_in_one_place() -> None:
    for place in (Place.TABLE, Place.DETAIL, Place.DOWNLOADS):
        lists = (Place.LIST,) if place is not Place.DETAIL else ()
        here = [spec for spec in SPECS if spec.place in (place, Place.BOARD, *lists)]
        twice = [used for used, number in Counter(used for spec in here for used in spec.keys).items() if number > 1]
        assert twice == (["c", "R"] if place is Place.DOWNLOADS else [])


async def test_every_key_leaves_the_board_whole(lab: Open) -> None:
    async with lab(demo_door(), SMALL) as one:
        here = [spec for spec in SPECS if spec.place is not Place.REPLAY]
        for pressed in dict.fromkeys(pressed for spec in here for pressed in spec.keys):
            await one.press(pressed)
            assert one.app.is_running, pressed
            for _ in range(4):
                if one.top is not one.board or not one.table.has_focus:
                    await one.press("escape")
            assert one.top is one.board, pressed
            assert one.table.has_focus, pressed


async def test_moves(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(100))) as one:
        page = one.table.rows_in_view - 1
        for pressed, place in (
            ("j", 1),
            ("down", 2),
            ("k", 1),
            ("up", 0),
            ("G", 99),
            ("g", 0),
            ("end", 99),
            ("home", 0),
            ("pagedown", page),
            ("ctrl+d", 2 * page),
            ("ctrl+f", 3 * page),
            ("pageup", 2 * page),
            ("ctrl+u", page),
            ("ctrl+b", 0),
        ):
            await one.press(pressed)
            assert one.table.cursor == key(place), pressed


async def test_the_engine_hears_of_the_cursor(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(3))) as one:
        assert one.door.focused == key(0)
        await one.press("j")
        assert one.door.focused == key(1)


async def test_download_and_why_not(lab: Open) -> None:
    async with lab(finished(1)) as one:
        await one.press("d")
        assert one.door.calls[-1] == ("download", (key(1), ()))
    async with lab(FakeDoor(make_jobs(1))) as one:
        await one.press("d")
        assert "download" not in one.door.names()
        assert "download: job 0000: the job still runs" in one.toasts()


async def test_download_of_marked_jobs_skips_those_that_cannot(lab: Open) -> None:
    jobs = [make_job(number, JobState.SUCCEEDED, outputs=(FILE,)) for number in range(3)]
    async with lab(FakeDoor([*jobs, make_job(3)])) as one:
        await one.press("space", "space", "space", "d")
        assert [wish for name, wish in one.door.calls if name == "download"] == [(key(0), ()), (key(1), ())]
        assert "job 0003: the job still runs" in one.toasts()


async def test_report_opens_its_tab(lab: Open) -> None:
    async with lab(finished(1)) as one:
        await one.press("r")
        assert one.board.detail.tab is Tab.REPORT
        assert "layer 6 exported" in one.screen_text()
        assert one.app.focused is one.board.query_one("#detail-text")
        await one.press("G")
        assert "Job finished with result Succeeded" in one.screen_text()


async def test_report_that_cannot_be_had_says_why(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(1))) as one:
        await one.press("r")
        assert "the vendor keeps no report" in one.toasts()
    door = finished(1)
    door.refuses = JobdeckError("the link is over", hint="ask again")
    async with lab(door) as one:
        await one.press("r")
        assert "the link is over (ask again)" in one.screen_text()


async def test_cancel_asks_and_starts_on_no(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(3))) as one:
        await one.press("space", "space", "c")
        assert one.is_open(Confirm)
        assert one.app.focused is not None
        assert one.app.focused.id == "no"
        assert "Cancel 2 jobs" in one.screen_text()
        assert "job 0000  (aps-prod)" in one.screen_text()
        await one.press("enter")
        assert "cancel" not in one.door.names()
        await one.press("c", "right", "enter")
        assert [wish for name, wish in one.door.calls if name == "cancel"] == [key(0), key(1)]


@pytest.mark.parametrize(("pressed", "cancelled"), [("y", True), ("n", False), ("escape", False)])
async def test_cancel_by_key(lab: Open, pressed: str, *, cancelled: bool) -> None:
    async with lab(FakeDoor(make_jobs(1))) as one:
        await one.press("c", pressed)
        assert ("cancel" in one.door.names()) is cancelled


async def test_cancel_of_a_job_that_is_over_asks_nothing(lab: Open) -> None:
    async with lab(finished(1)) as one:
        await one.press("c")
        assert one.top is one.board
        assert "cancel: job 0001: the job is over" in one.toasts()


async def test_read_only_cancels_nothing(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(1)), read_only=True) as one:
        assert "read-only" in one.said("header")
        await one.press("c")
        assert one.top is one.board
        assert "read-only" in one.toasts()


async def test_a_refused_cancel_is_told_in_words(lab: Open) -> None:
    door = FakeDoor(make_jobs(1))
    door.refuses = JobdeckError("the vendor said no [/b]", hint="ask an admin")
    async with lab(door) as one:
        await one.press("c", "y")
        assert "the vendor said no [/b]\nask an admin" in one.toasts()


async def test_untrack_and_undo(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(3))) as one:
        await one.press("z")
        assert "nothing to bring back" in one.toasts()
        await one.press("j", "u")
        await one.tell()
        assert key(1) not in one.table.keys
        assert one.table.cursor == key(2)
        await one.press("z")
        await one.tell()
        assert one.table.keys == [key(0), key(1), key(2)]
        assert one.table.cursor == key(1)


async def test_untrack_of_several_asks(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(3))) as one:
        await one.press("space", "space", "u")
        assert one.is_open(Confirm)
        await one.press("y")
        await one.tell()
        assert one.table.keys == [key(2)]


async def test_refresh_asks_the_vendor(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(2))) as one:
        await one.press("R")
        assert one.door.calls[-1] == ("refresh", (key(0),))


async def test_run_again_asks_first(lab: Open) -> None:
    async with lab(finished(1)) as one:
        await one.press("A", "escape")
        assert "again" not in one.door.names()
        await one.press("A", "y")
        assert one.door.calls[-1] == ("again", key(1))
    async with lab(finished(1), read_only=True) as one:
        await one.press("A")
        assert one.top is one.board
        assert "again: job 0001: read-only; ! lifts that" in one.toasts()


async def test_outputs_can_be_chosen(lab: Open) -> None:
    outputs = (Output("a.zip", size=5), Output("b.zip", size=6), Output("c.zip"))
    async with lab(FakeDoor([make_job(1, JobState.SUCCEEDED, outputs=outputs)])) as one:
        await one.press("o")
        assert one.is_open(OutputsDialog)
        await one.press("space", "down", "down", "space", "d")
        await one.press("o", "down", "d")
        wished = [wish for name, wish in one.door.calls if name == "download"]
        assert wished == [(key(1), ("a.zip", "c.zip")), (key(1), ("b.zip",))]
        await one.press("o", "escape")
        assert one.top is one.board


async def test_tabs_turn_from_the_table_and_wrap_around(lab: Open) -> None:
    async with lab(demo_door()) as one:
        for tab in (*list(Tab)[1:], Tab.OVERVIEW):
            await one.press("l")
            assert one.board.detail.tab is tab
        await one.press("left")
        assert one.board.detail.tab is Tab.RAW


async def test_focus_goes_round_with_tab_and_home_with_escape(lab: Open) -> None:
    async with lab(demo_door()) as one:
        await one.press("tab")
        places = [one.board.place]
        await one.press("tab")
        assert [*places, one.board.place] == [Place.READING, Place.DOWNLOADS]
        assert "c stop" in one.said("footer")
        await one.press("escape")
        assert one.table.has_focus


async def test_a_download_is_stopped_in_its_pane(lab: Open) -> None:
    async with lab(demo_door()) as one:
        await one.press("tab", "tab", "c")
        assert one.is_open(Confirm)
        assert "194 MB of it are thrown away" in one.screen_text()
        await one.press("escape")
        assert "stop_download" not in one.door.names()
        await one.press("c", "y")
        assert one.door.calls[-1] == ("stop_download", 7)


async def test_downloads_pane_is_toggled(lab: Open) -> None:
    async with lab(demo_door()) as one:
        assert one.board.query_one("#downloads").display
        await one.press("w")
        assert not one.board.query_one("#downloads").display
        await one.press("w")
        assert one.board.query_one("#downloads").display


async def test_quit_asks_only_while_files_are_moving(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(1))) as one:
        await one.press("q")
        assert one.app.return_value == 0
        assert one.app.return_code == 0
    async with lab(demo_door()) as one:
        await one.press("q")
        assert one.is_open(Confirm)
        assert "wind-2026-03.zip" in one.screen_text()
        assert "they go on at the next start" in one.screen_text()
        await one.press("escape")
        assert one.app.is_running
        await one.press("ctrl+q", "y")
        assert one.app.return_code == 0


async def test_the_demo_promises_no_next_start(lab: Open) -> None:
    async with lab(demo_door(), demo_folder=Path("/tmp/jobdeck-demo")) as one:
        await one.press("q")
        assert "the demo forgets them" in one.screen_text()


async def test_help_is_for_this_place(lab: Open) -> None:
    async with lab(demo_door()) as one:
        await one.press("question_mark")
        assert one.is_open(HelpDialog)
        assert "In the job table" in one.screen_text()
        await one.press("escape")
        await one.press("tab", "question_mark")
        lines = one.screen_text()
        assert lines.index("In the detail") < lines.index("Everywhere on the board")
        await one.press("q")
        assert one.top is one.board


async def test_palette_lists_the_actions_and_says_why_not(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(1))) as one:
        await one.press("ctrl+p")
        await one.settle()
        text = one.screen_text()
        assert "Cancel at the vendor" in text
        assert "not now: the job still runs" in text
        await one.type("ask the vendor")
        while "Read the report" in one.screen_text():  # the search runs beside the screen
            await one.pilot.pause()
        await one.press("down", "enter")
        await one.settle()
        assert one.door.names()[-1] == "refresh"


async def test_track_by_key(lab: Open) -> None:
    async with lab(FakeDoor((), CONNECTIONS)) as one:
        await one.press("t")
        assert one.is_open(TrackDialog)


@pytest.mark.parametrize(("candidates", "text"), [(("id-7",), "id-7"), (("id-7", "id-8"), "")])
async def test_track_offers_the_one_job_that_a_lost_start_may_be(
    lab: Open, candidates: tuple[str, ...], text: str
) -> None:
    start = replace(make_job(1), outcome_unknown=True, lost=LostStart("a.B+c", candidates=candidates))
    async with lab(FakeDoor([start], CONNECTIONS)) as one:
        await one.press("t")
        dialog = one.app.screen
        assert isinstance(dialog, TrackDialog)
        assert dialog.query_one(PasteField).text == text
        assert dialog.query_one("#connection", Input).value == start.connection


async def test_keys_can_be_rebound_and_the_footer_tells_the_new_ones(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(2), CONNECTIONS), key_map={"refresh": "f5", "track": "i"}) as one:
        assert "i track" in one.said("footer")
        await one.press("f5")
        assert one.door.names()[-1] == "refresh"
        await one.press("t")
        assert one.top is one.board
        await one.press("i")
        assert one.is_open(TrackDialog)


def test_footer_keeps_help_and_quit_when_there_is_no_room() -> None:
    text = "".join(piece.text for piece in footer_line(SPECS, Keys({}), 40, lambda _: None, UNICODE))
    assert text.endswith(" ? help  q quit ")
    assert len(text) <= 40


async def test_small_screen_opens_detail_and_downloads_over_the_table(lab: Open) -> None:
    async with lab(demo_door(), SMALL) as one:
        shown = [one.board.detail.display]
        await one.press("enter")
        assert [*shown, one.board.detail.display] == [False, True]
        assert one.board.view is View.DETAIL
        assert "Esc back" in one.said("footer")
        await one.press("escape", "w")
        assert "wind-2026-03.zip" in one.screen_text()
        assert one.board.pane.has_focus
        await one.press("w")
        assert one.table.has_focus
        await one.press("enter")
        await one.pilot.resize_terminal(120, 40)
        await one.settle()
        assert one.board.query_one("#left").display
        assert one.board.detail.display


async def test_one_step_back_at_a_time(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(5))) as one:
        await one.press("slash", *"job", "enter", "space", "tab", "escape")
        told = [(bool(one.table.marks), bool(one.table.filter))]
        for _ in range(2):
            await one.press("escape")
            told.append((bool(one.table.marks), bool(one.table.filter)))
        assert told == [(True, True), (False, True), (False, False)]


async def test_a_finished_download_stays_in_the_pane(lab: Open) -> None:
    moving = Download(7, key(1), Safe("a.zip"), Path("/tmp"), DownloadState.RUNNING)
    async with lab(finished(1)) as one:
        assert not one.board.query_one("#downloads").display
        await one.tell(downloads=(moving,))
        assert one.board.query_one("#downloads").display
        assert "↓ fetching" in one.screen_text()


def test_actions_know_what_they_ask_the_engine() -> None:
    of_an_output = {Action.DOWNLOAD_NAMED}
    assert {spec.asks for spec in SPECS} - {None} == set(Action) - of_an_output


async def test_it_is_quiet_when_no_key_was_pressed_meanwhile(lab: Open) -> None:
    told: list[str] = []
    async with lab(FakeDoor(make_jobs(3)), on_quiet=lambda: told.append("quiet")) as one:
        await one.press("j")
        one.app.note_quiet()
        assert not told
        one.app.note_quiet()
        assert told == ["quiet"]
