"""The tabs of the detail, and the line with their names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from textual import events
from textual.message import Message

from tui.widgets.lines import Piece, Tone, toned
from tui.widgets.status import Status


class Tab(Enum):
    """The tabs from left to right."""

    OVERVIEW = "Overview"
    TIMELINE = "Timeline"
    REPORT = "Report"
    OUTPUTS = "Outputs"
    HISTORY = "History"
    RAW = "Raw"


class TabLine(Status):
    """The tabs' names, the open one marked; a click opens one."""

    DEFAULT_CSS = """
    TabLine { height: 1; }
    """

    @dataclass
    class Chosen(Message):
        """A tab was hit."""

        tab: Tab

    def show(self, tab: Tab) -> None:
        """Mark a tab."""
        pieces: list[Piece] = [toned(" ")]
        for one in Tab:
            pieces += [toned(one.value, Tone.TAB if one is tab else Tone.DIM), toned("  ")]
        self.say(tuple(pieces))

    def on_click(self, event: events.Click) -> None:
        """Open the tab that was hit."""
        start = 1
        for tab in Tab:
            if start <= event.x < start + len(tab.value) + 1:
                self.post_message(self.Chosen(tab))
            start += len(tab.value) + 2
