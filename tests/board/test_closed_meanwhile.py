"""A dialog that was closed while its wish was under way: the wish goes on, and how it went is told on the board."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from tests.board.conftest import Lab, Open
from tests.board.fakes import CONNECTIONS, OFFERS, FakeDoor, make_job
from tests.clock import START
from tui.engine.facts.jobs import FilePage, Sighting
from tui.errors import JobdeckError
from tui.model import JobState, Output, Safe
from tui.screens.browse import BrowseDialog
from tui.screens.lately import LatelyDialog
from tui.screens.track import TrackDialog

REFUSAL = JobdeckError("the vendor does not know it", hint="look at the id")


def the_door() -> FakeDoor:
    door = FakeDoor([make_job(1, JobState.SUCCEEDED, outputs=(Output("acme/a.zip"),))], CONNECTIONS)
    door.offered = OFFERS
    door.sightings = tuple(
        Sighting("aps-prod", Safe(f"seen-{number}"), None, START, tracked=False) for number in (1, 2)
    )
    door.sent = frozenset({"track", "attach"})
    door.pages[None] = FilePage((Output(Safe("acme/b.zip")), Output(Safe("acme/c.zip"))))
    return door


async def begin_track(one: Lab) -> None:
    await one.press("t", *"abc")
    assert one.is_open(TrackDialog)
    one.door.holds = True
    await one.press("enter")


async def begin_attach(one: Lab) -> None:
    await one.press("o", "b")
    assert one.is_open(BrowseDialog)
    assert one.top.query_one("#place", Input).value == "acme"
    await one.press("enter", "space")
    one.door.holds = True
    await one.press("enter")


async def begin_lately(one: Lab) -> None:
    await one.press("L")
    assert one.is_open(LatelyDialog)
    await one.press("space", "down", "space")
    one.door.holds = True
    await one.press("enter")


BEGINNINGS = {"track": begin_track, "attach": begin_attach, "lately": begin_lately}


@pytest.mark.parametrize("what", BEGINNINGS)
async def test_an_error_is_told_on_the_board(lab: Open, what: str) -> None:
    async with lab(the_door()) as one:
        await BEGINNINGS[what](one)
        await one.press("escape")
        assert one.top is one.board
        assert "does not know it" not in one.toasts()
        one.door.refuses = REFUSAL
        one.door.release()
        await one.settle()
        assert "the vendor does not know it\nlook at the id" in one.toasts()


@pytest.mark.parametrize(
    ("what", "told"),
    [("track", "tracking abc"), ("attach", "attached to job 0001: acme/b.zip"), ("lately", "on the board: 2 jobs")],
)
async def test_success_is_told_on_the_board(lab: Open, what: str, told: str) -> None:
    async with lab(the_door()) as one:
        await BEGINNINGS[what](one)
        await one.press("escape")
        assert told not in one.toasts()
        one.door.release()
        await one.settle()
        assert told in one.toasts()
