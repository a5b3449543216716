"""Progress on stderr: what its lines say at each width, redrawn in place and gone at the end."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tui.cli.columns import cells
from tui.cli.fetching import trouble_of
from tui.cli.progress import Progress
from tui.cli.redraw import can_redraw
from tui.engine.board import BoardChange
from tui.model import Download, DownloadState, JobKey, Safe

KEY = JobKey("plant:1")
MOVING = Download(
    1,
    KEY,
    Safe("wind-2026-03.zip"),
    Path("/got"),
    DownloadState.RUNNING,
    bytes=194_000_000,
    size=312_000_000,
    streams=4,
    attempts=1,
    speed=41_234_567.0,
)


class Terminal(io.StringIO):
    """Keeps what stands on the screen, as far as `Progress` uses one."""

    def isatty(self) -> bool:
        return True

    def screen(self) -> list[str]:
        rows: list[str] = []
        row = 0
        for part in re.split(r"(\x1b\[\d*[AJ]|\n)", self.getvalue().replace("\r", "")):
            if part.endswith("A") and part.startswith("\x1b"):
                row -= int(part[2:-1])
            elif part == "\x1b[J":
                del rows[row:]
            elif part == "\n":
                row += 1
            elif part:
                rows[row:] = [part]
        return rows


def drawn(*downloads: Download, columns: int = 100, lines: int = 24, ascii_only: bool = False) -> list[str]:
    terminal = Terminal()
    progress = Progress(terminal, lambda key: key == KEY, size=lambda: (columns, lines), ascii=ascii_only)
    for one in downloads:
        progress.hear(BoardChange(downloads=(one,)))
    return terminal.screen()


def test_one_line_tells_it_all() -> None:
    (line,) = drawn(MOVING, columns=120)
    assert line == ("wind-2026-03.zip               ━━━━━━━━━───────   62%  194/312 MB  41 MB/s  0:03 left  4 ranges")


@pytest.mark.parametrize("columns", [20, 30, 40, 60, 80, 120, 300])
@pytest.mark.parametrize("message", [None, Safe("the vendor answered 503; tries again in 12s"), Safe("夜間" * 99)])
def test_no_line_is_wider_than_the_terminal(columns: int, message: Safe | None) -> None:
    wide = replace(MOVING, output=Safe("夜間バックアップ" * 9), message=message)
    for line in drawn(MOVING, wide, replace(MOVING, id=3, state=DownloadState.QUEUED), columns=columns):
        assert cells(line) < columns


def test_why_it_waits_is_told_and_what_waits_is_counted() -> None:
    waits = replace(MOVING, message=Safe("the vendor answered 503; tries again in 12s"), speed=None)
    queued = [replace(MOVING, id=number, state=DownloadState.QUEUED) for number in (2, 3)]
    line, last = drawn(waits, *queued)
    assert line.endswith("62%  194/312 MB  the vendor answered 503")
    assert last == "2 waiting"


def test_lines_are_drawn_over_and_go_away() -> None:
    terminal = Terminal()
    progress = Progress(terminal, lambda key: key == KEY, size=lambda: (80, 24))
    for number in (1, 2):
        progress.hear(BoardChange(downloads=(replace(MOVING, id=number, output=Safe(f"{number}.zip")),)))
    assert [line[:5] for line in terminal.screen()] == ["1.zip", "2.zip"]
    before = len(terminal.getvalue())
    progress.hear(BoardChange(downloads=(replace(MOVING, id=2, output=Safe("2.zip"), bytes=194_000_001),)))
    progress.hear(BoardChange(downloads=(replace(MOVING, id=9, job=JobKey("plant:other")),)))
    assert len(terminal.getvalue()) == before  # nothing to say is not sent
    progress.hear(BoardChange(downloads=(replace(MOVING, id=1, state=DownloadState.DONE),)))
    assert [line[:5] for line in terminal.screen()] == ["2.zip"]
    progress.close()
    progress.hear(BoardChange(downloads=(replace(MOVING, id=2, bytes=312_000_000),)))
    assert terminal.screen() == []


def test_a_low_terminal_shows_what_it_can() -> None:
    many = [replace(MOVING, id=number) for number in range(9)]
    assert len(drawn(*many, lines=5)) == 3


def test_plain_signs_where_there_are_no_others() -> None:
    assert all(
        line.isascii() for line in drawn(replace(MOVING, output=Safe("long-" * 20)), columns=60, ascii_only=True)
    )


def test_only_a_terminal_that_moves_its_cursor_is_drawn_on() -> None:
    assert can_redraw(Terminal(), {"TERM": "xterm"})
    assert not can_redraw(Terminal(), {"TERM": "dumb"})
    assert not can_redraw(Terminal(), {})
    assert not can_redraw(io.StringIO(), {"TERM": "xterm"})


def test_a_paused_file_says_that_the_same_command_goes_on() -> None:
    full = replace(MOVING, state=DownloadState.PAUSED, message=Safe("the disk is full: 118 MB are missing"))
    assert trouble_of(full).endswith("118 MB are missing; the same command goes on at 194 MB")
    assert trouble_of(replace(full, state=DownloadState.FAILED, message=None)) == "wind-2026-03.zip: failed"
