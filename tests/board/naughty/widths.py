"""Asks the terminal it runs in how many cells each naughty string takes, and says where we count otherwise."""

from __future__ import annotations

import os
import re
import sys
import termios
import tty
import unicodedata

from rich.cells import cell_len

from tests.board.naughty import naughty_strings
from tui.text import safe_line
from tui.widgets.lines import fit

_WIDTH = 60
_ANSWER = re.compile(rb"\x1b\[\d+;(\d+)R")


def cells_of(text: str) -> int:
    """Print at the line's start and ask where the cursor is then."""
    os.write(1, b"\r\x1b[2K" + text.encode() + b"\x1b[6n")
    said = b""
    while not (found := _ANSWER.search(said)):
        said += os.read(0, 64)
    return int(found[1]) - 1


def _has_spacing_marks(text: str) -> bool:
    """Signs of Indic scripts that stand beside their letter: terminals do not agree whether they take a cell."""
    return any(unicodedata.category(one) == "Mc" for one in text)


def main() -> int:
    """Compare, in a terminal that nobody types into."""
    before = termios.tcgetattr(0)
    tty.setraw(0)
    texts = [fit(safe_line(text), _WIDTH, "…") for text in naughty_strings() if not _has_spacing_marks(text)]
    try:
        wrong = [(text, told) for text in texts if (told := cells_of(text)) != cell_len(text)]
    finally:
        termios.tcsetattr(0, termios.TCSANOW, before)
    sys.stdout.write("\r\x1b[2K")
    for text, told in wrong:
        print(f"{told} cells, not {cell_len(text)}: {text!a}")  # noqa: T201
    print(f"{len(texts)} strings, {len(wrong)} wrong")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
