"""A board that is full of naughty strings, walked through from pane to pane and from dialog to dialog, in a real pty.

It drives itself, as a Pilot does: `test_hostile.py` reads what it sends to the terminal.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from textual.pilot import Pilot

from tests.board.fakes import OFFERS, FakeDoor, ago, make_job
from tests.board.naughty import OURS, naughty_strings
from tests.clock import START, FakeClock
from tui.app import Board, BoardOptions
from tui.engine.border import inert, inert_error, inert_report
from tui.engine.facts.archives import Contents, Member
from tui.engine.facts.jobs import Changes, FilePage, Sighting
from tui.errors import AskError, JobdeckError
from tui.model import (
    Condition,
    ConnectionHealth,
    Download,
    DownloadState,
    Event,
    Job,
    JobState,
    Output,
    OutputKind,
    Problem,
    ProblemKind,
    Safe,
    Snapshot,
    Stage,
    Stat,
)
from tui.text import safe_line
from tui.widgets.detail_tabs import Tab

TEXTS = naughty_strings()
LIMIT = 120.0
"""Seconds after which the tour ends, before its test does: beside a board that crashed it would wait for ever."""


def titled(number: int, text: str) -> Job:
    """A job that its vendor calls so; what the vendor says has come over the border."""
    job = make_job(number, JobState.RUNNING if number % 2 else JobState.FAILED, status=text, notice=text)
    said: Snapshot = job.snapshot
    return replace(job, given_title=None, snapshot=inert(replace(said, title=text)))


def full() -> Job:
    """A job with every text in every place that has room for many."""
    job = make_job(9000, JobState.SUCCEEDED)
    said: Snapshot = job.snapshot
    told = replace(
        said,
        title="the full job",
        stages=tuple(Stage(text, ago(90), ago(50)) for text in OURS),
        stats=tuple(Stat(text, text) for text in OURS),
        outputs=tuple(Output(text, OutputKind.FILE if number % 2 else OutputKind.VALUE, value=text)
                      for number, text in enumerate(OURS)),
        has_report=True,
        raw="\n".join(OURS),
    )  # fmt: skip
    problem = Problem(ProblemKind.UNREACHABLE, error_text(OURS[0]), ago(9), ago(-9))
    downloads = tuple(
        Download(number, job.key, safe_line(text), Path("/tmp/x"), DownloadState.RUNNING, message=safe_line(text))
        for number, text in enumerate(OURS)
    )
    return replace(job, given_title=None, snapshot=inert(told), problem=problem, downloads=downloads)


def error_text(text: str) -> Safe:
    """A vendor's words as the board is told them when an ask went wrong."""
    return inert_error(AskError(ProblemKind.UNREACHABLE, text))


def the_door() -> FakeDoor:
    """An engine that knows nothing else."""
    job = full()
    health = [
        ConnectionHealth(f"c{number}", "autodesk", Safe("x"), Condition.DOWN, error_text(text), since=START)
        for number, text in enumerate(OURS)
    ]
    door = FakeDoor([job, *(titled(number, text) for number, text in enumerate(TEXTS))], health)
    door.offered = OFFERS
    door.report_text = inert_report("\n".join(TEXTS))
    door.events = {job.key: tuple(Event(ago(1), job.key, "state", safe_line(text)) for text in OURS)}
    door.contents = Contents(tuple(Member(n, "raw", safe_line(text), 1, 1) for n, text in enumerate(OURS)))
    door.sightings = tuple(Sighting("plant", Safe("1"), safe_line(text), ago(5), tracked=False) for text in OURS)
    door.pages = {None: FilePage(tuple(Output(safe_line(text)) for text in OURS))}
    return door


async def tour(pilot: Pilot[object]) -> None:
    """Walk through it all, but not for ever."""
    async with asyncio.timeout(LIMIT):
        await walk(pilot)


async def walk(pilot: Pilot[object]) -> None:
    """Everything that can show a vendor's words."""
    app = pilot.app
    assert isinstance(app, Board)
    board = app.board
    door = board.door
    assert isinstance(door, FakeDoor)
    while not board.table.size.height:  # not drawn yet
        await pilot.pause(0.01)
    for _ in range(0, len(TEXTS), board.table.size.height - 2):
        await pilot.press("pagedown")
    board.table.select(full().key)
    for tab in Tab:
        board.detail.open(tab)
        board.table.chosen()
        while any(worker.group == "detail" and not worker.is_finished for worker in app.workers):
            await pilot.pause()
        await pilot.pause()
        for _ in range(11 if tab is Tab.REPORT else 1):
            await pilot.press("pagedown")
    await pilot.press("escape")
    for text in OURS[:6]:
        door.tell(Changes(told=(safe_line(text),)))
        board.take_news()
    await pilot.pause()
    door.refuses = JobdeckError(safe_line(OURS[0]), hint=safe_line(OURS[1]))
    await pilot.press("d")
    door.refuses = None
    for keys in (("o", "i"), ("c",), ("u",), ("a",), ("L",), ("n",), ("t",), ("w",), ("question_mark",), ("ctrl+p",)):
        await pilot.press(*keys, "pagedown")
        await pilot.press(*("escape" for _ in keys))
    await pilot.press("slash", *"PWNED", "escape")
    board.table.drop_marks()
    await pilot.press("space", "down", "space", "c", "escape")
    app.exit(0)


def main() -> int:
    """Draw it all, then end."""
    app = Board(
        the_door(), options=BoardOptions(clock=FakeClock(), news_seconds=3600, tick_seconds=3600, follow_seconds=0)
    )
    app.run(auto_pilot=tour)
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
