"""`watch` on a terminal: what goes on stays in its place, what has ended stands above it, and it always fits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.test_progress import Terminal
from tests.clock import START, FakeClock, settle
from tui.cli.columns import cells
from tui.cli.live_view import LiveView
from tui.engine.board import Board
from tui.engine.next_ask import NextAsk
from tui.engine.storage.store import Store
from tui.errors import AskError
from tui.model import Job, JobKey, JobState, ProblemKind, Reference, Snapshot


def plan(job: Job) -> NextAsk:
    return NextAsk(at=START + timedelta(hours=9), fresh_until=START + timedelta(hours=9))


@dataclass
class Stage:
    """A board with three jobs, watched on a terminal of a size that can change."""

    board: Board
    clock: FakeClock
    terminal: Terminal
    view: LiveView
    keys: list[JobKey]
    size: list[int]

    async def say(self, number: int, state: JobState, **more: str) -> Job:
        said = Snapshot(state=state, vendor_status=f"{state}!", title=f"nightly {number}", **more)  # type: ignore[arg-type]
        await self.board.answered(self.keys[number], said, plan)
        job = self.board.jobs[self.keys[number]]
        self.view.change(job)
        if state.is_over:
            self.view.end(job)
        return job


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")


@asynccontextmanager
async def stage(folder: Path, columns: int = 100, lines: int = 24, jobs: int = 3) -> AsyncIterator[Stage]:
    clock, terminal, size = FakeClock(), Terminal(), [columns, lines]
    store = Store(folder / "board.sqlite")
    board = Board(store, clock)
    await board.add([Job("plant", "octoplant", Reference(f"{number:08}-aa"), START) for number in range(jobs)], "x")
    keys = sorted(board.jobs)
    view = LiveView(board, frozenset(keys), clock, stream=terminal, size=lambda: (size[0], size[1]), glyphs="unicode")
    with view.follow():
        await settle()
        yield Stage(board, clock, terminal, view, keys, size)
    await store.close()


async def test_what_goes_on_and_what_has_ended(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        assert on.terminal.screen()[0].split() == ["STATE", "KEY", "AGE", "SEEN"]
        await on.say(0, JobState.RUNNING, notice="half way")
        await on.say(1, JobState.WAITING)
        await on.say(2, JobState.SUCCEEDED)
        screen = on.terminal.screen()
    assert screen[0].endswith("Z  plant:00000002-aa  nightly 2  succeeded (succeeded!)")
    assert screen[1].startswith("STATE")
    assert screen[2].split()[:2] == ["running", "plant:00000000-aa"]
    assert screen[2].endswith("half way")
    assert screen[3].split()[:2] == ["waiting", "plant:00000001-aa"]
    assert screen[4] == "1 running, 1 waiting, 1 over"


async def test_the_last_picture_stays_when_the_time_is_up(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        await on.say(0, JobState.RUNNING)
    assert on.terminal.screen()[-1] == "1 running, 2 unknown"


async def test_nothing_is_left_when_all_are_over(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        for number in range(3):
            await on.say(number, JobState.SUCCEEDED)
    screen = on.terminal.screen()
    assert len(screen) == 3
    assert all("succeeded" in line for line in screen)


async def test_a_second_in_which_nothing_happens_sends_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        await on.say(0, JobState.RUNNING)
        before = len(on.terminal.getvalue())
        await on.clock.advance(3)
        assert len(on.terminal.getvalue()) == before
        on.clock.jump(3600)
        await settle()
        assert len(on.terminal.getvalue()) > before


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 200])
async def test_every_width_and_height_is_kept(tmp_path: Path, columns: int) -> None:
    async with stage(tmp_path, columns=columns, lines=10, jobs=30) as on:
        for number in range(0, 30, 3):
            await on.say(number, JobState.RUNNING, notice="夜間バックアップ" * 9)
        on.size[:] = [columns, 8]
        await on.say(4, JobState.WAITING)
        screen = on.terminal.screen()
        assert all(cells(line) < columns for line in screen)
        assert len(screen) < 8
        assert screen[-2].endswith(" more")


async def test_colours_only_where_they_are_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for no_color, wanted in (("", True), ("1", False)):
        monkeypatch.setenv("NO_COLOR", no_color)
        (tmp_path / no_color).mkdir(exist_ok=True)
        async with stage(tmp_path / no_color) as on:
            await on.say(0, JobState.RUNNING)
            error = AskError(ProblemKind.UNREACHABLE, "no answer")
            await on.board.failed(on.keys[1], error, on.clock.now())
            on.view.change(on.board.jobs[on.keys[1]])
            sent = on.terminal.getvalue()
            assert ("\x1b[36mrunning\x1b[0m" in sent, "\x1b[31mno answer\x1b[0m" in sent) == (wanted, wanted)
            assert ("m" in {part[-1] for part in sent.split("\x1b[")[1:] for part in [part[:2]]}) is wanted


async def test_an_interrupt_leaves_no_task_behind(tmp_path: Path) -> None:
    async with stage(tmp_path):
        assert "live view" in {task.get_name() for task in asyncio.all_tasks()}
    await settle()
    assert "live view" not in {task.get_name() for task in asyncio.all_tasks()}
