"""A download as one line of the pane: columns that stand below each other, the least needed dropped first."""

from __future__ import annotations

from rich.cells import cell_len

from tui.model import Download, DownloadState, Verified
from tui.underway import (
    amount_text,
    left_text,
    middle_cut,
    notes,
    percent_text,
    queue_text,
    ratio,
    speed_text,
)
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import Line, Tone, fit, line, toned
from tui.wording import size as size_text

TONES = {
    DownloadState.QUEUED: Tone.WAIT,
    DownloadState.RUNNING: Tone.RUN,
    DownloadState.PAUSED: Tone.WARN,
    DownloadState.DONE: Tone.GOOD,
    DownloadState.FAILED: Tone.BAD,
    DownloadState.CANCELLED: Tone.DIM,
}

_PERCENT, _SPEED, _LEFT, _AMOUNT = 5, 10, 9, 16
"""Cells of the columns, with the space before them."""
_LEAST_BAR, _MOST_BAR = 8, 30
_LEAST_NAME, _MOST_NAME, _ROOMY = 14, 44, 100


def download_line(one: Download, width: int, glyphs: Glyphs, place: int) -> Line:
    """What, how far, how fast, how long yet, or what it waits for; or how it ended and where it lies.

    `place` is where it stands in the queue, counted from 1.
    """
    name = max(min(width // 4 + 2 if width >= _ROOMY else width // 5, _MOST_NAME), _LEAST_NAME)
    start = (
        toned(f" {glyphs.downloads[one.state]} ", TONES[one.state]),
        toned(fit(one.name, name, glyphs.ellipsis)),
        toned("  "),
    )
    room = width - name - 5
    match one.state:
        case DownloadState.RUNNING:
            rest = _told(one, room, glyphs, "") if one.message else _moving(one, room, glyphs)
        case DownloadState.PAUSED:
            rest = _told(one, room, glyphs, "paused")
        case DownloadState.QUEUED:
            rest = line(one.message or (queue_text(place) if place else "waits for its turn"), Tone.DIM)
        case DownloadState.DONE:
            rest = _done(one, room, glyphs)
        case DownloadState.FAILED | DownloadState.CANCELLED:
            text = middle_cut(one.message or one.state.value, room, glyphs.ellipsis)
            rest = line(text, TONES[one.state])
    return (*start, *rest)


def _moving(one: Download, room: int, glyphs: Glyphs) -> Line:
    least = _LEAST_BAR if room >= _LEAST_BAR + _PERCENT else 0
    fixed = least + _PERCENT
    shown = []
    for text, cells in ((speed_text(one), _SPEED), (left_text(one), _LEFT), (amount_text(one), _AMOUNT)):
        if fixed + cells > room:
            break
        fixed += cells
        shown.append(toned(f"{text:>{cells}}", Tone.DIM if cells == _AMOUNT else Tone.PLAIN))
    spare = room - fixed
    bar = min(max(spare // 3, least), _MOST_BAR) if least else 0
    spare -= bar - least
    said = []
    for note in notes(one):
        if len(note) + 2 > spare:
            break
        spare -= len(note) + 2
        said.append(toned(f"  {note}", Tone.DIM))
    return (*_bar(one, bar, glyphs), *shown, *said)


def _bar(one: Download, length: int, glyphs: Glyphs) -> Line:
    part = ratio(one)
    full = int((part or 0.0) * length)
    percent = "" if part is None else percent_text(part)
    return (
        toned(glyphs.bar_full * full, TONES[one.state]),
        toned(glyphs.bar_empty * (length - full), Tone.DIM),
        toned(f"{percent:>{_PERCENT}}"),
    )


def _told(one: Download, room: int, glyphs: Glyphs, word: str) -> Line:
    """A file that does not move: how far it is, and why it stands."""
    text = ": ".join(part for part in (word, one.message or "") if part)
    bar = _bar(one, _LEAST_BAR, glyphs)
    left = room - _LEAST_BAR - _PERCENT - 2
    if len(text) > left and left < len(text.partition("; ")[0]):
        bar, left = bar[-1:], left + _LEAST_BAR
    return (*bar, toned(f"  {middle_cut(text, max(left, 0), glyphs.ellipsis)}", Tone.WARN))


def _done(one: Download, room: int, glyphs: Glyphs) -> Line:
    checked = "not checked" if one.verified in (None, Verified.NONE) else f"{one.verified} checked"
    words = f"{size_text(one.bytes):>8}  {checked:<12}  "
    path = str(one.path or one.folder)
    left = room - len(words) - 1
    if cell_len(path) > left > 1:
        path = glyphs.ellipsis + _tail(path, left - 1)
    return (toned(words, Tone.GOOD), toned(path))


def _tail(text: str, cells: int) -> str:
    """The end of a text, in at most so many cells."""
    start = max(len(text) - cells, 0)
    while cell_len(text[start:]) > cells:
        start += 1
    return text[start:]
