from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from rich.console import RenderableType
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.pilot import Pilot
from textual.screen import Screen

from tests.board.fakes import FakeDoor
from tests.clock import FakeClock
from tui.app import Board, BoardOptions
from tui.engine.facts.jobs import Changes
from tui.model import Job, JobKey
from tui.screens.board import BoardScreen
from tui.widgets.status import Status
from tui.widgets.table import JobTable

SMALL, MIDDLE, WIDE = (80, 24), (120, 40), (200, 60)


class Watched(Board):
    """A test sees what it painted; its notices stay, however busy the machine is when a test comes to look."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.painted: list[tuple[int, int, int]] = []
        """What went to the terminal: line, first column, end."""

    def notify(self, message: str, **more: Any) -> None:
        super().notify(message, **{**more, "timeout": 3600})

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if isinstance(renderable, LayoutUpdate):
            region = renderable.region
            self.painted += [(y, region.x, region.right) for y in range(region.y, region.bottom)]
        elif isinstance(renderable, ChopsUpdate):
            self.painted += renderable.spans
        super()._display(screen, renderable)


@dataclass
class Lab:
    """A running board and what a test does with it."""

    app: Watched
    door: FakeDoor
    clock: FakeClock
    pilot: Pilot[Any]

    @property
    def board(self) -> BoardScreen:
        return self.app.board

    @property
    def table(self) -> JobTable:
        return self.app.board.table

    @property
    def top(self) -> Screen[Any]:
        return self.app.screen

    def is_open(self, dialog: type[Screen[Any]]) -> bool:
        """Whether such a dialog is on top."""
        return isinstance(self.app.screen, dialog)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def type(self, text: str) -> None:
        names = {" ": "space", ":": "colon", "/": "slash", ">": "greater_than_sign", '"': "quotation_mark"}
        names |= {"-": "minus", ",": "comma", ".": "full_stop"}
        await self.press(*(names.get(character, character) for character in text))

    async def settle(self) -> None:
        loading = [worker for worker in self.app.workers if worker.group.startswith("detail")]
        if loading:
            await self.app.workers.wait_for_complete(loading)
        await self.pilot.pause()
        await self.pilot.pause()

    async def tell(self, *jobs: Job, **more: Any) -> None:
        """The engine has news, and the board has painted them."""
        self.door.tell(Changes(jobs=jobs, **more))
        self.board.take_news()
        await self.settle()

    def painted_jobs(self) -> list[JobKey]:
        """The jobs whose lines went to the terminal since the last call, each time that they did."""
        first, keys, area = self.table.content_region.y + 1, self.table.keys_in_view(), self.table.content_region
        jobs = [
            keys[y - first]
            for y, x, end in self.app.painted
            if y >= first and y - first < len(keys) and x < area.right and end > area.x
        ]
        self.app.painted = []
        return jobs

    def said(self, status: str) -> str:
        """What a line around the panes says."""
        return self.board.query_one(f"#{status}", Status).plain

    def toasts(self) -> str:
        return "\n".join(one.message for one in self.app._notifications)

    def screen_text(self) -> str:
        """Everything on the screen, as text."""
        width, height = self.app.size
        lines = self.app.screen._compositor.render_strips()
        assert len(lines) == height
        return "\n".join(strip.text[:width] for strip in lines)


Open = Callable[..., AbstractAsyncContextManager[Lab]]


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same terminal wherever the tests run."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def lab() -> Open:
    @asynccontextmanager
    async def opened(
        door: FakeDoor, size: tuple[int, int] = MIDDLE, *, flush_now: bool = False, follow: float = 0, **options: Any
    ) -> AsyncIterator[Lab]:
        clock = FakeClock()
        # Nothing is painted by a timer here: `Lab.tell` flushes, a test calls `tick`.
        wait = 0.001 if flush_now else 3600
        told = BoardOptions(clock=clock, news_seconds=wait, tick_seconds=3600, follow_seconds=follow, **options)
        app = Watched(door, options=told)
        async with app.run_test(size=size, notifications=True) as pilot:
            one = Lab(app, door, clock, pilot)
            await one.settle()
            yield one

    return opened
