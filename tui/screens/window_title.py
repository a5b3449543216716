"""The terminal window's title: the board's totals, so that a hidden window tells them too."""

from __future__ import annotations

from collections.abc import Callable

from tui.model import JobState
from tui.widgets.header import Totals

_SAVE, _RESTORE = "\x1b[22;0t", "\x1b[23;0t"


class WindowTitle:
    """Sends a title when the totals have changed; the one before is put back at the end."""

    def __init__(self, send: Callable[[str], None]) -> None:
        self._send = send
        self._shown = ""

    def show(self, totals: Totals) -> None:
        """Tell the totals; the same ones send nothing."""
        title = title_of(totals)
        if title == self._shown:
            return
        saved = _SAVE if not self._shown else ""
        self._shown = title
        self._send(f"{saved}\x1b]2;{title}\x1b\\")

    def restore(self) -> None:
        """Put the title back that the window had."""
        if self._shown:
            self._shown = ""
            self._send(_RESTORE)


def title_of(totals: Totals) -> str:
    """`jobdeck: 3 running, 1 failed`: ASCII, our own words and numbers only."""
    states = (
        (JobState.FAILED, "failed"),
        (JobState.RUNNING, "running"),
        (JobState.WAITING, "waiting"),
    )
    told = [f"{totals.states[state]} {word}" for state, word in states if totals.states.get(state)]
    told += [f"{totals.fetching} fetching"] if totals.fetching else []
    return f"jobdeck: {', '.join(told)}" if told else "jobdeck"
