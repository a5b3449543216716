"""config.toml while the program runs: changed from here, or read anew when somebody else changed it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from tui import config
from tui.config import Config
from tui.config import edit as config_edit
from tui.config.file import ConfigFile, Stamp
from tui.errors import ConfigError, UsageError
from tui.filter import SAVED_NAME
from tui.model import Safe
from tui.text import safe_line

Apply = Callable[[Config], Awaitable[None]]
Tell = Callable[[str], None]


def from_the_next_start(old: Config, new: Config) -> str | None:
    """What of a change counts only when jobdeck is started again, in a sentence; None when nothing does."""
    late = {
        "[ui]": (old.ui, new.ui),
        "[keys]": (old.keys, new.keys),
        "[notify]": (old.notify, new.notify),
        "[callbacks]": (old.callbacks, new.callbacks),
        "downloads.at_once": (old.downloads.at_once, new.downloads.at_once),
        "downloads.connections": (old.downloads.connections, new.downloads.connections),
        "downloads.after": (old.downloads.after, new.downloads.after),
    }
    names = ", ".join(name for name, (was, now) in late.items() if was != now)
    return f"config.toml is obeyed; {names} from the next start of jobdeck on" if names else None


class LiveConfig:
    """`apply` has a new config obeyed; `tell` hears what the user should know, once each time.

    A file that is broken, or gone, changes nothing: what it said before stays in force.
    """

    def __init__(self, path: Path | None, apply: Apply, tell: Tell) -> None:
        self._file = ConfigFile(path) if path else None
        self._apply = apply
        self._tell = tell
        self._known: Stamp = None
        self._seen: Stamp = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def file(self) -> ConfigFile:
        """The file that can be changed. Raises UsageError in a run that has none."""
        if self._file is None:
            raise UsageError("this run has no config.toml that could be changed")
        return self._file

    async def text(self) -> str:
        """The file's text; empty in a run that has none."""
        return "" if self._file is None else await asyncio.to_thread(self._file.read)

    async def check(self, edit: Callable[[str], str]) -> None:
        """See whether the file could be changed so. Raises as `change`; changes nothing."""
        await asyncio.to_thread(self.file.check, edit)

    async def change(self, edit: Callable[[str], str]) -> None:
        """Change the file and obey it. Raises ConfigError and what `edit` raises; then nothing is changed."""
        async with self._one_at_a_time:
            made = await asyncio.to_thread(self.file.change, edit)
            self._known = self._seen = self.file.stamp()
            await self._apply(made)

    async def save_filter(self, name: str, text: str) -> Safe:
        """Write a filter to the file under a name; says how to use it. Raises UsageError, ConfigError."""
        if not SAVED_NAME.fullmatch(name):
            raise UsageError(f"{name} is no name for a filter", hint='it may hold letters, digits, "-" and "_"')
        await self.change(lambda old: config_edit.with_filter(old, name, text))
        return safe_line(f"kept: @{name} is this filter from now on")

    async def look(self) -> None:
        """Obey the file if it was changed. It must look the same twice first: an editor may be writing."""
        if self._file is None:
            return
        async with self._one_at_a_time:
            stamp = await asyncio.to_thread(self._file.stamp)
            is_at_rest, self._seen = stamp == self._seen, stamp
            if stamp == self._known or not is_at_rest:
                return
            self._known = stamp
            if stamp is None:
                self._tell(f"{self._file.path} is gone; what it said stays in force until jobdeck ends")
                return
            try:
                read = await asyncio.to_thread(config.load, self._file.path)
            except ConfigError as error:
                self._tell(f"config.toml is not obeyed, the old one stays in force: {error.message}")
                return
            await self._apply(read)
