"""The bell: a job that has just ended, and a result that is about to die, each once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.board.conftest import Open
from tests.board.fakes import FakeDoor, make_job
from tests.clock import START
from tui.model import Download, DownloadState, JobState, Output
from tui.screens.telling import Teller

RUNNING = make_job(1)
DONE = make_job(1, JobState.SUCCEEDED)


def dying(seconds: float, downloads: tuple[Download, ...] = ()) -> list[object]:
    output = Output("bids.zip", expires_at=START + timedelta(seconds=seconds))
    job = make_job(2, JobState.SUCCEEDED, outputs=(output,), downloads=downloads)
    return [one.key for one in Teller().dying([job], START)]


@pytest.mark.parametrize("end", [JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED])
def test_an_end_is_told_once(end: JobState) -> None:
    teller = Teller()
    over = make_job(1, end)
    assert teller.ended([RUNNING]) == ()
    assert teller.ended([over]) == (over,)
    assert teller.ended([over]) == ()


def test_what_was_over_when_it_came_is_no_news() -> None:
    teller = Teller()
    assert teller.ended([DONE]) == ()
    assert teller.ended([make_job(2, JobState.UNKNOWN)]) == ()
    assert teller.ended([make_job(2, JobState.SUCCEEDED)]) == ()


@pytest.mark.parametrize(("seconds", "told"), [(-1, 0), (60, 1), (119, 1), (121, 0), (86_400, 0)])
def test_a_dying_result_is_told_in_its_last_two_minutes(seconds: float, told: int) -> None:
    assert len(dying(seconds)) == told


@pytest.mark.parametrize(
    ("state", "told"), [(DownloadState.DONE, 0), (DownloadState.RUNNING, 0), (DownloadState.FAILED, 1)]
)
def test_a_result_that_is_fetched_or_on_its_way_needs_no_shout(state: DownloadState, told: int) -> None:
    download = Download(1, DONE.key, "bids.zip", folder=Path("x"), state=state)
    assert len(dying(60, (download,))) == told


async def test_the_board_rings(lab: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    async with lab(FakeDoor([RUNNING])) as one:
        rung: list[int] = []
        monkeypatch.setattr(one.app, "bell", lambda: rung.append(1))
        await one.tell(DONE)
        await one.tell(replace(DONE, given_title="again"))
        assert len(rung) == 1


async def test_the_board_keeps_quiet_when_told_to(lab: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    async with lab(FakeDoor([RUNNING]), bell=False) as one:
        rung: list[int] = []
        monkeypatch.setattr(one.app, "bell", lambda: rung.append(1))
        await one.tell(DONE)
        assert rung == []
