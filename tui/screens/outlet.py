"""The way out to the terminal: nobody waits for a slow one, and it is sent only what differs.

Textual writes every frame, and its loop waits when the terminal does not take them. Here a frame is made only when the
one before has gone out: on a slow line frames are left out, and the last one shows all of it.
"""

from __future__ import annotations

import os
import select
import termios
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from rich.color import ColorSystem

from tui.widgets.frames import Frames, Update

_AT_ONCE = 4096
"""Bytes given to the terminal in one go."""
_LARGE = 1000
"""Characters from which on a frame is put on the screen in one go, where the terminal can."""
_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"
_CANCEL = b"\x18"
"""Ends a sequence of which the terminal has only a part."""
_LAST_WORDS = 0.2
"""Seconds for the last words, after all else that waited has been thrown away."""


class Writer:
    """Writes from a thread of its own, which calls `on_idle` when all is sent; a terminal that is gone takes all."""

    def __init__(self, handle: int, on_idle: Callable[[], object]) -> None:
        self._handle = handle
        self._on_idle = on_idle
        self._waiting: deque[bytes] = deque()
        self._last_words: list[bytes] | None = None
        self._gives_up = False
        self._change = threading.Condition()
        self._busy = self._closed = False
        threading.Thread(target=self._run, name="terminal", daemon=True).start()

    @property
    def busy(self) -> bool:
        """Whether something is still on its way."""
        return self._busy

    def write(self, data: bytes) -> None:
        """Send this after all that was sent before; does not wait."""
        with self._change:
            self._waiting.append(data)
            if self._last_words is not None:
                self._last_words.append(data)
            self._busy = True
            self._change.notify_all()

    def begin_last_words(self) -> None:
        """What is sent from now on restores the terminal: `close` keeps it even if it drops all else that waits."""
        self._last_words = []

    def close(self, patience: float) -> None:
        """Wait until all is sent, but no longer than `patience` seconds; then only the last words are left there.

        On a line that stalled they reach the terminal when it moves again, also when this program is long gone.
        """
        with self._change:
            if not self._change.wait_for(lambda: not self._busy, patience):
                self._waiting = deque([_CANCEL, *(self._last_words or ())])
                self._gives_up = True
                _throw_away(self._handle)
                self._change.wait_for(lambda: not self._busy, _LAST_WORDS)
            self._closed = True
            self._change.notify_all()

    def _run(self) -> None:
        while data := self._next():
            with suppress(OSError):  # the terminal is gone: the driver watches for that
                self._send(data)
            with self._change:
                self._busy = bool(self._waiting)
                idle = not self._busy
                self._change.notify_all()
            if idle:
                self._on_idle()

    def _next(self) -> bytes:
        """What waits to be sent, as soon as there is something; empty at the end."""
        with self._change:
            self._change.wait_for(lambda: self._waiting or self._closed)
            data = b"".join(self._waiting)
            self._waiting.clear()
            self._gives_up = False
            return data

    def _send(self, data: bytes) -> None:
        left = memoryview(data)
        while left and not self._gives_up:
            try:
                left = left[os.write(self._handle, left[:_AT_ONCE]) :]
            except BlockingIOError:  # somebody made the terminal non-blocking for all who share it
                select.select([], [self._handle], [])


def _throw_away(handle: int) -> None:
    """Drop what the terminal has not taken, and wake who waits to write there."""
    with suppress(termios.error):  # it is no terminal, or gone
        termios.tcflush(handle, termios.TCOFLUSH)
        termios.tcflow(handle, termios.TCOOFF)
        termios.tcflow(handle, termios.TCOON)


class Outlet:
    """Brings the terminal `handle` to what the frames wants, frame by frame.

    `later` has a call done in the screen's loop; it is used from another thread.
    """

    def __init__(
        self, frames: Frames, handle: int, encoding: str, later: Callable[[Callable[[], None]], object]
    ) -> None:
        self.frames = frames
        self.can_hold_frames = False
        """Whether the terminal said that it can put a frame on the screen in one go (mode 2026)."""
        self.paused = False
        """Whether frames are to wait for a resize to end."""
        self._encoding = encoding
        self._cursor = (0, 0)
        self._writer = Writer(handle, lambda: later(self.pump))
        frames.forget()

    @property
    def busy(self) -> bool:
        """Whether something is still on its way."""
        return self._writer.busy

    def show(self, update: Update, colours: ColorSystem, cursor: tuple[int, int]) -> None:
        """Have it shown as soon as the terminal can take it, and the cursor put there."""
        self.frames.take(update, colours)
        self._cursor = cursor
        self.pump()

    def redraw(self) -> None:
        """Send all of the screen again: nobody knows what the terminal shows."""
        self.frames.forget()
        self.pump()

    def pump(self) -> None:
        """Send a frame, if there is something to send and nothing on its way."""
        if self.paused or self.busy:
            return
        frame = self.frames.frame()
        if not frame:
            return
        if self._cursor != (0, 0):
            x, y = self._cursor
            frame += f"\x1b[{y + 1};{x + 1}H"
        if self.can_hold_frames and len(frame) > _LARGE:
            frame = f"{_BEGIN}{frame}{_END}"
        self.write(frame)

    def write(self, data: str) -> None:
        """Send it as it is, in turn."""
        self._writer.write(data.encode(self._encoding, "replace"))

    def begin_last_words(self) -> None:
        """The screen is left: no more frames, and what is written from now on gives the terminal back."""
        self.paused = True
        self._writer.begin_last_words()

    def close(self, patience: float) -> None:
        """Wait until all is sent, but no longer than `patience` seconds; no more frames."""
        self.paused = True
        self._writer.close(patience)
