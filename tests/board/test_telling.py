"""The bell and the desktop: a job that has just ended, and a result that is about to die, each once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.board.conftest import SMALL, Open
from tests.board.fakes import FakeDoor, make_job, make_jobs
from tests.clock import START
from tui.config import Notify
from tui.config.quiet_hours import QuietHours
from tui.model import Download, DownloadState, JobState, Output, Safe
from tui.screens.desktop import Desktop, Way
from tui.screens.telling import dying

RUNNING = make_job(1)
DONE = make_job(1, JobState.SUCCEEDED)


def told_dying(seconds: float, downloads: tuple[Download, ...] = ()) -> int:
    output = Output("bids.zip", expires_at=START + timedelta(seconds=seconds))
    job = make_job(2, JobState.SUCCEEDED, outputs=(output,), downloads=downloads)
    return len(dying([job], START))


@pytest.mark.parametrize(("seconds", "told"), [(-1, 0), (60, 1), (119, 1), (121, 0), (86_400, 0)])
def test_a_dying_result_is_told_in_its_last_two_minutes(seconds: float, told: int) -> None:
    assert told_dying(seconds) == told


@pytest.mark.parametrize(
    ("state", "told"), [(DownloadState.DONE, 0), (DownloadState.RUNNING, 0), (DownloadState.FAILED, 1)]
)
def test_a_result_that_is_fetched_or_on_its_way_needs_no_shout(state: DownloadState, told: int) -> None:
    download = Download(1, DONE.key, Safe("bids.zip"), folder=Path("x"), state=state)
    assert told_dying(60, (download,)) == told


def test_one_file_that_is_here_does_not_hush_the_other() -> None:
    dies = START + timedelta(seconds=60)
    outputs = (Output("a.zip", expires_at=dies), Output("b.zip", expires_at=dies))
    here = Download(1, DONE.key, Safe("a.zip"), folder=Path("x"), state=DownloadState.DONE)
    coming = replace(here, id=2, output=Safe("b.zip"), state=DownloadState.RUNNING)
    job = make_job(2, JobState.SUCCEEDED, outputs=outputs, downloads=(here,))
    assert dying([job], START) == (job,)
    assert dying([replace(job, downloads=(here, coming))], START) == ()


def test_what_is_fetched_by_name_only_is_not_shouted_about() -> None:
    debug = Output("debug.zip", expires_at=START + timedelta(seconds=60), only_by_name=True)
    assert dying([make_job(2, JobState.SUCCEEDED, outputs=(debug,))], START) == ()


async def on_desktop() -> Desktop | None:
    return Desktop(Way.OSC_777)


class Terminal:
    """What a terminal hears: bells, and all that is no part of the screen."""

    def __init__(self) -> None:
        self.rung = 0
        self.sent: list[str] = []

    def ring(self) -> None:
        self.rung += 1

    def options(self, **more: Any) -> dict[str, Any]:
        return {"desktop": on_desktop, "send": self.sent.append, "gather_seconds": 3600.0} | more


async def test_an_end_rings_once_and_is_shown_on_the_desktop(lab: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Terminal()
    async with lab(FakeDoor([RUNNING]), SMALL, **heard.options()) as one:
        monkeypatch.setattr(one.app, "bell", heard.ring)
        await one.tell(DONE)
        await one.tell(replace(DONE, given_title=Safe("again")))
        await one.board.teller.show()
        assert heard.rung == 1
        assert heard.sent == ["\x1b]777;notify;job 0001;succeeded (aps-prod)\x1b\\"]


async def test_many_ends_are_one_bell_and_one_notice(lab: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Terminal()
    async with lab(FakeDoor(make_jobs(5)), SMALL, **heard.options()) as one:
        monkeypatch.setattr(one.app, "bell", heard.ring)
        await one.tell(*make_jobs(3, JobState.SUCCEEDED))
        await one.tell(make_job(3, JobState.FAILED), make_job(4, JobState.SUCCEEDED))
        await one.board.teller.show()
        assert heard.rung == 1
        assert heard.sent == ["\x1b]777;notify;5 jobs are over;1 failed, 4 succeeded (aps-prod)\x1b\\"]


@pytest.mark.parametrize(
    ("notify", "rung", "shown"),
    [
        (Notify(bell=False), 0, 1),
        (Notify(quiet=QuietHours(START.astimezone().time(), (START + timedelta(hours=1)).astimezone().time())), 0, 0),
    ],
    ids=["no bell", "quiet hours"],
)
async def test_what_is_not_wanted_is_not_told(
    lab: Open, monkeypatch: pytest.MonkeyPatch, notify: Notify, rung: int, shown: int
) -> None:
    heard = Terminal()
    async with lab(FakeDoor([RUNNING]), SMALL, **heard.options(notify=notify)) as one:
        monkeypatch.setattr(one.app, "bell", heard.ring)
        await one.tell(DONE)
        await one.board.teller.show()
        assert (heard.rung, len(heard.sent)) == (rung, shown)


async def test_a_job_with_an_alert_has_a_sign_and_is_told_of(lab: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Terminal()
    async with lab(FakeDoor(make_jobs(2)), SMALL, **heard.options(notify=Notify(when="alert"))) as one:
        monkeypatch.setattr(one.app, "bell", heard.ring)
        plain = one.screen_text()
        await one.press("b")
        await one.tell()
        assert one.door.calls[-1] == ("set_alert", ((make_job(0).key,), True))
        assert "alert on for job 0000: the end is told" in one.toasts()
        assert one.screen_text() != plain
        await one.tell(replace(make_job(0, JobState.FAILED), alert=True), make_job(1, JobState.FAILED))
        await one.board.teller.show()
        assert heard.sent == ["\x1b]777;notify;job 0000;failed (aps-prod)\x1b\\"]
        await one.tell(make_job(0, JobState.FAILED))
        await one.press("b")
        assert "alert: the job is over" in one.toasts()
        await one.tell(*make_jobs(2))
        await one.press("space", "space", "b")
        await one.tell()
        await one.press("b")
        assert [wish for name, wish in one.door.calls if name == "set_alert"][1:] == [
            (tuple(job.key for job in make_jobs(2)), True),
            (tuple(job.key for job in make_jobs(2)), False),
        ]


async def test_the_window_has_the_totals_as_its_title_and_gets_its_own_back(lab: Open) -> None:
    heard = Terminal()
    async with lab(FakeDoor(make_jobs(2)), SMALL, **heard.options(desktop=None, window_title=True)) as one:
        assert heard.sent == ["\x1b[22;0t\x1b]2;jobdeck: 2 running\x1b\\"]
        await one.tell(make_job(1, title="\x1b]2;evil\x07"))
        one.board.say()
        assert len(heard.sent) == 1
        await one.tell(make_job(1, JobState.FAILED))
        assert heard.sent[1:] == ["\x1b]2;jobdeck: 1 failed, 1 running\x1b\\"]
    assert heard.sent[-1] == "\x1b[23;0t"


async def test_a_last_call_rings_and_is_shown_once(lab: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Terminal()
    output = Output("bids.zip", expires_at=START + timedelta(seconds=60))
    over = [make_job(number, JobState.SUCCEEDED, outputs=(output,)) for number in (1, 2)]
    async with lab(FakeDoor(), SMALL, **heard.options()) as one:
        monkeypatch.setattr(one.app, "bell", heard.ring)
        await one.tell(*over)
        for _ in range(2):
            one.board.tick()
            await one.app.workers.wait_for_complete()
        assert heard.rung == 1
        assert heard.sent == ["\x1b]777;notify;2 jobs;result dies soon, fetch it now (aps-prod)\x1b\\"]
        assert "job 0001: its result dies soon" in one.toasts()
