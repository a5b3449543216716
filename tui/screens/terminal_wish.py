"""What the board wishes of its terminal; the app, which has the terminal, sees to it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

NAMES = ("mouse", "redraw", "suspend", "theme")
"""The actions that are about the terminal."""


@dataclass
class TerminalWish(Message):
    """One of NAMES is to be done."""

    name: str
