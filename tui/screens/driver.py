"""Textual's driver with our own way out, resizes taken together, and an end when the terminal is gone."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from rich.color import ColorSystem
from textual import events
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message

from tui.screens.background import ASK, PATIENCE, SILENCE, Answer
from tui.screens.outlet import Outlet
from tui.widgets.frames import Frames, Update

_FAREWELL = 1.5
"""Seconds that a slow terminal is given at the end for what is still to be sent."""
_STORM = 0.05
"""Seconds in which resizes are taken as one."""
_TAKE = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?1004h\x1b[?2004h"
"""The other screen, no cursor, no wrapping; focus and pasting told."""
_PLAIN = "\x0f\x1b(B\x1b[4l\x1b[?6l\x1b[r\x1b[0m"
"""Switches off what another program left on: line-drawing letters, insert mode, scroll region, style."""
_GONE = 128 + signal.SIGHUP
"""The exit code when the terminal is gone."""


class SteadyDriver(LinuxDriver):
    """Never holds up the screen's loop. Tests pin what it needs of Textual's own."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._size = self._size or self._get_terminal_size()
        self.frames = Frames()
        self._outlet: Outlet | None = None
        """None while the terminal is not ours: before the start, after the end, while suspended."""
        self._storm: asyncio.TimerHandle | None = None
        self._told_size: events.Resize | None = None
        self._hang_up: Any = None
        self._is_asleep = False
        """Whether a signal stopped us (Ctrl-Z, fg)."""
        self._answer: Answer | None = None
        """Looks for what the terminal says of its background, while that may still come."""
        self._one = threading.Lock()
        """Keys come in one thread; those that were held back are let go in another."""
        self._silence: asyncio.TimerHandle | None = None
        self.on_sleep: Callable[[], object] = lambda: None
        """Called before a signal stops us, while the terminal is still ours."""
        self.on_wake: Callable[[], object] = lambda: None
        """Called when the terminal is ours again."""

    # ── out ──

    def show(self, update: Update, colours: ColorSystem, cursor: tuple[int, int]) -> None:
        """Have the terminal show it, as soon as it can take it."""
        if self._outlet is None:
            self.frames.take(update, colours)
        else:
            self._outlet.show(update, colours, cursor)

    def ask_background(self) -> None:
        """Ask the terminal whether it is dark or light; it tells the app, when it does."""
        self._answer = Answer()
        self.write(ASK)
        self._loop.call_later(PATIENCE, self._ask_no_more)

    def _ask_no_more(self) -> None:
        self._let_go()
        self._answer = None

    def _await_rest(self) -> None:
        """Pass on the keys that are held back if no more follow."""
        if self._silence is not None:
            self._silence.cancel()
        self._silence = self._loop.call_later(SILENCE, self._let_go)

    def _let_go(self) -> None:
        with self._one:
            for message in self._answer.let_go() if self._answer is not None else ():
                super().process_message(message)

    def redraw(self) -> None:
        """Send all of the screen again: something else has written on it, or has reset the terminal."""
        if self._outlet is not None:
            self.write(_TAKE + _PLAIN)
            self._enable_mouse_support()
            self._outlet.redraw()

    def suspend(self) -> bool:
        """Stop until the shell's `fg`; False where no shell waits for that, and nothing could go on again."""
        if os.getpgrp() == os.getsid(0):
            return False
        os.kill(os.getpid(), signal.SIGTSTP)
        return True

    def write(self, data: str) -> None:
        """Send it as it is, in turn."""
        if self._outlet is not None:
            self._outlet.write(data)

    def hold_frames(self) -> None:
        """The terminal can put a frame on the screen in one go."""
        if self._outlet is not None:
            self._outlet.can_hold_frames = True

    def _later(self, call: Any, *words: Any) -> None:
        """Called from other threads and from signal handlers."""
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(call, *words)

    # ── life ──

    def start_application_mode(self) -> None:
        """Take the terminal; nothing is known of what it shows."""
        if self._file is None:
            raise RuntimeError("there is no terminal to draw on")
        self._outlet = Outlet(self.frames, self._file.fileno(), self._file.encoding or "utf-8", self._later)
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual left it out
        signal.signal(signal.SIGWINCH, lambda *_: self._later(self._note_resize))
        self._watch()

    def stop_application_mode(self) -> None:
        """Say what gives the terminal back."""
        if self._outlet is not None:
            self._outlet.begin_last_words()
        super().stop_application_mode()

    def close(self) -> None:
        """Give the terminal back; a slow one is waited for, but not for ever."""
        if self._hang_up is not None:
            self._loop.remove_reader(self._hang_up.fileno())
            self._hang_up.close()
            self._hang_up = None
        outlet, self._outlet = self._outlet, None
        if outlet is not None:
            outlet.close(_FAREWELL)
        super().close()

    # Textual stops and goes on inside the signal handler, in the middle of a frame perhaps, and takes the terminal a
    # second time when it is told to go on without having been asked to stop (SIGSTOP): here the loop does both.

    def _sigtstp_application(self, *_: object) -> None:
        self._later(self._sleep)

    def _sigcont_application(self, *_: object) -> None:
        self._later(self._wake)

    def _sleep(self) -> None:
        """Give the terminal back and stop, as the shell asks."""
        if self._outlet is not None:
            self.on_sleep()
            self.suspend_application_mode()
            self._is_asleep = True
        os.kill(os.getpid(), signal.SIGSTOP)

    def _wake(self) -> None:
        """Take the terminal again; in the background it is not ours, and we stop again."""
        if not (self._is_asleep or self._outlet):
            return
        with suppress(OSError):  # not our session's terminal
            if os.tcgetpgrp(self.fileno) != os.getpgrp():
                os.kill(os.getpid(), signal.SIGSTOP)
                return
        if self._outlet is not None:
            self.suspend_application_mode()
        self._is_asleep = False
        self.resume_application_mode()
        self.on_wake()

    def _watch(self) -> None:
        """See the terminal go, also where no signal tells: Textual would read its end for ever (Linux)."""
        if self.input_tty and hasattr(select, "epoll"):
            self._hang_up = select.epoll()
            self._hang_up.register(self.fileno, 0)  # a hang-up is told without being asked for
            self._loop.add_reader(self._hang_up.fileno(), self._end)

    def _end(self) -> None:
        self._loop.remove_reader(self._hang_up.fileno())
        self._app.exit(return_code=_GONE)

    # ── resizes ──

    def process_message(self, message: Message) -> None:
        """Called from the input's thread. Resizes told by the terminal are gathered like those told by the system."""
        if isinstance(message, events.Resize):
            self._later(self._note_resize, message)
            return
        with self._one:
            answer = self._answer
            handed_on, told = answer.take(message) if answer is not None else ([message], None)
            for one in handed_on:
                super().process_message(one)
        if told is not None:
            self._answer = None
            self.send_message(told)
        elif answer is not None and answer.is_holding:
            self._later(self._await_rest)

    def _get_terminal_size(self) -> tuple[int, int]:
        """Ask the terminal that is drawn on: COLUMNS may be of another one, stdout may lead elsewhere."""
        with suppress(OSError):
            width, height = os.get_terminal_size(self.fileno)
            if width and height:
                return width, height
        return super()._get_terminal_size()

    def _note_resize(self, told: events.Resize | None = None) -> None:
        """Another resize: until they end nothing is drawn, since the size may be wrong."""
        if told is None and self._in_band_window_resize:
            return
        self._told_size = told
        if self._storm is None and self._outlet is not None:
            self._outlet.paused = True
            self._storm = self._loop.call_later(_STORM, self._end_storm)

    def _end_storm(self) -> None:
        """Tell the app the final size. If it is the same as before, draw again: the terminal has cut what it showed."""
        self._storm = None
        size = self._told_size.size if self._told_size else Size(*self._get_terminal_size())
        self.send_message(self._told_size or events.Resize(size, size))
        if self._outlet is None:
            return
        self._outlet.paused = False
        if size == self.frames.size:
            self._outlet.redraw()

    # ── the mouse ──

    @property
    def has_mouse(self) -> bool:
        """Whether the mouse is ours; else the terminal selects text with it."""
        return self._mouse

    def use_mouse(self, *, ours: bool) -> None:
        """Take the mouse, or leave it to the terminal."""
        if not ours:
            self._disable_mouse_support()
        self._mouse = ours
        if ours:
            self._enable_mouse_support()

    def _enable_mouse_support(self) -> None:
        super()._enable_mouse_support()
        if self._in_band_window_resize:  # Textual now takes every place for one in pixels
            self._enable_mouse_pixels()

    def _disable_mouse_support(self) -> None:
        if self._mouse:
            self.write("\x1b[?1016l")
        super()._disable_mouse_support()
