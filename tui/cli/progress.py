"""How far the files are, on stderr, redrawn in place: one line a file that moves, one for all that wait."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from typing import TextIO

from tui.cli.columns import cells, cut
from tui.cli.terminal import is_terminal
from tui.engine.board import BoardChange
from tui.model import Download, DownloadState, JobKey
from tui.underway import amount_text, left_text, middle_cut, notes, percent_text, ratio, speed_text

_LEAST_NAME, _MOST_NAME = 12, 40
_BAR = 16
_LEAST_WITH_BAR = 60
_GAP = "  "


def can_redraw(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether lines can be drawn over: on a terminal that moves its cursor."""
    return is_terminal(stream) and environ.get("TERM", "dumb") not in ("dumb", "")


class Progress:
    """Hears of downloads of some jobs and draws them; nothing else may write to the stream without `clear`."""

    def __init__(
        self,
        stream: TextIO,
        wanted: Callable[[JobKey], bool],
        *,
        size: Callable[[], tuple[int, int]] = shutil.get_terminal_size,
        ascii: bool = False,  # noqa: A002  # as the board's options call it
    ) -> None:
        """`size` gives the terminal's columns and lines."""
        self._stream = stream
        self._wanted = wanted
        self._size = size
        self._full, self._empty, self._ellipsis = ("=", "-", "~") if ascii else ("━", "─", "…")
        self._moving: dict[int, Download] = {}
        self._waiting: set[int] = set()
        self._drawn: list[str] = []
        self._is_closed = False

    def hear(self, change: BoardChange) -> None:
        """Draw what is new."""
        mine = [one for one in change.downloads if self._wanted(one.job)]
        for one in mine:
            self._moving.pop(one.id, None)
            self._waiting.discard(one.id)
            if one.state is DownloadState.RUNNING:
                self._moving[one.id] = one
            elif one.state is DownloadState.QUEUED:
                self._waiting.add(one.id)
        if mine and not self._is_closed:
            self._draw()

    def clear(self) -> None:
        """Take the lines away, until something changes again."""
        self._write([])

    def close(self) -> None:
        """Take the lines away and draw no more."""
        self.clear()
        self._is_closed = True

    def _draw(self) -> None:
        columns, lines = self._size()
        moving = [self._moving[number] for number in sorted(self._moving)]
        shown = [self._line(one, columns - 1) for one in moving[: max(lines - 2, 1)]]
        if self._waiting:
            shown.append(cut(f"{len(self._waiting)} waiting", columns - 1))
        self._write(shown)

    def _write(self, lines: list[str]) -> None:
        """Put these lines in the place of the last ones."""
        if lines == self._drawn:
            return
        rows = sum(max(-(-cells(line) // self._size()[0]), 1) for line in self._drawn)  # a narrower terminal folds them
        back = f"\x1b[{rows}A" if rows else ""
        self._stream.write(f"{back}\r\x1b[J" + "".join(f"{line}\n" for line in lines))
        self._stream.flush()
        self._drawn = lines

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
