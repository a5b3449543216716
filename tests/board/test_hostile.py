"""Whatever a vendor calls its jobs: nothing is markup, nothing crashes, nothing escapes to the terminal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.board.conftest import MIDDLE, SMALL, WIDE, Open
from tests.board.fakes import FakeDoor, ago, make_job
from tui.errors import JobdeckError
from tui.model import (
    Condition,
    ConnectionHealth,
    Download,
    DownloadState,
    Event,
    Job,
    JobState,
    Output,
    Problem,
    ProblemKind,
    Stage,
    Stat,
)
from tui.text import safe_line
from tui.widgets.detail import Tab

NAMES = [
    "job [/nope] failed",
    "[@click=app.pwn]x[/]",
    "[link=https://evil.example]y[/link]",
    "[bold red]loud",
    safe_line("esc \x1b[31m csi \x9b31m osc \x1b]52;c;aGk=\x07"),
    "夜間バックアップ検証 👩‍👩‍👧 é é ﷽",
    "\\[x] {y} %s $z",
    " ",
]


def hostile_job(name: str, number: int = 1) -> Job:
    key = make_job(number).key
    download = Download(number, key, name, Path("/tmp") / "x", DownloadState.RUNNING, message=name)
    job = make_job(
        number,
        JobState.SUCCEEDED,
        title=name,
        status=name,
        notice=name,
        stages=(Stage(name, ago(10), ago(5)),),
        stats=(Stat(name, name),),
        outputs=(Output(name), Output(name + "2", value=name)),
        has_report=True,
        raw=name,
    )
    problem = Problem(ProblemKind.UNREACHABLE, name, ago(9), ago(-9))
    return replace(job, problem=problem, downloads=(download,))


@pytest.mark.parametrize("size", [MIDDLE, SMALL, WIDE])
async def test_hostile_names_are_harmless_everywhere(lab: Open, size: tuple[int, int]) -> None:
    jobs = [hostile_job(name, number) for number, name in enumerate(NAMES)]
    health = [ConnectionHealth(name, "autodesk", name, Condition.DOWN, name) for name in NAMES]
    door = FakeDoor(jobs, health)
    door.report_text = "\n".join(NAMES)
    door.events = {job.key: (Event(ago(1), job.key, "state", job.title),) for job in jobs}
    async with lab(door, size) as one:
        if size == SMALL:
            await one.press("enter")
        for job in jobs if size == MIDDLE else jobs[::4]:  # each name is in the table anyway
            one.table.select(job.key)
            for _ in Tab:
                await one.press("l")
        await one.press("escape")
        door.refuses = JobdeckError(NAMES[0], hint=NAMES[1])
        await one.press("d", "t", *"x", "enter", "escape", "o", "escape", "q", "escape", "ctrl+p", "escape")
        assert one.app.is_running
        text = one.screen_text()
        assert not any(ord(character) < 32 and character != "\n" for character in text)
        assert not any(0x7F <= ord(character) < 0xA0 for character in text)


async def test_brackets_are_shown_as_they_are(lab: Open) -> None:
    async with lab(FakeDoor([hostile_job("[@click=app.pwn]x[/]")]), WIDE) as one:
        assert "[@click=app.pwn]x[/]" in one.screen_text()
        await one.press("d")
        await one.pilot.pause()
        assert "queued: [@click=app.pwn]x[/]" in one.toasts()


@pytest.mark.parametrize("size", [(20, 5), (1, 1), (40, 10), (300, 100)])
async def test_any_size_is_survived(lab: Open, size: tuple[int, int]) -> None:
    async with lab(FakeDoor([hostile_job("夜間バックアップ検証")]), size) as one:
        await one.press("t", "escape", "enter", "escape", "w", "question_mark", "escape")
        assert one.app.is_running
