"""What the board is told at its start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tui.clock import Clock, SystemClock
from tui.widgets.actions import Keys
from tui.widgets.glyphs import ASCII, UNICODE, Glyphs


@dataclass(frozen=True, slots=True)
class BoardOptions:
    """How the board looks and what it may do.

    `demo_folder` is where `--demo` keeps everything; it is named on the board. `key_map` is config.toml's `[keys]`:
    keys by action name. `bell` rings when a job ends or a result is about to die. `tmux`
    is the tmux program when the board runs inside it. `flush_seconds` is how long changes
    are gathered before they are painted together.
    """

    ascii: bool = False
    theme: str = "jobdeck"
    no_color: bool = False
    read_only: bool = False
    bell: bool = True
    demo_folder: Path | None = None
    tmux: str | None = None
    key_map: Mapping[str, str] = field(default_factory=dict)
    clock: Clock = field(default_factory=SystemClock)
    flush_seconds: float = 0.2
    tick_seconds: float = 5.0

    @property
    def glyphs(self) -> Glyphs:
        """The signs to draw with."""
        return ASCII if self.ascii else UNICODE

    @property
    def keys(self) -> Keys:
        """The keys in force."""
        return Keys(self.key_map)
