"""Every way out of the board leaves a clean terminal (facts: SSH, section 2)."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.cli.ending import SIGNALS

if TYPE_CHECKING:
    from tui.app import Board

_PATIENCE = 3.0
"""Seconds that a board is given to end by itself before the process is ended the hard way."""


def block_signals() -> None:
    """Called before any thread is made, so that all of them inherit it and only `sigwait` hears these signals.

    With handlers, a line that stalled and then dropped leaves a process that spins for ever.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def unblock_signals() -> None:
    """For a program that is put in the place of this one: it hears signals as a new one does."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def end_on_signals(app: Board, on_hard_exit: Callable[[], None]) -> None:
    """Have signals end the board; `on_hard_exit` is called before `os._exit`, where it does not end by itself."""
    threading.Thread(target=_end_on_signal, args=(app, on_hard_exit), name="signals", daemon=True).start()


def _end_on_signal(app: Board, on_hard_exit: Callable[[], None]) -> None:
    code = 128 + signal.sigwait(SIGNALS)
    threading.Thread(target=_end_hard, args=(code, on_hard_exit), name="hard exit", daemon=True).start()
    app.call_from_thread(app.exit, return_code=code)


def _end_hard(code: int, on_hard_exit: Callable[[], None]) -> None:
    """The screen's loop may be stuck writing to a dead terminal; everything that must survive is on the disk."""
    time.sleep(_PATIENCE)
    on_hard_exit()
    os._exit(code)
