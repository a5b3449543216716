"""How a command ends when a signal comes, outside the loop; within it see `context.complete`.

What the user had ignored from the start, as `nohup` does it, stays ignored.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
Handler = Callable[[int, FrameType | None], object]


def heard() -> list[signal.Signals]:
    """The signals that end this command."""
    return [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]


def end(number: int, _frame: object) -> NoReturn:
    """End by an exception: only where nothing but our own lines is under way, never over a running loop."""
    raise SystemExit(128 + number)


def end_now(number: int, _frame: object) -> NoReturn:
    """End without closing anything; what must survive is on the disk."""
    os._exit(128 + number)


@contextmanager
def on_signals(handler: Handler) -> Iterator[None]:
    """Have the signals do this meanwhile."""
    before = {number: signal.getsignal(number) for number in heard()}
    for number in before:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
