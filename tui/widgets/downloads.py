"""The downloads pane: one line a file: what moves, what waits in the order of the queue, what failed, what is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from tui.model import Download, DownloadState
from tui.widgets.actions import Place, bindings
from tui.widgets.download_line import download_line
from tui.widgets.glyphs import Glyphs
from tui.widgets.keyed import KeyedLines
from tui.widgets.lines import Line, Tone, line

_RANKS = {DownloadState.RUNNING: 0, DownloadState.QUEUED: 1, DownloadState.PAUSED: 2}
_FAILED, _OVER = 3, 4


class DownloadsPane(KeyedLines[int]):
    """The list of downloads: those under way at the start and all later ones."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.DOWNLOADS, of="screen.")]

    away = None

    @dataclass
    class Opened(Message):
        """A download's job is to be shown."""

        download: Download

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self.glyphs = glyphs
        self._downloads: dict[int, Download] = {}
        self._turns: dict[int, int] = {}
        """Where each waiting download stands in the queue, from 1."""
        self.failed = 0
        """How many files failed and have not been tried again since."""
        self._old: set[int] | None = None
        self._is_held = False
        """Whether the user did something here since the list got the focus: then the cursor stays on its file."""

    @property
    def current(self) -> Download | None:
        """The download under the cursor."""
        return self._downloads[self.cursor] if self.cursor is not None else None

    def put(self, downloads: Iterable[Download]) -> None:
        """Take in the latest versions. What was over before the board was opened is told in its job's detail only."""
        told = list(downloads)
        if self._old is None:
            self._old = {one.id for one in told if one.state.is_over}
        for one in told:
            if one.state.is_moving or one.state is DownloadState.PAUSED:
                self._old.discard(one.id)  # tried once more
            if one.id in self._old:
                continue
            old = self._downloads.get(one.id)
            self._downloads[one.id] = one
            if old is None or self._line(old) != self._line(one):
                self.repaint(one.id)
        self._order()

    def _order(self) -> None:
        shown = sorted(self._downloads.values(), key=_turn)
        waiting = [one.id for one in shown if one.state is DownloadState.QUEUED]
        turns = {number: place for place, number in enumerate(waiting, 1)}
        moved = [number for number in turns if turns[number] != self._turns.get(number)]
        self._turns = turns
        latest = {(one.job, one.output, one.member): one for one in sorted(shown, key=lambda one: one.id)}
        self.failed = sum(one.state is DownloadState.FAILED for one in latest.values())
        before = self.cursor
        if shown and not self._is_held:
            self.cursor = shown[0].id  # the user is not at work here: keep what moves in sight
        self.lay_out([one.id for one in shown])
        if not self._is_held:
            self.show_cursor()
        if before is not None and before != self.cursor:
            moved += [before, shown[0].id] if shown else []
        for number in moved:
            self.repaint(number)

    def on_key(self) -> None:
        """Whatever key it is: the user is at work here."""
        self._is_held = True

    def on_mouse_down(self) -> None:
        """The mouse is as good as a key."""
        self._is_held = True

    def on_blur(self) -> None:
        """The focus has left the list."""
        self._is_held = False

    def forget(self, ids: Iterable[int]) -> None:
        """Take downloads out."""
        for one in ids:
            self._downloads.pop(one, None)
        self._order()

    def draw(self, key: int, width: int, over: str | None) -> Strip:
        """A download's line."""
        return self.strip(self._line(self._downloads[key], width), width, over)

    def _line(self, one: Download, width: int | None = None) -> Line:
        width = self.scrollable_content_region.width if width is None else width
        return download_line(one, width, self.glyphs, self._turns.get(one.id, 0))

    def draw_empty(self, y: int, width: int) -> Strip:
        """What to do, where there are none."""
        text = " Nothing is being fetched. Press d on a job to download its outputs." if y == 0 else ""
        return self.strip(line(text, Tone.DIM), width)

    def chosen(self) -> None:
        """Enter shows everything that is known of the download, in its job's detail."""
        if self.current is not None:
            self.post_message(self.Opened(self.current))


def _turn(one: Download) -> tuple[int, int, int]:
    """Those that move by age, those that wait by the queue's order, what failed, what is done: the latest first."""
    if one.state.is_over:
        return _FAILED if one.state is DownloadState.FAILED else _OVER, 0, -one.id
    place, number = one.turn
    return _RANKS[one.state], place if one.state is DownloadState.QUEUED else 0, number
