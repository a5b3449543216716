"""Copying out of a terminal: which way a text went is told, since no way tells whether it arrived (facts: tmux)."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Protocol

from tui.screens.tmux import ask_tmux
from tui.wording import size

_MOST_BYTES = 74_994
"""A longer text is cut or dropped by terminals that take no more than 100,000 bytes of base64 (OSC 52)."""
_BY_TMUX = "went into tmux's paste buffer, and through it to the terminal's clipboard"
_BY_TERMINAL = "was sent to the terminal's clipboard (OSC 52); if it does not paste, the terminal forbids that"


@dataclass(frozen=True, slots=True)
class CopyWays:
    """What there is to copy with.

    `tmux` is the tmux program when the board runs inside it: there OSC 52 is swallowed by default. `osc52` tells
    whether the terminal lets it through. In `folder` stand the files for what has no other way; None forbids them.
    """

    tmux: str | None = None
    osc52: bool = True
    folder: Path | None = None


class Osc52(Enum):
    """What becomes of a text that a terminal is sent by OSC 52; tmux around us is not looked at."""

    SENT = auto()
    """Most take it; none says so."""
    DOUBTFUL = auto()
    """It is not known to take it."""
    DROPPED = auto()
    """It is known to drop it."""


def osc52_of(environ: Mapping[str, str]) -> Osc52:
    """What becomes of it here; behind SSH `screen-256color` may be screen, which drops it, or tmux."""
    term = environ.get("TERM", "")
    if environ.get("STY") or term in ("linux", "screen", "vt100", "vt220"):
        return Osc52.DROPPED
    is_doubtful = environ.get("VTE_VERSION") or environ.get("TERM_PROGRAM") == "Apple_Terminal"
    return Osc52.DOUBTFUL if is_doubtful or term.startswith("screen") else Osc52.SENT


def takes_osc52(environ: Mapping[str, str]) -> bool:
    """Whether it is worth sending there."""
    return osc52_of(environ) is not Osc52.DROPPED


class TakesText(Protocol):
    """A terminal's clipboard."""

    def copy_to_clipboard(self, text: str) -> None:
        """Send it the text by OSC 52."""
        ...


class Clipboard:
    """Sends texts on their way."""

    def __init__(self, terminal: TakesText, ways: CopyWays) -> None:
        self._terminal = terminal
        self._ways = ways

    async def put(self, text: str, *, is_secret: bool = False) -> str:
        """Send the text on its way; returns which one, to be said behind what was copied.

        A secret is never written to a file.
        """
        ways = self._ways
        if ways.tmux is not None and await _load(ways.tmux, text):
            return _BY_TMUX
        length = len(text.encode("utf-8", "replace"))
        why = "" if ways.osc52 else "this terminal takes no clipboard text"
        why = why or (f"{size(length)} are too much for the terminal's clipboard" if length > _MOST_BYTES else "")
        if why and ways.folder is not None and not is_secret:
            try:
                path = await asyncio.to_thread(_write, ways.folder, text)
            except OSError as error:
                return f"went nowhere: {why}, and no file can be written: {error.strerror}"
            return f"is in {path}: {why}"
        if why and is_secret:
            return f"went nowhere: {why}, and a secret is not written to a file"
        self._terminal.copy_to_clipboard(text)
        return _BY_TERMINAL


def _write(folder: Path, text: str) -> Path:
    """Write it to a new file that its owner alone reads. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file, name = tempfile.mkstemp(prefix="copied-", suffix=".txt", dir=folder)
    with os.fdopen(file, "w", encoding="utf-8", errors="replace", newline="") as opened:
        opened.write(text)
    return Path(name)


async def _load(tmux: str, text: str) -> bool:
    """Give tmux the text through its stdin, never as an argument; whether it took it."""
    return await ask_tmux(tmux, "load-buffer", "-w", "-", stdin=text.encode("utf-8", "replace")) is not None
