"""The line in a dialog that says what to do, what is under way and for how long, or what went wrong."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from datetime import datetime
from typing import Any, TypeVar

from textual.widgets import Static

from tui.clock import Clock
from tui.errors import JobdeckError
from tui.widgets.glyphs import UNICODE, Glyphs
from tui.widgets.plain import plain
from tui.widgets.waiting import CalledBackError, granted
from tui.wording import duration

T = TypeVar("T")

_TICK = 1.0
"""Seconds between two looks at the age of what is under way."""

_SHORT = 1
"""Seconds below which no age is told."""


class Says(Static):
    """Never read as markup. While something is under way its age moves each second."""

    DEFAULT_CSS = """
    Says { height: auto; max-height: 4; margin-top: 1; }
    """

    def __init__(self, hint: str, clock: Clock, glyphs: Glyphs) -> None:
        super().__init__(plain(hint), id="says", classes="hint", markup=False)
        self._clock = clock
        self._dots = "…" if glyphs is UNICODE else "..."
        self._text = hint
        self._doing = ""
        self._since: datetime | None = None
        self._future: Future[Any] | None = None

    def on_mount(self) -> None:
        """Let the age move."""
        self.set_interval(_TICK, self.tick)

    @property
    def is_waiting(self) -> bool:
        """Whether something is under way."""
        return self._since is not None

    def tell(self, text: str, *, wrong: bool = False) -> None:
        """Say something; `wrong` is for what the user has to mend."""
        self._since = None
        self._show(text, wrong=wrong)

    def tick(self) -> None:
        """Time has passed."""
        if self._since is None:
            return
        seconds = (self._clock.now() - self._since).total_seconds()
        age = f" {duration(seconds)}" if seconds >= _SHORT else ""
        way_back = "" if self._future is None or self._future.running() else "  (Escape calls it back)"
        self._show(f"{self._doing} {self._dots}{age}{way_back if age else ''}", wrong=False)

    def call_back(self) -> bool:
        """Call back what is under way; False where nothing is, or where it is sent already."""
        return self.is_waiting and self._future is not None and self._future.cancel()

    async def follow(self, future: Future[T], doing: str, *, unsent: str = "") -> T | None:
        """Wait for a wish with its age in sight; None after an error, which is told here, or on the board.

        It is told on the board when the dialog was closed meanwhile. Who stops waiting calls back what can be;
        `unsent` is told then, where the wish would have changed something at a vendor.
        """
        self._doing, self._since, self._future = doing, self._clock.now(), future
        self.tick()
        try:
            result = await granted(future)
        except asyncio.CancelledError:
            future.cancel()
            raise
        except CalledBackError as error:
            if self.is_attached:
                self.tell(f"{doing}: {error.message}{unsent}.")
            return None
        except JobdeckError as error:
            text = error.told
            if self.is_attached:
                self.tell(text, wrong=True)
            else:
                self.app.notify(text, severity="warning", markup=False, timeout=8)
            return None
        self._since = None
        return result

    def _show(self, text: str, *, wrong: bool) -> None:
        self.set_class(wrong, "wrong")
        self.set_class(not wrong, "hint")
        if text != self._text:
            self._text = text
            self.update(plain(text))
