"""What config.toml can set, as objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tui.config.quiet_hours import QuietHours
from tui.errors import ConfigError
from tui.filter import Saved
from tui.model import Connection

LAYOUT_FIELDS = ("connection", "vendor", "title", "id", "date", "output")

COLUMNS = ("job", "connection", "state", "progress", "output", "age", "seen")
"""The columns of the job table."""

AFTER_FIELDS = ("path", "job", "connection", "title", "output")

NOTIFY_FIELDS = ("title", "state", "job", "connection", "vendor_status")


@dataclass(frozen=True, slots=True)
class Polling:
    """How often vendors are asked; seconds."""

    min_interval: float = 2.0
    max_interval: float = 60.0


@dataclass(frozen=True, slots=True)
class Downloads:
    """Where files go, how many move at once, and what is done with them by itself."""

    folder: Path = field(default_factory=lambda: Path("~/Downloads/jobdeck").expanduser())
    layout: str = "{output}"
    """Folders below `folder`, with LAYOUT_FIELDS; its end, `{output}`, is the file's own name."""
    at_once: int = 3
    connections: int = 4
    auto: bool | str = False
    """Whether results are fetched by themselves; a text is the filter that their jobs have to fit."""
    after: tuple[str, ...] = ()
    """A command for each file that was fetched, with AFTER_FIELDS."""


@dataclass(frozen=True, slots=True)
class Notify:
    """How the board tells that a job ended."""

    bell: bool = True
    desktop: str = "auto"
    command: tuple[str, ...] = ()
    """A command for each end, or for many at once, with NOTIFY_FIELDS."""
    when: str = "all"
    """Whose end is told: `all`, or only that of jobs with an `alert`."""
    quiet: QuietHours = field(default_factory=QuietHours)
    """When there is no bell, no desktop notice and no command."""


@dataclass(frozen=True, slots=True)
class Ui:
    """How the board looks."""

    theme: str = "jobdeck"
    """One of THEMES."""
    glyphs: str = "auto"
    columns: tuple[str, ...] = ()
    """The columns of the job table from left to right, of COLUMNS; all where none is named."""
    window_title: bool = True
    """Whether the terminal's window gets the board's totals as its title."""
    mouse: bool = True
    """Whether the board takes the mouse; else the terminal selects text with it."""


@dataclass(frozen=True, slots=True)
class Retention:
    """What becomes of jobs that are over; None is never."""

    archive_after: timedelta | None = timedelta(days=30)
    """So long a job stays on the board after its end; then it is in the archive, where `is:archived` finds it."""
    forget_after: timedelta | None = None
    """So long it stays in the archive."""


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Where vendors may post that a job moved; nowhere without an address."""

    listen: tuple[str, int] | None = None
    """A local address and a port."""
    public_url: str = ""
    """What vendors are told to post to: it leads to `listen`."""


@dataclass(frozen=True, slots=True)
class Config:
    """The whole of config.toml."""

    downloads: Downloads = field(default_factory=Downloads)
    notify: Notify = field(default_factory=Notify)
    ui: Ui = field(default_factory=Ui)
    retention: Retention = field(default_factory=Retention)
    callbacks: Callbacks = field(default_factory=Callbacks)
    keys: Mapping[str, str] = field(default_factory=dict)
    filters: Saved = field(default_factory=dict)
    """The saved filters by their names."""
    connections: Mapping[str, Connection] = field(default_factory=dict)

    def connection(self, name: str) -> Connection:
        """The connection of that name. Raises ConfigError with the names there are."""
        try:
            return self.connections[name]
        except KeyError:
            known = ", ".join(self.connections) or "none yet"
            raise ConfigError(f"there is no connection named {name}", hint=f"connections: {known}") from None
