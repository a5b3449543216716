"""Whether a terminal understands xterm's OSC sequences: a window's title is set by one, its background asked by one."""

from __future__ import annotations

from collections.abc import Mapping

_TERMS = (
    "xterm",
    "tmux",
    "screen",
    "rxvt",
    "foot",
    "alacritty",
    "wezterm",
    "kitty",
    "ghostty",
    "konsole",
    "contour",
    "st-",
    "vte",
    "gnome",
)
"""How TERM begins where these are understood; elsewhere, as on the Linux console, their text would be shown."""


def speaks_xterm(environ: Mapping[str, str]) -> bool:
    """Whether the terminal takes them, known or not, without showing them."""
    return environ.get("TERM", "").startswith(_TERMS)
