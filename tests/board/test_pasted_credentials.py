"""Credentials in a pasted text: said in one line, offered to the keyring, never shown."""

from __future__ import annotations

from textual import events
from textual.widgets import Button

from tests.board.conftest import SMALL, Lab, Open
from tests.board.fakes import CONNECTIONS, FakeDoor
from tui.engine.facts.jobs import CutOff, TrackWish
from tui.errors import JobdeckError
from tui.model import Safe
from tui.screens.track import PasteField

TEXT = "https://orchestrator.example/aspera/orchestrator/api/work_order_status/7100?login=ops&password=hunter2secret"
OFFER = "Keep orchestrator/password in the keyring"


def the_door(cut: CutOff | None = None) -> FakeDoor:
    door = FakeDoor((), CONNECTIONS)
    door.cut = cut or CutOff("orchestrator", ("password",))
    return door


async def paste(lab: Lab, text: str) -> None:
    lab.app.post_message(events.Paste(text))
    await lab.settle()


def wishes(door: FakeDoor, name: str) -> list[object]:
    return [wish for called, wish in door.calls if called == name]


async def test_they_are_told_of_offered_and_kept_on_a_word(lab: Open) -> None:
    async with lab(the_door(), SMALL) as one:
        await paste(one, TEXT)
        assert "Credentials in it are cut off; they are not stored." in one.screen_text()
        assert OFFER in one.screen_text()
        assert "Enter tracks it" in one.screen_text()
        assert "hunter2secret" not in one.screen_text()
        await one.press("tab", "tab", "tab", "tab")
        assert one.top.query_one("#keep", Button).has_focus
        await one.press("enter")
        assert wishes(one.door, "keep") == [TrackWish(TEXT)]
        assert "orchestrator/password is kept in the keyring" in one.screen_text()
        assert OFFER not in one.screen_text()
        assert one.top.query_one(PasteField).has_focus
        assert "hunter2secret" not in one.screen_text()
        await one.press("enter")
        assert wishes(one.door, "track") == [TrackWish(TEXT)]


async def test_tracking_alone_keeps_nothing(lab: Open) -> None:
    async with lab(the_door()) as one:
        await one.press("t")
        assert "Credentials" not in one.screen_text()
        await paste(one, TEXT)
        assert OFFER in one.screen_text()
        await one.press("enter")
        assert wishes(one.door, "keep") == []
        assert one.top is one.board


async def test_what_cannot_be_kept_says_why(lab: Open) -> None:
    async with lab(the_door(CutOff(None, (), Safe("name the connection to keep them")))) as one:
        await paste(one, TEXT)
        assert "cut off; name the connection to keep them." in one.screen_text()
        assert "in the keyring" not in one.screen_text()
        one.door.cut = CutOff("orchestrator", ("password",))
        await one.press("tab", *"orchestrator")
        assert OFFER in one.screen_text()
        assert "name the connection" not in one.screen_text()


async def test_the_offer_goes_with_the_text(lab: Open) -> None:
    async with lab(the_door()) as one:
        await paste(one, TEXT)
        await paste(one, "7100")
        assert "Credentials" not in one.screen_text()
        assert OFFER not in one.screen_text()


async def test_a_refusal_is_told_and_can_be_tried_again(lab: Open) -> None:
    door = the_door()
    door.refuses = JobdeckError("the state folder is full", hint="make room")
    async with lab(door) as one:
        await paste(one, TEXT)
        await one.press("tab", "tab", "tab", "tab", "enter")
        assert "the state folder is full" in one.screen_text()
        assert OFFER in one.screen_text()
