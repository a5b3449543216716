"""The demo board in a real terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.realparts import require
from tests.terminal import Terminal

ROOT = Path(__file__).parent.parent.parent
DEMO = (sys.executable, "-m", "tui", "--demo")

OpenTerminal = Callable[..., Terminal]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "tmp").mkdir()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TMPDIR": str(tmp_path / "tmp"),
        "PYTHONPATH": str(ROOT),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
    }


@pytest.fixture
def open_terminal(tmp_path: Path, environ: dict[str, str]) -> Iterator[OpenTerminal]:
    """Opens terminals of a size, with changes to the environment; all are closed afterwards."""
    require("tmux")
    opened: list[Terminal] = []

    def open_one(columns: int, rows: int, **changes: str) -> Terminal:
        terminal = Terminal(tmp_path / f"tmux{len(opened)}", columns, rows, environ | changes)
        opened.append(terminal)
        return terminal

    yield open_one
    for terminal in opened:
        terminal.close()
