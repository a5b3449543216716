"""What the board is told at its start."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tui.clock import Clock, SystemClock
from tui.config import Notify
from tui.engine.telling.notice import GATHER_SECONDS
from tui.model import Job
from tui.screens.clipboard import CopyWays
from tui.screens.desktop import Desktop
from tui.screens.errands import SHOWN_AFTER
from tui.widgets.actions import Keys
from tui.widgets.glyphs import ASCII, UNICODE, Glyphs

if TYPE_CHECKING:  # with rooms that only a replay needs
    from tui.engine.recording.player import Player


@dataclass(frozen=True, slots=True)
class BoardOptions:
    """How the board looks and what it may do.

    `view_file` is where the user's place is kept from one run to the next; without one it is forgotten. `columns` are
    the job table's, by their names in config.toml; all where none is named.

    `demo_folder` is where `--demo` keeps everything; it is named on the board. `key_map` is config.toml's `[keys]`:
    keys by action name. `notify` says what is told aloud when a job ends or a result is about to die, `desktop` how
    the operator's own desktop is reached, `send` where such sequences and the window's title go, None for the
    terminal. `news_seconds` is how long changes are gathered before they are painted together, `gather_seconds` how
    long ends are before they are told as one. `follow_seconds` is the least between two jobs in the detail while the
    cursor runs; 0 has it go with every step. `row_json` is a job as its line of JSON (CONTRACT section 6).
    With the theme `auto` the terminal is asked whether it is dark or light, where `asks_background`; until it answers
    `is_light` holds.

    `recording` tells whether this board is written down; `replay` plays a recording, and is the `clock` then.

    `on_painted` is called once, when the first frame is out; `on_quiet` again and again while nobody presses a key or
    moves the mouse.
    """

    ascii: bool = False
    theme: str = "jobdeck"
    is_light: bool = False
    asks_background: bool = False
    no_color: bool = False
    read_only: bool = False
    notify: Notify = field(default_factory=Notify)
    desktop: Callable[[], Awaitable[Desktop | None]] | None = None
    window_title: bool = False
    send: Callable[[str], None] | None = None
    demo_folder: Path | None = None
    copy_ways: CopyWays = field(default_factory=CopyWays)
    row_json: Callable[[Job], str] | None = None
    on_painted: Callable[[], None] | None = None
    on_quiet: Callable[[], None] | None = None
    view_file: Path | None = None
    columns: tuple[str, ...] = ()
    key_map: Mapping[str, str] = field(default_factory=dict)
    recording: Callable[[], bool] | None = None
    replay: Player | None = None
    clock: Clock = field(default_factory=SystemClock)
    news_seconds: float = 0.2
    follow_seconds: float = 0.2
    tick_seconds: float = 5.0
    errand_seconds: float = SHOWN_AFTER
    gather_seconds: float = GATHER_SECONDS

    @property
    def glyphs(self) -> Glyphs:
        """The signs to draw with."""
        return ASCII if self.ascii else UNICODE

    @property
    def keys(self) -> Keys:
        """The keys in force."""
        return Keys(self.key_map)
