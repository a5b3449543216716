"""Lines on a terminal that are drawn over in place, below whatever else is printed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from typing import TextIO

from tui.cli.columns import cells
from tui.cli.terminal import is_terminal

Size = Callable[[], tuple[int, int]]
"""The terminal's columns and lines."""


def can_redraw(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether lines can be drawn over: on a terminal that moves its cursor."""
    return is_terminal(stream) and environ.get("TERM", "dumb") not in ("dumb", "")


class Redrawn:
    """A block of lines at the bottom; nothing else may write to the stream while it stands."""

    def __init__(self, stream: TextIO, size: Size = shutil.get_terminal_size) -> None:
        self.size = size
        self._stream = stream
        self._drawn: list[tuple[str, str]] = []

    def show(self, lines: list[str], shown: list[str] | None = None) -> None:
        """Put these lines in the place of the last ones; what is the same already is not sent again.

        `shown` is the same with colours in it, where there are some.
        """
        pairs = list(zip(lines, lines if shown is None else shown, strict=True))
        if pairs == self._drawn:
            return
        columns = self.size()[0]
        rows = sum(max(-(-cells(line) // columns), 1) for line, _ in self._drawn)  # a narrower terminal folds them
        back = f"\x1b[{rows}A" if rows else ""
        self._stream.write(f"{back}\r\x1b[J" + "".join(f"{line}\n" for _, line in pairs))
        self._stream.flush()
        self._drawn = pairs

    def leave(self) -> None:
        """Let what is drawn stand for good; what is drawn next comes below it."""
        self._drawn = []
