"""The downloads pane: one line a file, those that move on top."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from tui.model import Download, DownloadState, Verified
from tui.widgets.actions import Place, bindings
from tui.widgets.glyphs import Glyphs
from tui.widgets.keyed import KeyedLines
from tui.widgets.lines import Line, Piece, Tone, fit, line
from tui.widgets.words import left_text, percent_text, ratio
from tui.wording import size as size_text

_TONES = {
    DownloadState.QUEUED: Tone.WAIT,
    DownloadState.RUNNING: Tone.RUN,
    DownloadState.DONE: Tone.GOOD,
    DownloadState.FAILED: Tone.BAD,
    DownloadState.CANCELLED: Tone.DIM,
}


def download_line(one: Download, width: int, glyphs: Glyphs) -> Line:
    """A download in one line: what, how far, how fast, how long yet; or how it ended and where it lies."""
    name = max(min(width // 3, 40), 12)
    start = (
        Piece(f" {glyphs.downloads[one.state]} ", _TONES[one.state]),
        Piece(fit(one.output, name, glyphs.ellipsis)),
        Piece("  "),
    )
    left = width - name - 5
    return (*start, *(_ended(one, left, glyphs) if one.state.is_over else _moving(one, left, glyphs)))


def _moving(one: Download, width: int, glyphs: Glyphs) -> Line:
    part = ratio(one)
    if one.state is DownloadState.QUEUED:
        return line(one.message or "waits for its turn", Tone.DIM)
    length = max(min(width - 38, 30), 8)
    pieces: list[Piece] = []
    if part is None:
        pieces.append(Piece(f"{size_text(one.bytes):>{length}}"))
    else:
        full = int(part * length)
        pieces += [Piece(glyphs.bar_full * full, Tone.RUN), Piece(glyphs.bar_empty * (length - full), Tone.DIM)]
        pieces.append(Piece(f" {percent_text(part):>4}"))
    speed = f"{size_text(int(one.speed))}/s" if one.speed else ""
    pieces += [Piece(f" {speed:>11}"), Piece(f" {left_text(one):>7}", Tone.DIM)]
    if one.size is not None:
        pieces.append(Piece(f"  {size_text(one.size)}", Tone.DIM))
    if one.message:
        pieces.append(Piece(f"  {one.message}", Tone.WARN))
    return tuple(pieces)


def _ended(one: Download, width: int, glyphs: Glyphs) -> Line:
    if one.state is not DownloadState.DONE:
        return line(one.message or one.state.value, _TONES[one.state])
    checked = "not checked" if one.verified in (None, Verified.NONE) else f"{one.verified} checked"
    words = f"{size_text(one.bytes):>8}  {checked}  "
    path = str(one.path or one.folder)
    room = width - len(words)
    if len(path) > room > 1:
        path = glyphs.ellipsis + path[len(path) - room + 1 :]
    return (Piece(words, Tone.GOOD), Piece(path))


class DownloadsPane(KeyedLines[int]):
    """The list of downloads: those under way at the start and all later ones."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.DOWNLOADS)]

    away = None

    @dataclass
    class Stopped(Message):
        """A download is to be stopped."""

        download: Download

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self.glyphs = glyphs
        self._downloads: dict[int, Download] = {}
        self._old: set[int] | None = None

    def put(self, downloads: Iterable[Download]) -> None:
        """Take in the latest versions. What was over before the board was opened is told in its job's detail only."""
        told = list(downloads)
        if self._old is None:
            self._old = {one.id for one in told if one.state.is_over}
        for one in told:
            if one.id in self._old:
                continue
            old = self._downloads.get(one.id)
            self._downloads[one.id] = one
            if old is None or old != one:
                self.repaint(one.id)
        self._order()

    def _order(self) -> None:
        shown = sorted(self._downloads.values(), key=lambda one: (one.state.is_over, -one.id))
        self.lay_out([one.id for one in shown])

    def forget(self, ids: Iterable[int]) -> None:
        """Take downloads out."""
        for one in ids:
            self._downloads.pop(one, None)
        self._order()

    def draw(self, key: int, width: int, over: str | None) -> Strip:
        """A download's line."""
        return self.strip(download_line(self._downloads[key], width, self.glyphs), width, over)

    def draw_empty(self, y: int, width: int) -> Strip:
        """What to do, where there are none."""
        text = " Nothing is being fetched. Press d on a job to download its outputs." if y == 0 else ""
        return self.strip(line(text, Tone.DIM), width)

    async def action_run(self, name: str) -> None:
        """Carry out one of the pane's own actions."""
        if name == "stop_download":
            if self.cursor is not None:
                self.post_message(self.Stopped(self._downloads[self.cursor]))
            return
        await super().action_run(name)
