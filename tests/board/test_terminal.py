"""The bytes that a real terminal gets."""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import pytest
from textual.app import App
from textual.widgets import Input

from tests.board.conftest import Open
from tests.board.demo import demo_door
from tests.board.fakes import FakeDoor, make_jobs
from tui.app import Board, BoardOptions

ROOT = Path(__file__).parents[2]
SGR = re.compile(rb"\x1b\[([\d;:]*)m")
ALLOWED = {b"", b"0", b"1", b"2", b"4", b"7", b"22", b"24", b"27"}
"""Reset, bold, dim, underline, reverse, and their ends."""
PATIENCE = 30.0


class Terminal:
    """A board in a pseudo-terminal."""

    def __init__(self, *arguments: str, size: tuple[int, int] = (120, 40), **environment: str) -> None:
        self.data = b""
        self._main, side = os.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.board.pty_board", *arguments],
            cwd=ROOT,
            env={"LANG": "C.UTF-8", **kept, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **environment},
            stdin=side,
            stdout=side,
            stderr=side,
            start_new_session=True,
        )
        os.close(side)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._main)

    def until(self, text: str) -> None:
        """Read until the text was sent."""
        end = time.monotonic() + PATIENCE
        while text.encode() not in self.data:
            assert time.monotonic() < end, f"never saw {text!r} in {self.data[-2000:]!r}"
            assert self._read(), f"ended before {text!r}: {self.data[-2000:]!r}"

    def press(self, keys: str) -> None:
        """Type keys; what is read from now on is what came after them."""
        self.data = b""
        os.write(self._main, keys.encode())

    def ended(self) -> int:
        """Read to the end; the exit code."""
        while self._read():
            pass
        return self._process.wait(PATIENCE)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._main], [], [], PATIENCE)
        if not ready:
            return False
        try:
            more = os.read(self._main, 65536)
        except OSError:  # Linux says EIO when the other side is closed
            return False
        self.data += more
        return bool(more)


@pytest.fixture
def sequences() -> Iterator[list[bytes]]:
    """All styles that a test's terminals were sent; none may name a colour."""
    seen: list[bytes] = []
    yield seen
    assert seen
    assert {part for style in seen for part in re.split(rb"[;:]", style)} <= ALLOWED


@pytest.mark.parametrize(
    ("theme", "terminal"), [("jobdeck", "xterm-256color"), ("ansi", "xterm-256color"), ("jobdeck", "xterm")]
)
@pytest.mark.parametrize(
    "steps",
    [
        # Escape is left out: with a key right behind it a terminal program sees Alt and that key.
        ((" ", "order held"), ("d", "download:"), ("c", "Cancel"), ("n?", "Everywhere on the board"), ("qw", "Jobs")),
        (("t", "Track a job"), ("x\t", "x")),
        (("\x10", "Read the report"),),
        (("n", "Start it"),),
    ],
    ids=["board", "track", "palette", "start"],
)
def test_without_colours_not_one_colour_code_is_sent(
    sequences: list[bytes], theme: str, terminal: str, steps: tuple[tuple[str, str], ...]
) -> None:
    with Terminal(theme, NO_COLOR="1", TERM=terminal, COLORTERM="truecolor") as one:
        one.until("Overview")
        sequences += SGR.findall(one.data)
        for keys, seen in steps:
            one.press(keys)
            one.until(seen)
            sequences += SGR.findall(one.data)


def test_sixteen_colours_are_the_terminals_own() -> None:
    with Terminal(TERM="xterm") as one:
        one.until("Overview")
        parts = {part for style in SGR.findall(one.data) for part in style.split(b";")}
        assert parts
        assert b"38" not in parts
        assert not {part for part in parts if b"40" <= part <= b"47" and len(part) == 2}
        one.press("q")
        one.until("Quit?")
        one.press("y")
        one.ended()


@pytest.mark.parametrize(
    "steps",
    [
        ((" ", "order held"), ("c", "Cancel")),
        (("t", "Track a job"),),
        (("\x10", "Read the report"),),
        (("n", "Start it"),),
    ],
)
def test_ascii_sends_nothing_else(steps: tuple[tuple[str, str], ...]) -> None:
    with Terminal("ascii") as one:
        one.until("Overview")
        text = one.data.decode()
        for keys, seen in steps:
            one.press(keys)
            one.until(seen)
            text += one.data.decode(errors="ignore")
        foreign = {character for character in text if ord(character) > 127}
        assert foreign <= set("→夜間バックアップ検証ジョブ東京工場"), foreign


def test_the_terminal_is_given_back() -> None:
    with Terminal() as one:
        one.until("Overview")
        assert b"\x1b[?1049h" in one.data
        one.press("q")
        one.until("Quit?")
        one.press("y")
        assert one.ended() == 0
        for off in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?2004l"):
            assert off in one.data


def test_a_crash_tells_no_locals_and_no_success() -> None:
    with Terminal("crash") as one:
        one.until("Overview")
        one.press("R")
        assert one.ended() == 1
        after = one.data.rpartition(b"\x1b[?1049l")[2]
        assert b"jobdeck crashed: KeyError: 13" in after
        assert b"hunter2secret" not in one.data
        assert b"secret_local" not in after


def test_textual_still_ends_a_crash_through_the_method_that_we_override() -> None:
    assert callable(App._fatal_error)
    assert Board._fatal_error is not App._fatal_error


async def test_nothing_moves_by_itself(lab: Open) -> None:
    async with lab(demo_door()) as one:
        assert one.app.animation_level == "none"
        assert not any(field.cursor_blink for field in one.board.query(Input))


async def test_no_task_is_left_behind() -> None:
    before = asyncio.all_tasks()
    app = Board(FakeDoor(make_jobs(5)), options=BoardOptions())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("r", "l", "l", "t", "escape", "q")
    assert asyncio.all_tasks() == before
    assert app.return_code == 0
