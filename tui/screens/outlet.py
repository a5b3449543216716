"""The way out to the terminal: nobody waits for a slow one, and it is sent only what differs.

Textual writes every frame, and its loop waits when the terminal does not take them. Here a frame is made only when the
one before has gone out: on a slow line frames are left out, and the last one shows all of it.
"""

from __future__ import annotations

import os
import select
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from rich.color import ColorSystem

from tui.widgets.wire import Update, Wire

_AT_ONCE = 4096
"""Bytes given to the terminal in one go."""
_LARGE = 1000
"""Characters from which on a frame is put on the screen in one go, where the terminal can."""
_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"


class Writer:
    """Writes from a thread of its own, which calls `on_idle` when all is sent; a terminal that is gone takes all."""

    def __init__(self, handle: int, on_idle: Callable[[], object]) -> None:
        self._handle = handle
        self._on_idle = on_idle
        self._waiting: deque[bytes] = deque()
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
            self._busy = True
            self._change.notify_all()

    def close(self, patience: float) -> None:
        """Wait until all is sent, but no longer than `patience` seconds."""
        with self._change:
            self._change.wait_for(lambda: not self._busy, patience)
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
            return data

    def _send(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(self._handle, left[:_AT_ONCE]) :]
            except BlockingIOError:  # somebody made the terminal non-blocking for all who share it
                select.select([], [self._handle], [])


class Outlet:
    """Brings the terminal `handle` to what the wire wants, frame by frame.

    `later` has a call done in the screen's loop; it is used from another thread.
    """

    def __init__(self, wire: Wire, handle: int, encoding: str, later: Callable[[Callable[[], None]], object]) -> None:
        self.wire = wire
        self.can_hold_frames = False
        """Whether the terminal said that it can put a frame on the screen in one go (mode 2026)."""
        self.paused = False
        """Whether frames are to wait for a resize to end."""
        self._encoding = encoding
        self._cursor = (0, 0)
        self._writer = Writer(handle, lambda: later(self.pump))
        wire.forget()

    def show(self, update: Update, colours: ColorSystem, cursor: tuple[int, int]) -> None:
        """Have it shown as soon as the terminal can take it, and the cursor put there."""
        self.wire.take(update, colours)
        self._cursor = cursor
        self.pump()

    def redraw(self) -> None:
        """Send all of the screen again: nobody knows what the terminal shows."""
        self.wire.forget()
        self.pump()

    def pump(self) -> None:
        """Send a frame, if there is something to send and nothing on its way."""
        if self.paused or self._writer.busy:
            return
        frame = self.wire.frame()
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

    def close(self, patience: float) -> None:
        """Wait until all is sent, but no longer than `patience` seconds."""
        self._writer.close(patience)
