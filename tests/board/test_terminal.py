"""The bytes that a real terminal gets."""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import select
import signal
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
from tests.board.glass import Glass
from tui.app import Board, BoardOptions
from tui.widgets.glyphs import UNICODE

ROOT = Path(__file__).parents[2]
SGR = re.compile(rb"\x1b\[([\d;:]*)m")
ALLOWED = {b"", b"0", b"1", b"2", b"4", b"7", b"22", b"24", b"27"}
"""Reset, bold, dim, underline, reverse, and their ends."""
PATIENCE = 60.0


class Terminal:
    """A board in a pseudo-terminal."""

    def __init__(self, *arguments: str, size: tuple[int, int] = (120, 40), **environment: str) -> None:
        self.data = b""
        self.glass = Glass(*size)
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

    def until(self, text: str, *, comes: bool = True) -> None:
        """Read until the text stands on the screen, or no more."""
        end = time.monotonic() + PATIENCE
        while (text in self.glass.text) is not comes:
            assert time.monotonic() < end, f"never saw {text!r} in\n{self.glass.text}"
            assert self._read(), f"ended before {text!r}: {self.data[-2000:]!r}"

    def until_sent(self, data: bytes) -> None:
        """Read until these bytes came."""
        while data not in self.data:
            assert self._read(), f"{data!r} was never sent"

    def resize(self, width: int, height: int) -> None:
        """Give it another size, and say so."""
        fcntl.ioctl(self._main, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self._process.send_signal(signal.SIGWINCH)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal; what is read from now on is what came after it."""
        self.data = b""
        self._process.send_signal(number)

    def until_stopped(self) -> None:
        """Wait until the system has stopped it."""
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WNOWAIT)

    def vanish(self) -> int:
        """The terminal goes, and no signal tells; the exit code."""
        os.close(self._main)
        self._main = os.open(os.devnull, os.O_RDONLY)
        return self._process.wait(PATIENCE)

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
        self.glass.feed(more)
        return bool(more)


@pytest.fixture
def sequences() -> Iterator[list[bytes]]:
    """All styles that a test's terminals were sent; none may name a colour."""
    seen: list[bytes] = []
    yield seen
    assert seen
    assert {part for style in seen for part in re.split(rb"[;:]", style)} <= ALLOWED


STEPS = (
    # Escape stands alone: with a key right behind it a terminal program sees Alt and that key.
    (" ", "order held", True),
    ("d", "download:", True),
    ("c", "Cancel", True),
    ("n?", "Everywhere on the board", True),
    ("q", "Everywhere on the board", False),
    ("t", "Track a job", True),
    ("x\t", "x", True),
    ("\x1b", "Track a job", False),
    ("\x10", "Read the report", True),
    ("\x1b", "Read the report", False),
    ("n", "Start it", True),
)
"""Keys, and the text that then comes or goes."""


@pytest.mark.parametrize(
    ("theme", "environment"),
    [
        ("jobdeck", {"NO_COLOR": "1", "COLORTERM": "truecolor"}),
        ("ansi", {"NO_COLOR": "1", "COLORTERM": "truecolor"}),
        ("jobdeck", {"NO_COLOR": "1", "TERM": "xterm"}),
        ("jobdeck", {"TERM": "vt100"}),
    ],
    ids=["own theme", "ansi", "16 colours", "monochrome"],
)
def test_without_colours_not_one_colour_code_is_sent(
    sequences: list[bytes], theme: str, environment: dict[str, str]
) -> None:
    with Terminal(theme, size=(120, 40), **environment) as one:
        one.until("Overview")
        sequences += SGR.findall(one.data)
        for keys, text, comes in STEPS:
            one.press(keys)
            one.until(text, comes=comes)
            sequences += SGR.findall(one.data)


def test_sixteen_colours_are_the_terminals_own() -> None:
    with Terminal(TERM="xterm") as one:
        one.until("Overview")
        one.until(UNICODE.thumb)
        parts = {part for style in SGR.findall(one.data) for part in style.split(b";")}
        assert one.data.count(b"\x1b[22;0t\x1b]2;jobdeck: 1 failed, ") == 1
        assert parts
        assert b"38" not in parts
        assert not {part for part in parts if b"40" <= part <= b"47" and len(part) == 2}
        one.press("q")
        one.until("Quit?")
        one.press("y")
        one.ended()
        assert b"\x1b[23;0t" in one.data  # the window has its old title again


def test_ascii_sends_nothing_else() -> None:
    with Terminal("ascii") as one:
        one.until("Overview")
        sent = one.data.decode(errors="ignore")
        for keys, text, comes in STEPS:
            one.press(keys)
            one.until(text, comes=comes)
            sent += one.data.decode(errors="ignore")
        foreign = {character for character in sent if ord(character) > 127}
        assert foreign <= set("→夜間バックアップ検証ジョブ東京工場"), foreign


def test_mouse_theme_and_redraw() -> None:
    with Terminal(COLORTERM="truecolor") as one:
        one.until("Overview")
        assert b"\x1b[?1003h" in one.data
        one.press("M")
        one.until("select text with it")
        assert b"\x1b[?1003l" in one.data
        one.press("\x1b[?2048;2$y")  # a terminal that tells its size in pixels too, and then places of the mouse
        one.until_sent(b"\x1b[?2048h")
        one.press("M")
        one.until("the board's again")
        assert b"\x1b[?1003h" in one.data
        assert b"\x1b[?1016h" in one.data
        one.press("T")
        one.until_sent(b"48;2;255;255;255")
        one.glass.wipe()
        one.press("\x0c")
        one.until("Overview")
        one.until("quit")
        one.press("?")
        one.until("Everywhere on the board")
        one.glass.wipe()
        one.press("\x0c")
        one.until("Everywhere on the board")
        assert b"\x1b[?1049h\x1b[?25l\x1b[?7l" in one.data  # also where another program has reset the terminal


def test_a_terminal_that_vanishes_ends_the_board() -> None:
    with Terminal() as one:
        one.until("Overview")
        assert one.vanish() == 128 + signal.SIGHUP


def test_a_storm_of_resizes_is_one_and_the_terminal_is_given_back() -> None:
    with Terminal(COLUMNS="70", LINES="20") as one:  # of another terminal
        one.until("q quit")
        assert one.glass.text.splitlines()[39].rstrip().endswith("q quit")
        assert b"\x1b[?1049h" in one.data
        assert len(one.data) < 30_000  # Textual by itself sends the first screen four times
        one.press("j")
        one.glass = Glass(110, 31)
        for number in range(50):
            one.resize(60 + number, 20 + number)
        one.resize(110, 31)
        one.until("Overview")
        one.until("q quit")
        assert len(one.data) < 30_000
        assert one.glass.text.splitlines()[30].rstrip().endswith("q quit")
        one.press("q")
        one.until("Quit?")
        one.press("y")
        assert one.ended() == 0
        for off in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?2004l"):
            assert off in one.data


def test_it_suits_a_light_terminal_and_stopped_and_gone_on_it_has_the_whole_screen_again() -> None:
    with Terminal("auto", COLORTERM="truecolor") as one:
        one.until_sent(b"\x1b]11;?")
        one.until("Overview")
        one.press("\x1b]11;rgb:ffff/ffff/ffff\x1b\\")
        one.until_sent(b"48;2;255;255;255")
        one.press("\x1a")
        one.until("no shell to go back to")
        one.signal(signal.SIGTSTP)
        one.until_sent(b"\x1b[?1049l")
        assert b"\x1b[23;0t" in one.data, "the window has its own title while the shell has it"
        one.until_stopped()
        for stop in (signal.SIGCONT, signal.SIGSTOP):
            one.signal(stop)
            if stop is signal.SIGSTOP:
                one.until_stopped()
                one.signal(signal.SIGCONT)
            one.glass.wipe()
            one.until_sent(b"\x1b[?1049h")  # the terminal is taken again: what is typed before that is thrown away
            one.until("Overview")
            one.until("q quit")
            if stop is signal.SIGCONT:
                one.until_sent(b"\x1b]2;jobdeck: ")
        one.press("q")
        one.until("Quit?")
        one.press("y")
        assert one.ended() == 0


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
