"""The board as it is drawn for pictures and snapshots: one morning, one moment, in several sizes and looks.

`python -m tests.make_screenshots` records all of it anew.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from pathlib import Path

from textual.pilot import Pilot

from tests.board.morning import FAILED, RUNNING, morning_door, news
from tests.clock import FakeClock
from tui.app import Board
from tui.engine.facts.jobs import Changes
from tui.screens.options import BoardOptions
from tui.widgets.detail_tabs import Tab

SNAPSHOTS = Path(__file__).parent / "snapshots"
PICTURES = Path(__file__).parents[2] / "screenshots"
RECORD = "python -m tests.make_screenshots"
_FONTS = re.compile(r"@font-face\s*\{[^}]*\}\s*")
_DEMO = Path("/tmp/jobdeck-demo")
PICTURED = ((80, 24), (120, 40), (200, 60))
SIZES = ((60, 20), *PICTURED)


class Look(Enum):
    """How a board looks; the value is its theme."""

    DARK = "jobdeck"
    LIGHT = "jobdeck-light"
    ANSI = "ansi"
    ASCII = "jobdeck-ascii"


@dataclass(frozen=True)
class Drawn:
    """One screen: its name, what stands on it, and its picture (SVG) where it has one."""

    name: str
    cells: str
    picture: str | None = None

    @property
    def snapshot(self) -> Path:
        """Where its cells are kept."""
        return SNAPSHOTS / f"{self.name}.txt"

    @property
    def widths(self) -> list[int]:
        """Cells of each line."""
        runs = self.cells.split("\n\n")[1].splitlines()
        return [sum(int(run.partition(":")[0]) for run in line.split()) for line in runs]

    @property
    def svg(self) -> Path:
        """Where its picture is kept: a dark one has the plain name."""
        return PICTURES / f"{self.name.removesuffix('-dark')}.svg"


@contextmanager
def plain_terminal() -> Iterator[None]:
    """The same terminal and the same zone wherever this runs."""
    before = dict(os.environ)
    os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "TZ": "UTC"}
    os.environ.pop("NO_COLOR", None)
    time.tzset()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        time.tzset()


async def draw_all() -> AsyncIterator[Drawn]:
    """Every screen there is. One board draws all sizes of a look, since starting it costs the most."""
    for look in Look:
        async for drawn in draw(look):
            yield drawn


async def draw(look: Look) -> AsyncIterator[Drawn]:
    """The screens of one look, from the smallest to the largest."""
    theme = "jobdeck" if look is Look.ASCII else look.value
    options = BoardOptions(
        clock=FakeClock(),
        theme=theme,
        ascii=look is Look.ASCII,
        demo_folder=_DEMO,
        news_seconds=3600,
        tick_seconds=3600,
        follow_seconds=0,
    )
    door = morning_door()
    app = Board(door, options=options)
    async with app.run_test(size=SIZES[0]) as pilot:
        door.tell(Changes(jobs=(news(),)))
        app.board.take_news()
        for width, height in SIZES:
            await pilot.resize_terminal(width, height)
            await _arrange(app, pilot, width)
            is_pictured = look in (Look.DARK, Look.LIGHT) and (width, height) in PICTURED
            picture = app.export_screenshot(title="jobdeck --demo") if is_pictured else None
            name = f"board-{width}x{height}-{look.name.lower()}"
            yield Drawn(name, cells(app), picture and _FONTS.sub("", picture))


async def _arrange(app: Board, pilot: Pilot[int], width: int) -> None:
    """What is in the foreground: the table, on wider screens a job's files, on the widest a report."""
    board = app.board
    board.table.select(RUNNING if width < 160 else FAILED)
    if width >= 100:
        board.detail.open(Tab.TIMELINE if width < 160 else Tab.REPORT)
    board.table.focus()
    await pilot.pause()
    while any(worker.group == "detail" and not worker.is_finished for worker in app.workers):
        await pilot.pause()
    await pilot.pause()


def cells(app: Board) -> str:
    """The screen as text, then the style of each run of cells, then what the styles' names stand for."""
    width, _ = app.size
    strips = [strip.crop(0, width) for strip in app.screen._compositor.render_strips()]
    styles: dict[str, str] = {}
    runs = []
    for strip in strips:
        told = []
        for style, segments in groupby(strip, key=lambda segment: str(segment.style)):
            name = hashlib.blake2s(style.encode(), digest_size=2).hexdigest()
            styles[name] = style
            told.append(f"{sum(segment.cell_length for segment in segments)}:{name}")
        runs.append(" ".join(told))
    legend = sorted(f"{name} {style}" for name, style in styles.items())
    return "\n".join([*(f"|{strip.text}|" for strip in strips), "", *runs, "", *legend, ""])
