"""Keys that come faster than the board obeys them: held down, typed ahead, sent in one piece by a slow line."""

from __future__ import annotations

from textual import events
from textual.command import CommandList

from tests.board.conftest import SMALL, Lab, Open
from tests.board.fakes import CONNECTIONS, FakeDoor, make_jobs
from tui.model import JobState
from tui.screens.arrange import OrderDialog
from tui.screens.confirm import Confirm
from tui.screens.track import TrackDialog
from tui.widgets.columns import Column


async def _at_once(one: Lab, *keys: str) -> None:
    """The terminal sends all of them before any of them is obeyed."""
    for key in keys:
        one.app.post_message(events.Key(key, key if len(key) == 1 else None))
    await one.settle()
    await one.settle()


async def test_an_action_asks_once_however_often_its_key_is_pressed(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(2)), SMALL) as one:
        for key in "cAyCt":
            await _at_once(one, key, key, key)
            assert len(one.app.screen_stack) == 2, key
            await one.press("escape")
            assert one.top is one.board, key


async def test_an_answer_that_is_given_twice_closes_one_dialog_and_is_one_answer(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(2)), SMALL) as one:
        for opens, answer in (("c", "y"), ("O", "enter"), ("C", "enter"), ("y", "i"), ("O", "escape")):
            await one.press(opens)
            assert len(one.app.screen_stack) == 2, opens
            await _at_once(one, answer, answer)
            assert one.app.screen_stack[0] is one.board, opens
            while one.top is not one.board:  # the second key may have been for the board
                await one.press("escape")
        assert one.door.names().count("cancel") == 1
        assert one.table.order.reverse


async def test_enter_twice_in_the_palette_runs_what_was_found(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(2)), SMALL) as one:
        await one.press("ctrl+p")
        await one.type("sort by any")
        while not one.top.query_one(CommandList).option_count:
            await one.pilot.pause(0.001)
        await _at_once(one, "down", "enter", "enter")
        await one.pilot.pause()
        assert one.is_open(OrderDialog)
        assert len(one.app.screen_stack) == 2


async def test_a_job_is_started_again_once(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(1, JobState.SUCCEEDED)), SMALL) as one:
        await _at_once(one, "A", "A", "y")
        await one.press("y", "escape")
        await one.press("y", "escape")
        assert one.door.names().count("again") == 1


async def test_a_yes_typed_ahead_of_its_question_is_none(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(2)), SMALL) as one:
        await _at_once(one, "c", "y")
        assert one.is_open(Confirm)
        assert "cancel" not in one.door.names()
        await one.press("y")
        assert one.top is one.board
        assert one.door.names().count("cancel") == 1


async def test_a_dialog_that_is_answered_beneath_another_closes_after_it(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(2)), SMALL) as one:
        await one.press("O")
        below = one.top
        await one.app.push_screen(Confirm("Quit?", (), yes="Quit", glyphs=one.board.glyphs))
        below.dismiss(None)
        await one.settle()
        assert one.is_open(Confirm)
        await one.press("n")
        assert one.top is one.board


async def test_keys_beneath_a_dialog_do_nothing_but_quit(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(2)), SMALL) as one:
        await one.press("c")
        await one.board.action_run("track")
        await one.settle()
        assert one.is_open(Confirm)
        assert not one.is_open(TrackDialog)
        await one.board.action_run("quit")
        await one.settle()
        assert one.app._exit


async def test_what_is_pasted_twice_asks_once(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(1), CONNECTIONS), SMALL) as one:
        for _ in range(2):
            one.app.post_message(events.Paste("https://host.example/7"))
        await one.settle()
        await one.settle()
        assert one.is_open(TrackDialog)
        assert len(one.app.screen_stack) == 2


async def test_each_action_on_a_connection_opens_one_dialog(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(2), connections=CONNECTIONS), SMALL) as one:
        await one.press("a")
        for key in "adext":
            await _at_once(one, key, key, key)
            assert len(one.app.screen_stack) == 3, key
            await one.press("escape")
            assert len(one.app.screen_stack) == 2, key


async def test_what_is_typed_ahead_of_the_filter_is_typed_into_it(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(2)), SMALL) as one:
        await _at_once(one, "slash", *"duscoq")
        assert one.board.filter_line.text == "duscoq"
        assert one.top is one.board
        assert not {"download", "untrack"} & set(one.door.names())


async def test_what_is_typed_ahead_of_a_dialog_is_for_that_dialog(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(2)), SMALL) as one:
        await _at_once(one, "C", "j", "space", "enter")
        assert one.top is one.board
        assert Column.CONNECTION not in one.table.columns
        assert not one.table.marks
        await _at_once(one, "y", "i")
        assert one.top is one.board
        assert "the id was sent" in one.toasts()
