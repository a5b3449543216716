"""The downloads pane: what its lines say at each width, its order, and its keys."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.board.conftest import SMALL, Lab, Open
from tests.board.demo import demo_door
from tests.board.fakes import FOLDER, FakeDoor, make_job
from tests.clock import START
from tui.engine.facts.jobs import Queued
from tui.errors import DownloadError
from tui.model import Download, DownloadState, JobKey, JobState, Output, Safe, Verified
from tui.screens.confirm import Confirm
from tui.widgets.actions import BY_NAME
from tui.widgets.detail_outputs import outputs as outputs_text
from tui.widgets.detail_tabs import Tab
from tui.widgets.download_line import download_line
from tui.widgets.glyphs import ASCII, UNICODE, Glyphs
from tui.widgets.lines import width_of

KEY = JobKey("aps-prod:id-0001")
MOVING = Download(
    1,
    KEY,
    Safe("wind-2026-03.zip"),
    FOLDER,
    DownloadState.RUNNING,
    bytes=194_000_000,
    size=312_000_000,
    attempts=4,
    renewals=1,
    streams=4,
    speed=41_234_567.0,
)
FULL = "the disk of /home/ops/Downloads/jobdeck is full: 118 MB are missing; make room, then go on with it"


def a_download(number: int, state: DownloadState, **more: object) -> Download:
    return replace(MOVING, id=number, output=f"file-{number}.zip", state=state, **more)  # type: ignore[arg-type]


def text_of(one: Download, width: int, glyphs: Glyphs = UNICODE, place: int = 0) -> str:
    line = download_line(one, width, glyphs, place)
    assert width_of(line) <= width
    return "".join(piece.text for piece in line)


def test_a_narrow_line_tells_how_far_how_fast_how_long_and_how_much() -> None:
    assert text_of(MOVING, 80) == " ↓ wind-2026-03.zip  ━━━━────  62%   41 MB/s     0:03      194/312 MB  4 ranges"


def test_a_wide_line_tells_the_rest_too() -> None:
    assert text_of(MOVING, 120).endswith("4 ranges  1 renewal  try 3")


@pytest.mark.parametrize("width", [30, 40, 50, 60, 70, 80, 100, 120, 160, 200])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_what_has_no_room_is_dropped_whole(width: int, glyphs: Glyphs) -> None:
    text = text_of(MOVING, width, glyphs)
    for whole in ("41 MB/s", "0:03", "194/312 MB", "4 ranges", "1 renewal", "try 3"):
        assert whole in text or whole[:3] not in text.partition("zip")[2]
    assert "62%" in text


@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize("state", [DownloadState.PAUSED, DownloadState.FAILED])
def test_the_missing_amount_is_told_at_any_width(width: int, state: DownloadState) -> None:
    text = text_of(a_download(1, state, message=FULL), width)
    assert "is full: 118 MB are missing" in text
    assert ("62%  paused: the disk" in text) == (state is DownloadState.PAUSED)


def test_what_stands_says_why() -> None:
    assert text_of(a_download(1, DownloadState.PAUSED), 80).endswith("62%  paused")
    assert text_of(a_download(1, DownloadState.QUEUED), 80, place=3).endswith("  3rd in the queue")
    assert text_of(a_download(1, DownloadState.QUEUED), 80, place=1).endswith("  next in the queue")
    waits = a_download(1, DownloadState.RUNNING, message="the vendor answered 503; tries again in 12s", speed=None)
    assert "62%  the vendor answered 503; tries again in 12s" in text_of(waits, 80)


def test_an_unknown_size_has_no_percentage() -> None:
    text = text_of(replace(MOVING, size=None), 80)
    assert "%" not in text
    assert "194 MB" in text


def test_a_finished_line_ends_with_the_end_of_its_path() -> None:
    path = Path("/srv/results") / ("夜間バックアップ" * 6) / "out.zip"
    done = a_download(1, DownloadState.DONE, path=path, verified=Verified.SHA1)
    assert text_of(done, 80).endswith("ップ/out.zip")
    assert "312 MB  sha1 checked  …" in text_of(replace(done, bytes=312_000_000), 80)


def test_figures_stand_while_the_speed_trembles() -> None:
    lines = {text_of(replace(MOVING, bytes=0, speed=41_000_000.0 + at * 9000), 120) for at in range(20)}
    assert len(lines) == 1


def test_the_detail_tells_everything() -> None:
    job = make_job(1, JobState.SUCCEEDED, outputs=(Output("wind-2026-03.zip"),))
    one = replace(MOVING, resumed_from=20_000_000, message=Safe("a new link is asked for"))
    lines = outputs_text(replace(job, downloads=(one,)), START, UNICODE, 200)
    text = "\n".join("".join(piece.text for piece in line) for line in lines)
    for part in ("running, 62%, 194/312 MB, 41 MB/s, 0:03 left, 4 ranges, 1 renewal, try 3", "went on at 20.0 MB"):
        assert part in text
    assert f"a new link is asked for, to {FOLDER}" in text


# ── the pane on the board ──


def order_of(one: Lab) -> list[int]:
    return list(one.board.pane.keys)


async def test_the_queue_stands_in_its_order_and_what_is_over_below(lab: Open) -> None:
    async with lab(FakeDoor([make_job(1)])) as one:
        queued, running = DownloadState.QUEUED, DownloadState.RUNNING
        told = [a_download(number, queued) for number in (3, 4, 5)]
        told += [a_download(2, running), a_download(6, DownloadState.PAUSED), a_download(1, DownloadState.QUEUED)]
        await one.tell(downloads=tuple(told))
        assert order_of(one) == [2, 1, 3, 4, 5, 6]
        await one.tell(downloads=(a_download(5, queued, priority=1), a_download(2, DownloadState.FAILED)))
        assert order_of(one) == [5, 1, 3, 4, 6, 2]
        lines = one.screen_text()
        assert re.search("file-5.zip +next in the queue", lines)
        assert re.search("file-4.zip +4th in the queue", lines)
        assert "Downloads  4 under way  1 paused" in lines
        assert "‖ 1 paused" in one.said("header")


@pytest.mark.parametrize(
    ("key", "state", "call"),
    [
        ("p", DownloadState.RUNNING, "pause_download"),
        ("p", DownloadState.QUEUED, "pause_download"),
        ("p", DownloadState.PAUSED, "resume_download"),
        ("R", DownloadState.FAILED, "resume_download"),
        ("R", DownloadState.CANCELLED, "resume_download"),
        ("plus", DownloadState.QUEUED, "hurry_download"),
    ],
)
async def test_keys_of_the_pane(lab: Open, key: str, state: DownloadState, call: str) -> None:
    async with lab(FakeDoor([make_job(1)])) as one:
        await one.tell(downloads=(a_download(7, state),)) if not state.is_over else None
        if state.is_over:
            await one.tell(downloads=(a_download(7, DownloadState.RUNNING),))
            await one.tell(downloads=(a_download(7, state),))
        one.board.pane.focus()
        await one.press(key)
        assert one.door.calls[-1] == (call, 7)


@pytest.mark.parametrize(
    ("key", "state", "why"),
    [
        ("p", DownloadState.FAILED, "pause: it is over: try it again instead"),
        ("R", DownloadState.RUNNING, "retry: it is under way"),
        ("plus", DownloadState.RUNNING, "hurry: it does not wait in the queue"),
        ("c", DownloadState.DONE, "stop: it is here already"),
    ],
)
async def test_keys_of_the_pane_say_why_not(lab: Open, key: str, state: DownloadState, why: str) -> None:
    async with lab(FakeDoor([make_job(1)])) as one:
        await one.tell(downloads=(a_download(7, DownloadState.RUNNING),))
        await one.tell(downloads=(a_download(7, state),))
        one.board.pane.focus()
        await one.press(key)
        assert why in one.toasts()
        assert not [name for name in one.door.names() if name.endswith("_download")]


async def test_what_is_waiting_is_stopped_without_a_question(lab: Open) -> None:
    async with lab(FakeDoor([make_job(1)])) as one:
        await one.tell(downloads=(a_download(7, DownloadState.QUEUED, bytes=0),))
        one.board.pane.focus()
        await one.press("c")
        assert one.door.calls[-1] == ("stop_download", 7)


async def test_without_a_download_the_palette_says_so(lab: Open) -> None:
    async with lab(FakeDoor([make_job(1)])) as one:
        assert one.board.reason(BY_NAME["pause_download"]) == "no download is chosen"


async def test_enter_goes_to_the_job_and_its_outputs(lab: Open) -> None:
    async with lab(FakeDoor([make_job(2), make_job(1)]), SMALL) as one:
        await one.tell(downloads=(a_download(7, DownloadState.RUNNING),))
        await one.press("w", "enter")
        assert one.table.cursor == KEY
        assert one.board.detail.tab is Tab.OUTPUTS
        assert one.board.detail.display
        await one.press("escape", "slash", *"0002", "enter", "w", "enter")
        assert "open: its job is hidden by the filter" in one.toasts()


async def test_a_paused_file_does_not_hold_up_the_end(lab: Open) -> None:
    async with lab(FakeDoor([make_job(1)])) as one:
        await one.tell(downloads=(a_download(7, DownloadState.PAUSED),))
        await one.press("q")
        assert not one.is_open(Confirm)
        assert one.app.return_code == 0


@pytest.mark.parametrize(
    ("queued", "said"),
    [
        (Queued(3, 2), "queued 3 files of 2 jobs"),
        (Queued(1, 1, 1), "queued 1 file of 1 job; 1 job cannot be fetched from"),
        (Queued(0, 0), "every result is here, or on its way"),
    ],
)
async def test_all_finished_at_one_key(lab: Open, queued: Queued, said: str) -> None:
    door = demo_door()
    door.queued = queued
    async with lab(door) as one:
        await one.press("D")
        assert door.names()[-1] == "download_finished"
        assert said in one.toasts()


async def test_a_refusal_is_told(lab: Open) -> None:
    door = FakeDoor([make_job(1)])
    door.refuses = DownloadError("file-7.zip is fetched by another program", hint="look there")
    async with lab(door) as one:
        await one.tell(downloads=(a_download(7, DownloadState.PAUSED),))
        one.board.pane.focus()
        await one.press("p")
        assert "is fetched by another program" in one.toasts()


async def test_what_went_wrong_behind_the_board_is_told(lab: Open) -> None:
    async with lab(FakeDoor([make_job(1)])) as one:
        await one.tell(told=("out.zip: cp ended with 1: [bold]No space",))
        assert "out.zip: cp ended with 1: [bold]No space" in one.toasts()


async def test_what_moves_stays_in_sight_while_nobody_is_in_the_pane(lab: Open) -> None:
    async with lab(FakeDoor([make_job(1)])) as one:
        await one.tell(downloads=tuple(a_download(number, DownloadState.RUNNING) for number in range(9)))
        for number in range(8):
            await one.tell(downloads=(a_download(number, DownloadState.DONE),))
        assert order_of(one)[0] == 8
        assert "file-8.zip" in one.screen_text()
        one.board.pane.focus()
        await one.tell(downloads=(a_download(8, DownloadState.DONE), a_download(9, DownloadState.RUNNING)))
        assert one.board.pane.cursor == 9, "who only watches sees what moves"
        await one.press("j", "j")
        place = one.board.pane.cursor
        await one.tell(downloads=(a_download(9, DownloadState.FAILED),))
        assert one.board.pane.cursor == place
        one.table.focus()
        await one.settle()
        await one.tell(downloads=(a_download(10, DownloadState.RUNNING),))
        assert one.board.pane.cursor == 10


async def test_what_failed_stands_above_what_is_done_and_is_counted_until_it_is_tried_again(lab: Open) -> None:
    files = [a_download(number, DownloadState.RUNNING) for number in (1, 2)]
    async with lab(FakeDoor([make_job(1)])) as one:
        await one.tell(downloads=tuple(files))
        await one.tell(downloads=(replace(files[0], state=DownloadState.FAILED),))
        await one.tell(downloads=(replace(files[1], state=DownloadState.DONE),))
        assert list(one.board.pane.keys) == [1, 2]
        assert "Downloads  1 failed" in one.said("downloads-title")
        await one.tell(downloads=(replace(files[0], id=3),))
        assert "failed" not in one.said("downloads-title")


async def test_what_is_here_already_is_fetched_again_only_after_a_yes(lab: Open) -> None:
    there, done = Output(MOVING.output), replace(MOVING, state=DownloadState.DONE)
    here = replace(make_job(1, JobState.SUCCEEDED, outputs=(there,)), downloads=(done,))
    other = make_job(2, JobState.SUCCEEDED, outputs=(there,))
    async with lab(FakeDoor([here, other]), SMALL) as one:
        one.table.select(here.key)
        await one.press("d")
        assert one.is_open(Confirm)
        assert "here already. Fetch it again?" in one.screen_text()
        await one.press("y", "g", "space", "space", "d", "n")
        asked = [call for call in one.door.calls if call[0] == "download"]
        assert asked == [("download", (here.key, ())), ("download", (other.key, ()))]


async def test_of_a_job_that_is_here_in_part_the_rest_is_fetched(lab: Open) -> None:
    done = replace(MOVING, state=DownloadState.DONE)
    files = (Output(MOVING.output), Output("rest.zip"))
    job = replace(make_job(1, JobState.SUCCEEDED, outputs=files), downloads=(done,))
    async with lab(FakeDoor([job])) as one:
        await one.press("d")
        assert ("download", (job.key, ("rest.zip",))) in one.door.calls
        assert not one.is_open(Confirm)
