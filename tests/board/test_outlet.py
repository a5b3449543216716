"""The way out to a slow terminal: nobody waits, frames are left out, the last one shows everything."""

from __future__ import annotations

import os
import queue
import tty
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from rich.color import ColorSystem

from tests.board.glass import Glass
from tests.board.test_frames import whole
from tui.screens.outlet import Outlet
from tui.widgets.frames import Frames

WIDTH, HEIGHT = 200, 50
PATIENCE = 60.0


@dataclass
class Line:
    """A pipe in the place of a terminal: what nobody reads soon fills it."""

    outlet: Outlet
    end: int
    calls: queue.Queue[Callable[[], None]]

    def show(self, text: str, cursor: tuple[int, int] = (0, 0)) -> None:
        self.outlet.show(whole(*[text * WIDTH] * HEIGHT), ColorSystem.EIGHT_BIT, cursor)

    def settle(self, glass: Glass) -> int:
        """Read until the outlet has nothing more to send; the bytes."""
        self.outlet.write("\x1b[0c")  # an end to be seen
        total, data = 0, b""
        while not data.endswith(b"\x1b[0c"):
            data += os.read(self.end, 65536)
        while True:
            glass.feed(data)
            total += len(data)
            self.calls.get(timeout=PATIENCE)()
            if not self.outlet.busy:
                return total
            data = os.read(self.end, 65536)


@pytest.fixture
def line() -> Iterator[Line]:
    end, start = os.pipe()
    calls: queue.Queue[Callable[[], None]] = queue.Queue()
    outlet = Outlet(Frames(), start, "utf-8", calls.put)
    yield Line(outlet, end, calls)
    os.close(end)
    outlet.close(PATIENCE)
    os.close(start)


def test_a_terminal_that_takes_nothing_holds_nobody_up_and_gets_the_last_frame(line: Line) -> None:
    for number in range(100):
        line.outlet.write("\x1b]0;" + "x" * 1000 + "\x07")
        line.show("abcdefghij"[number % 10])
    line.show("z")
    glass = Glass(WIDTH, HEIGHT)
    assert line.settle(glass) < 100 * (1010 + WIDTH * HEIGHT) / 4
    assert glass.text == "\n".join(["z" * WIDTH] * HEIGHT)


def test_while_a_resize_is_under_way_nothing_is_drawn(line: Line) -> None:
    line.outlet.paused = True
    line.show("a")
    assert not line.outlet.busy
    line.outlet.paused = False
    line.show("b")
    glass = Glass(WIDTH, HEIGHT)
    line.settle(glass)
    assert glass.text.startswith("b" * WIDTH)


def test_large_frames_are_held_where_the_terminal_can(line: Line) -> None:
    line.outlet.can_hold_frames = True
    line.show("a", cursor=(3, 4))
    data = b""
    while not data.endswith(b"\x1b[?2026l"):
        data += os.read(line.end, 65536)
    assert data.startswith(b"\x1b[?2026h\x1b[1;1Ha")
    assert data.endswith(b"a\x1b[5;4H\x1b[?2026l")


def test_what_a_terminal_cannot_write_is_a_question_mark() -> None:
    end, start = os.pipe()
    outlet = Outlet(Frames(), start, "iso8859-1", lambda call: None)
    outlet.write("für ✓")
    outlet.close(PATIENCE)
    assert os.read(end, 100) == b"f\xfcr ?"
    os.close(end)
    os.close(start)


def test_on_a_stalled_line_the_last_words_go_before_all_that_waits() -> None:
    end, start = os.openpty()
    tty.setraw(start)
    outlet = Outlet(Frames(), start, "utf-8", lambda call: None)
    outlet.write("." * 100_000)
    outlet.begin_last_words()
    outlet.write("thanks, ")
    outlet.write("and good bye")
    outlet.close(0.05)
    assert not outlet.busy
    data = b""
    while not data.endswith(b"\x18thanks, and good bye"):
        data += os.read(end, 65536)
    assert len(data) < 50_000
    os.close(end)
    os.close(start)


def test_a_closed_outlet_takes_no_frame_away_from_the_next(line: Line) -> None:
    end, start = os.pipe()
    old = Outlet(line.outlet.frames, start, "utf-8", lambda call: None)
    old.close(PATIENCE)
    line.outlet.paused = True
    line.show("a")
    old.pump()
    line.outlet.paused = False
    line.outlet.pump()
    glass = Glass(WIDTH, HEIGHT)
    line.settle(glass)
    assert glass.text.startswith("a" * WIDTH)
    os.close(end)
    os.close(start)


def test_a_terminal_that_is_gone_takes_everything() -> None:
    end, start = os.pipe()
    os.close(end)
    outlet = Outlet(Frames(), start, "utf-8", lambda call: None)
    for _ in range(3):
        outlet.write("x")
    outlet.close(PATIENCE)
    assert not outlet.busy
    os.close(start)
