"""How far the files are, on stderr, redrawn in place: one line a file that moves, one for all that wait."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TextIO

from tui.cli.columns import cells, cut
from tui.cli.redraw import Redrawn, Size
from tui.engine.board import BoardChange
from tui.model import Download, DownloadState, JobKey
from tui.underway import amount_text, left_text, middle_cut, notes, percent_text, ratio, speed_text

_LEAST_NAME, _MOST_NAME = 12, 40
_BAR = 16
_LEAST_WITH_BAR = 60
_GAP = "  "


class Underway:
    """Hears of downloads of some jobs and says how far they are."""

    def __init__(self, wanted: Callable[[JobKey], bool], *, ascii: bool = False) -> None:  # noqa: A002  # as the board calls it
        self._wanted = wanted
        self._full, self._empty, self._ellipsis = ("=", "-", "~") if ascii else ("━", "─", "…")
        self._moving: dict[int, Download] = {}
        self._waiting: set[int] = set()

    def hear(self, change: BoardChange) -> bool:
        """Take in what is new; whether anything is."""
        mine = [one for one in change.downloads if self._wanted(one.job)]
        for one in mine:
            self._moving.pop(one.id, None)
            self._waiting.discard(one.id)
            if one.state is DownloadState.RUNNING:
                self._moving[one.id] = one
            elif one.state is DownloadState.QUEUED:
                self._waiting.add(one.id)
        return bool(mine)

    def lines(self, columns: int, most: int) -> list[str]:
        """One line a file that moves, so many at most, and one for all that wait."""
        moving = [self._moving[number] for number in sorted(self._moving)]
        shown = [self._line(one, columns - 1) for one in moving[:most]]
        if self._waiting:
            shown.append(cut(f"{len(self._waiting)} waiting", columns - 1, self._ellipsis))
        return shown

    def _line(self, one: Download, room: int) -> str:
        name = max(min(room // 4, _MOST_NAME), _LEAST_NAME)
        told = cut(one.output, name, self._ellipsis)
        told += " " * (name - cells(told))
        part = ratio(one)
        if part is not None and room >= _LEAST_WITH_BAR:
            full = int(part * _BAR)
            told += _GAP + self._full * full + self._empty * (_BAR - full)
        left = left_text(one)
        figures = ["" if part is None else f"{percent_text(part):>4}", amount_text(one)]
        if not one.message:
            figures += [speed_text(one), f"{left} left" if left else "", *notes(one)]
        for figure in filter(None, figures):
            if cells(told) + len(_GAP) + len(figure) > room:
                break
            told += _GAP + figure
        spare = room - cells(told) - len(_GAP)
        if one.message and spare > len(self._ellipsis):
            told += _GAP + cut(middle_cut(one.message, spare, self._ellipsis), spare, self._ellipsis)
        return told


class Progress:
    """Draws the downloads of some jobs; nothing else may write to the stream without `clear`."""

    def __init__(
        self,
        stream: TextIO,
        wanted: Callable[[JobKey], bool],
        *,
        size: Size = shutil.get_terminal_size,
        ascii: bool = False,  # noqa: A002  # as the board's options call it
    ) -> None:
        self._underway = Underway(wanted, ascii=ascii)
        self._block = Redrawn(stream, size)
        self._is_closed = False

    def hear(self, change: BoardChange) -> None:
        """Draw what is new."""
        if self._underway.hear(change) and not self._is_closed:
            columns, lines = self._block.size()
            self._block.show(self._underway.lines(columns, max(lines - 2, 1)))

    def clear(self) -> None:
        """Take the lines away, until something changes again."""
        self._block.show([])

    def close(self) -> None:
        """Take the lines away and draw no more."""
        self.clear()
        self._is_closed = True
