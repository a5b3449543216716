"""What the terminal can do: asked of the environment once, at the start (CONTRACT section 1)."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping
from typing import TextIO

from tui.errors import JobdeckError
from tui.text import safe_block

_UTF8 = re.compile(r"utf-?8", re.IGNORECASE)
_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")
"""What Python itself puts into LC_CTYPE when it is started in the C locale (PEP 538)."""


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream leads to a terminal; a closed one does not."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def wants_ascii(setting: str, environ: Mapping[str, str], encoding: str | None) -> bool:
    """Whether glyphs are ASCII: by `ui.glyphs`, else when the encoding is not UTF-8 or the locale is C or POSIX.

    The Linux console too, whose font has none of the signs.
    """
    if setting != "auto":
        return setting == "ascii"
    if environ.get("TERM") == "linux":
        return True
    locale = locale_of(environ).partition("=")[2]
    charset = locale.partition("@")[0].partition(".")[2]
    if locale in ("C", "POSIX") or (charset and not _UTF8.fullmatch(charset)):
        return True  # what the terminal speaks, whatever Python makes of a locale that is not installed here
    return not _UTF8.fullmatch(encoding or "")


def locale_of(environ: Mapping[str, str]) -> str:
    """The variable that tells the locale, `LANG=C`; not what Python itself makes of one. Empty where none does."""
    names = ["LC_ALL", "LC_CTYPE", "LANG"]
    if environ.get("LC_CTYPE") in _COERCED:
        names.remove("LC_CTYPE")
    return next((f"{name}={environ[name]}" for name in names if environ.get(name)), "")


def wants_color(environ: Mapping[str, str], stream: TextIO) -> bool:
    """Whether colours may be sent."""
    return is_terminal(stream) and not environ.get("NO_COLOR") and environ.get("TERM", "dumb") != "dumb"


def has_colours(environ: Mapping[str, str]) -> bool:
    """Whether the terminal has colours, by terminfo; one that is not in there has them."""
    if environ.get("COLORTERM"):
        return True
    try:
        import curses  # noqa: PLC0415  # for the board alone
    except ImportError:  # some Pythons are built without it
        return True
    try:
        curses.setupterm(environ.get("TERM"), 2)
    except curses.error:
        return True
    return curses.tigetnum("colors") not in (-1, 0)


def width(stream: TextIO) -> int | None:
    """The terminal's width in cells; None where there is no terminal to fit."""
    return shutil.get_terminal_size().columns if is_terminal(stream) else None


def tell(text: str) -> None:
    """Write a line for people to stderr, no order to a terminal in it; a closed one is not an error."""
    try:
        sys.stderr.write(safe_block(text) + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        return


def in_lines(error: JobdeckError) -> str:
    """An error as it is told: what is wrong, and below it what to do next."""
    return f"jobdeck: {error.message}" + (f"\n  {error.hint}" if error.hint else "")


def board_trouble() -> str | None:
    """Why the board cannot be opened here; None when it can."""
    if not (is_terminal(sys.__stdin__) and is_terminal(sys.__stderr__)):  # Textual draws on stderr
        return "the board needs a terminal"
    if os.environ.get("TERM", "dumb") in ("dumb", ""):
        return f"the board cannot be drawn on TERM={os.environ.get('TERM', '') or 'nothing'}"
    return None
