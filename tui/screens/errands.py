"""What is under way on the user's word, with its age; the user may call it back, as far as it is not sent yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.cells import cell_len, set_cell_size

from tui.clock import Clock
from tui.widgets.glyphs import UNICODE, Glyphs
from tui.widgets.lines import EMPTY, Line, Tone, toned, width_of
from tui.wording import duration

T = TypeVar("T")

SHOWN_AFTER = 0.08
"""Seconds after which an errand is shown: what is done at once never flashes up."""


class Errand:
    """One thing under way."""

    def __init__(self, doing: str, since: float) -> None:
        self.doing = doing
        self.since = since
        self.is_shown = False
        self._left = asyncio.Event()

    @property
    def is_left(self) -> bool:
        """Whether the user waits for it no more."""
        return self._left.is_set()

    def leave(self) -> None:
        """The user waits for it no more."""
        self._left.set()

    async def wait(self, work: asyncio.Future[T]) -> None:
        """Return when the work is done, whatever came of it, or when the user has left it."""
        left = asyncio.ensure_future(self._left.wait())
        try:
            await asyncio.wait((work, left), return_when=asyncio.FIRST_COMPLETED)
        finally:
            left.cancel()


class Errands:
    """All that is under way, oldest first."""

    def __init__(
        self,
        clock: Clock,
        glyphs: Glyphs,
        later: Callable[[float, Callable[[], None]], object],
        shown_after: float = SHOWN_AFTER,
    ) -> None:
        """`later` calls something after so many seconds."""
        self._clock = clock
        self._shown_after = shown_after
        self._dots = "…" if glyphs is UNICODE else "..."
        self._later = later
        self._under_way: list[Errand] = []
        self.changed: Callable[[], None] = lambda: None
        """Called when there is something else to show."""

    @contextmanager
    def begin(self, doing: str) -> Iterator[Errand]:
        """Show what this context does, if it takes longer than a moment."""
        errand = Errand(doing, self._clock.monotonic())
        self._under_way.append(errand)
        self._later(self._shown_after, lambda: self._show(errand))
        try:
            yield errand
        finally:
            self._drop(errand)

    def leave_newest(self) -> Errand | None:
        """Wait no more for what was begun last; None where nothing is shown."""
        shown = [errand for errand in self._under_way if errand.is_shown]
        if not shown:
            return None
        shown[-1].leave()
        self._drop(shown[-1])
        return shown[-1]

    def line(self, width: int) -> Line:
        """What is under way and for how long; in so many cells its name gives way first. Empty for nothing."""
        shown = [errand for errand in self._under_way if errand.is_shown]
        if not shown:
            return EMPTY
        newest = shown[-1]
        more = f" +{len(shown) - 1}" if len(shown) > 1 else ""
        age = f"{self._dots} {duration(self._clock.monotonic() - newest.since)}{more}"
        way_out = (toned("  Esc", Tone.KEY), toned(" calls it back ", Tone.DIM))
        room = width - width_of(way_out) - cell_len(age) - 1
        doing = newest.doing if cell_len(newest.doing) <= room else set_cell_size(newest.doing, max(room, 0)).rstrip()
        return (toned(f" {doing}{age}", Tone.RUN), *way_out)

    def _show(self, errand: Errand) -> None:
        if errand in self._under_way:
            errand.is_shown = True
            self.changed()
            self._later(1.0, lambda: self._age(errand))

    def _age(self, errand: Errand) -> None:
        if errand in self._under_way:
            self.changed()
            self._later(1.0, lambda: self._age(errand))

    def _drop(self, errand: Errand) -> None:
        if errand in self._under_way:
            self._under_way.remove(errand)
            if errand.is_shown:
                self.changed()
