"""A notice on the operator's own desktop, through the terminal that shows the board, over SSH too.

Which sequence a terminal understands is told by its environment; one that is not known gets none, and the bell says
it. Inside tmux only what is wrapped reaches the terminal, and only where `allow-passthrough` is on (facts: tmux).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from tui.screens.tmux import ask_tmux
from tui.text import safe_line

_LONGEST = 200
_ST = "\x1b\\"


class Way(Enum):
    """How a terminal is told of a notice."""

    OSC_9 = "OSC 9"
    OSC_777 = "OSC 777"
    OSC_99 = "OSC 99"


_PROGRAMS = {
    "iTerm.app": Way.OSC_9,
    "zed": Way.OSC_9,
    "WezTerm": Way.OSC_777,
    "ghostty": Way.OSC_777,
    "WarpTerminal": Way.OSC_777,
    "kitty": Way.OSC_99,
}
"""By TERM_PROGRAM."""

_VARIABLES = {
    "KITTY_WINDOW_ID": Way.OSC_99,
    "WEZTERM_PANE": Way.OSC_777,
    "GHOSTTY_RESOURCES_DIR": Way.OSC_777,
    "WT_SESSION": Way.OSC_777,
    "VTE_VERSION": Way.OSC_777,
}
"""By a variable that the terminal sets."""

_TERMS = {
    "xterm-kitty": Way.OSC_99,
    "xterm-ghostty": Way.OSC_777,
    "wezterm": Way.OSC_777,
    "foot": Way.OSC_777,
    "contour": Way.OSC_777,
    "rxvt-unicode": Way.OSC_777,
}
"""By how TERM begins: the only one of these that goes along with every SSH login."""

_TYPES = {
    "iTerm2": Way.OSC_9,
    "WezTerm": Way.OSC_777,
    "ghostty": Way.OSC_777,
    "foot": Way.OSC_777,
    "contour": Way.OSC_777,
    "kitty": Way.OSC_99,
}
"""By how the name begins that a terminal gave tmux (XTVERSION)."""


@dataclass(frozen=True, slots=True)
class Desktop:
    """How the desktop is reached: the terminal's way, wrapped for tmux where the board runs inside it."""

    way: Way
    in_tmux: bool = False

    def sequence(self, title: str, body: str) -> str:
        """What is sent for a notice; nothing in the texts can end it early or begin another."""
        told = _sequence(self.way, _plain(title), _plain(body))
        return f"\x1bPtmux;{told.replace(chr(27), chr(27) * 2)}{_ST}" if self.in_tmux else told


def _plain(text: str) -> str:
    """No control character, no `;`, since that parts the fields."""
    return safe_line(text, _LONGEST).replace(";", ",")


def _sequence(way: Way, title: str, body: str) -> str:
    match way:
        case Way.OSC_9:  # ConEmu takes a leading number for an order of its own: the text begins with our name
            return f"\x1b]9;jobdeck: {title}: {body}\x07"
        case Way.OSC_777:
            return f"\x1b]777;notify;{title};{body}{_ST}"
        case Way.OSC_99:
            first, then = (base64.b64encode(text.encode()).decode() for text in (title, body))
            return f"\x1b]99;i=jobdeck:d=0:e=1;{first}{_ST}\x1b]99;i=jobdeck:d=1:e=1:p=body;{then}{_ST}"


def way_of(environ: Mapping[str, str]) -> Way | None:
    """The way of the terminal that this environment tells of; None for one that is not known."""
    if environ.get("ConEmuANSI") or environ.get("STY"):  # ConEmu's OSC 9 is a dialog; screen lets nothing through
        return None
    if way := _PROGRAMS.get(environ.get("TERM_PROGRAM", "")):
        return way
    if environ.get("LC_TERMINAL") == "iTerm2":  # goes along with an SSH login
        return Way.OSC_9
    for name, way in _VARIABLES.items():
        if environ.get(name):
            return way
    return _by_start(environ.get("TERM", ""), _TERMS)


async def desktop_of(environ: Mapping[str, str], tmux: str | None) -> Desktop | None:
    """How the desktop is reached from here, None where it is not; `tmux` is the program, inside of it."""
    if tmux is None:
        way = way_of(environ)
        return None if way is None else Desktop(way)
    passes, _, client = (await _asked(tmux)).partition("|")
    kind, _, term = client.strip().partition("|")
    if passes not in ("1", "2", "on", "all"):
        return None
    way = _by_start(kind, _TYPES) or _by_start(term, _TERMS)
    return None if way is None else Desktop(way, in_tmux=True)


def _by_start(name: str, ways: Mapping[str, Way]) -> Way | None:
    return next((way for start, way in ways.items() if name.startswith(start)), None)


async def _asked(tmux: str) -> str:
    """What tmux says of itself and of the terminal that it is shown on; empty when it does not answer."""
    words = "#{allow-passthrough}|#{client_termtype}|#{client_termname}"
    return (await ask_tmux(tmux, "display-message", "-p", words) or "").strip()
