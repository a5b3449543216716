"""Colours of the command's text: the terminal's own sixteen, and none where none are wanted."""

from __future__ import annotations

import os
from typing import TextIO

from tui.cli.terminal import wants_ascii, wants_color
from tui.model import JobState

_STATES = {
    JobState.RUNNING: "36",
    JobState.CANCELLING: "33",
    JobState.SUCCEEDED: "32",
    JobState.FAILED: "31",
    JobState.EXPIRED: "33",
}


def ellipsis(stream: TextIO) -> str:
    """What stands where a text was cut."""
    return "~" if wants_ascii("auto", os.environ, stream.encoding) else "…"


class Paint:
    """Puts colours round texts, or leaves them as they are."""

    def __init__(self, stream: TextIO) -> None:
        self._is_on = wants_color(os.environ, stream)

    def state(self, state: JobState, text: str) -> str:
        """In the colour of the state; a job that waits or was cancelled has none."""
        return self._in(_STATES.get(state, ""), text)

    def bad(self, text: str) -> str:
        """Something that went wrong."""
        return self._in("31", text)

    def heading(self, text: str) -> str:
        """The head of a table."""
        return self._in("1", text)

    def _in(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._is_on and code and text else text
