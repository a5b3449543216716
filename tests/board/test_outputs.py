"""Choosing outputs: what is downloaded, what is handed over, and how files of a vendor come to a job."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.board.conftest import SMALL, Open
from tests.board.fakes import CONNECTIONS, OFFERS, FakeDoor, make_job
from tests.clock import START
from tui.engine.facts.jobs import FilePage
from tui.errors import JobdeckError
from tui.model import Download, DownloadState, JobKey, JobState, Output, OutputKind, Reference, Safe
from tui.screens.browse import BrowseDialog, place_of
from tui.screens.outputs import OutputsDialog
from tui.widgets.detail_outputs import outputs as outputs_text
from tui.widgets.glyphs import UNICODE
from tui.widgets.lines import Line
from tui.widgets.words import dies_text

KEY = JobKey("aps-prod:id-0001")
LINK = Output("package", OutputKind.LINK, value="fasp://host/***")
PATH = Output("log", OutputKind.PATH, value="D:\\log")


def the_door(*outputs: Output, connection: str = "aps-prod", vendor: str = "autodesk") -> FakeDoor:
    job = make_job(1, JobState.SUCCEEDED, connection=connection, vendor=vendor, outputs=outputs)
    door = FakeDoor([job], CONNECTIONS)
    door.offered = OFFERS
    door.pages = {
        None: FilePage((Output(Safe("acme-out/a.fbx"), size=5), Output(Safe("acme-out/b.fbx"))), "page 2"),
        "page 2": FilePage((Output(Safe("acme-out/c.fbx")),)),
    }
    return door


def wishes(door: FakeDoor, name: str) -> list[object]:
    return [wish for called, wish in door.calls if called == name]


def plain(lines: list[Line]) -> str:
    return "\n".join("".join(piece.text for piece in line) for line in lines)


async def test_enter_on_a_link_hands_it_over_and_never_downloads(lab: Open) -> None:
    async with lab(the_door(LINK, connection="orchestrator", vendor="aspera")) as one:
        await one.press("o")
        assert "Enter on a link hands it over" in one.screen_text()
        await one.press("space", "enter")
        assert wishes(one.door, "hand_over") == [(JobKey("orchestrator:id-0001"), "package", None)]
        assert wishes(one.door, "download") == []
        assert "handed over package: saved" in one.toasts()
        assert "fetched" not in one.screen_text()


async def test_what_came_while_the_dialog_was_open_is_here(lab: Open) -> None:
    door = the_door(Output("a.zip"))
    done = Download(1, KEY, Safe("a.zip"), Path("/dl"), DownloadState.DONE, path=Path("/dl/a.zip"))
    async with lab(door) as one:
        await one.press("o")
        await one.tell(downloads=(done,))
        await one.press("x")
        assert wishes(door, "unpack") == [(KEY, "a.zip")]
        await one.press("d")
        assert "here already. Fetch it again?" in one.screen_text()
        assert wishes(door, "download") == []


@pytest.mark.parametrize(("answer", "runs"), [("y", True), ("escape", False)])
async def test_a_program_is_run_after_a_yes(lab: Open, answer: str, *, runs: bool) -> None:
    door = the_door(LINK, connection="orchestrator", vendor="aspera")
    door.offered = tuple(replace(one, fetcher="ascli") if one.vendor == "aspera" else one for one in OFFERS)
    async with lab(door) as one:
        await one.press("o", "enter")
        assert "Fetch it with ascli?" in one.screen_text()
        assert wishes(one.door, "hand_over") == []
        await one.press(answer)
        assert bool(wishes(one.door, "hand_over")) is runs
        assert ("ascli is at work" in one.toasts()) is runs


async def test_a_refused_hand_over_is_told(lab: Open) -> None:
    door = the_door(LINK, connection="orchestrator", vendor="aspera")
    door.refuses = JobdeckError("ascp ended with 1", hint="no route")
    async with lab(door) as one:
        await one.press("o", "enter")
        assert "ascp ended with 1\nno route" in one.toasts()
        assert "handed over" not in one.toasts()


async def test_what_is_no_file_says_why(lab: Open) -> None:
    async with lab(the_door(LINK, PATH)) as one:
        await one.press("o", "d")
        assert "A link needs another program" in one.screen_text()
        await one.press("down")
        assert "Enter on a link hands it over" in one.screen_text()
        await one.press("enter")
        assert "a path on the vendor's machine" in one.screen_text()
        assert one.is_open(OutputsDialog)


async def test_a_long_name_is_whole_where_no_note_needs_the_room_and_what_is_here_says_so(lab: Open) -> None:
    name = "9273185c1517331abae6ea1695ca2279.zip"
    door = the_door(Output(name))
    async with lab(door, (60, 20)) as one:
        await one.press("o")
        assert f"[ ] {name}  " in one.screen_text()
        await one.press("escape")
        done = Download(1, KEY, Safe(name), Path("/tmp"), DownloadState.DONE)
        dying = Output(name, size=7_000_000, expires_at=START + timedelta(hours=3))
        await one.tell(replace(make_job(1, JobState.SUCCEEDED, outputs=(dying,)), downloads=(done,)))
        await one.press("o")
        assert f"[ ] {name[:30]}…  7.0 MB  fetched" in one.screen_text()


async def test_without_browsing_b_says_why_not(lab: Open) -> None:
    async with lab(the_door(LINK, connection="orchestrator", vendor="aspera")) as one:
        await one.press("o")
        assert "b looks through" not in one.screen_text()
        await one.press("b")
        assert one.is_open(OutputsDialog)
        assert "the files of aspera cannot be looked through" in one.screen_text()


async def test_browse_is_prefilled_pages_on_and_attaches(lab: Open) -> None:
    async with lab(the_door(Output("acme-out/run 7/model.fbx")), SMALL) as one:
        await one.press("o", "b")
        assert one.is_open(BrowseDialog)
        assert one.top.query_one("#place", Input).value == "acme-out/run 7"
        await one.press("enter")
        assert "There is more: m shows it" in one.screen_text()
        await one.press("space", "m")
        assert "[x] acme-out/a.fbx" in one.screen_text(), "a mark stays when more comes"
        await one.press("end", "space", "enter")
        assert wishes(one.door, "browse") == [
            ("aps-prod", "acme-out/run 7", None),
            ("aps-prod", "acme-out/run 7", "page 2"),
        ]
        assert wishes(one.door, "attach") == [(KEY, ("acme-out/a.fbx", "acme-out/c.fbx"))]
        assert one.top is one.board
        assert "attached to job 0001: acme-out/a.fbx, acme-out/c.fbx" in one.toasts()


async def test_browse_attaches_the_one_under_the_cursor(lab: Open) -> None:
    async with lab(the_door()) as one:
        await one.press("o", "b", "enter")
        assert "Name a bucket first" in one.screen_text()
        await one.press(*"acme", "enter", "down", "enter")
        assert wishes(one.door, "browse") == [("aps-prod", "acme", None)]
        assert wishes(one.door, "attach") == [(KEY, ("acme-out/b.fbx",))]


async def test_browse_tells_errors_waiting_and_emptiness(lab: Open) -> None:
    door = the_door(Output("acme-out/model.fbx"))
    async with lab(door) as one:
        await one.press("o", "b")
        door.refuses = JobdeckError("no such [bucket]", hint="look at its name")
        await one.press("enter")
        assert "no such [bucket]" in one.screen_text()
        door.refuses, door.holds, door.pages = None, True, {}
        await one.press("enter", "enter")
        assert "Looking at acme-out …" in one.screen_text()
        assert len(wishes(door, "browse")) == 2
        door.release()
        await one.settle()
        assert "There are no files at acme-out." in one.screen_text()
        await one.press("enter", "m", "escape")
        assert wishes(door, "attach") == []
        assert one.top is one.board


def test_where_a_jobs_files_lie() -> None:
    assert place_of(make_job(1)) == ""
    assert place_of(make_job(1, outputs=(LINK, Output("plain"), Output("a/b/c")))) == "a/b"
    job = make_job(1, outputs=(Output("a/b"),))
    assert place_of(replace(job, ref=Reference("x", outputs=("own/y",)))) == "own"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3 * 3600, "link dies in 3h00"),
        (299, "link dies in 4m"),
        (12, "link dies in 10s"),
        (1, "link dies in 5s"),
        (0, "link is dead"),
        (-50, "link is dead"),
    ],
)
def test_a_dying_link_is_told_in_coarse_steps(seconds: float, text: str) -> None:
    assert dies_text(START + timedelta(seconds=seconds), START) == text


async def test_the_countdown_is_shown_until_the_file_is_here(lab: Open) -> None:
    output = Output("result.zip", size=7, expires_at=START + timedelta(seconds=290))
    job = make_job(1, JobState.SUCCEEDED, connection="sourcing", vendor="jaggaer", outputs=(output,))
    assert "link dies in 4:50" in plain(outputs_text(job, START, UNICODE, 80))
    done = Download(1, job.key, Safe("result.zip"), Path("/tmp"), DownloadState.DONE, path=Path("/tmp/result.zip"))
    assert "link" not in plain(outputs_text(replace(job, downloads=(done,)), START, UNICODE, 80))
    async with lab(FakeDoor([job])) as one:
        await one.press("l", "l", "l")
        assert "link dies in 4:50" in one.screen_text()
        one.clock.jump(240)
        one.board.tick()
        await one.settle()
        assert "link dies in 0:50" in one.screen_text()
        await one.press("o")
        assert "7 B  link dies in 45s" in one.screen_text()
