"""Reading a long text: looking for words, going from error to error, following its end, breaking its lines."""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Coroutine
from typing import TypeVar

from tui.widgets.lines import EMPTY, Line, Piece, Tone, toned
from tui.widgets.longtext import LongText, error_after, error_before, lines_with
from tui.widgets.sheet import Wanted
from tui.widgets.textview import TextView

T = TypeVar("T")

MOST_FOUND = 10_000
"""So many lines are counted; who looks for an `e` gets no better answer from more."""

Start = Callable[[Coroutine[None, None, None]], object]
"""Runs what takes a while; what was started before is given up."""


class Reader:
    """What the user does with the text in sight. `changed` is called when there is something new to say of it."""

    def __init__(self, view: TextView, start: Start, changed: Callable[[], None]) -> None:
        self.view = view
        self.wraps = True
        self.follows = False
        self._start = start
        self._changed = changed
        self._wanted = Wanted("")
        self._found: list[int] | None = None
        """The lines with what is wanted; None while they are looked for."""
        self._from = 0
        """The line from which the search goes on."""
        self._says = ""

    @property
    def is_searching(self) -> bool:
        """Whether anything is looked for."""
        return bool(self._wanted.text)

    def fresh(self, *, other: bool) -> None:
        """The view shows a newer version, or another text: search in that; another one also ends following."""
        self._says = ""
        if other:
            self.follows = False
        if self.is_searching:
            self._look(go=False)
        elif other:
            self.view.go_to(None)
        if self.follows:
            self.view.go_to_end()

    def begin(self) -> None:
        """Start the next search from the present line."""
        self._from = self.view.line

    def look_for(self, text: str) -> None:
        """Look for something else, and go to the first that is found."""
        self._wanted = Wanted(text)
        self._says = ""
        self.view.light(self._wanted)
        if text:
            self._look(go=True)
        else:
            self._found = []
            self.view.go_to(None)
            self._changed()

    def step(self, *, forward: bool) -> None:
        """Go to the next line that was found, or to the one before, around the end."""
        if not self._found:
            return
        here, is_at = self.view.line, self.view.target is not None
        behind = bisect_right(self._found, here) if is_at else bisect_left(self._found, here)
        place = behind if forward else bisect_left(self._found, here) - 1
        self._says = "" if 0 <= place < len(self._found) else "around the end"
        self.view.go_to(self._found[place % len(self._found)])
        self._stop_following()
        self._changed()

    def step_to_error(self, *, forward: bool) -> None:
        """Go to the next error line, or to the one before."""
        self._start(self._go_to_error(forward=forward))

    def toggle_wrap(self) -> None:
        """Break long lines, or cut them."""
        self.wraps = not self.wraps
        sheet = self.view.sheet
        if isinstance(sheet, LongText):
            sheet.wraps = self.wraps
            self.view.lay_anew()
        self._changed()

    def toggle_follow(self) -> None:
        """Stay at the end while the text grows, or stop that."""
        self.follows = not self.follows
        if self.follows:
            self.view.go_to(None)
            self.view.go_to_end()
        self._changed()

    def notice_scroll(self) -> None:
        """Stop following when the user scrolls up."""
        if self.follows and not self.view.at_end:
            self._stop_following()

    def told(self) -> Line:
        """The present line, what was found, and which modes are on."""
        sheet = self.view.sheet
        parts: list[Piece] = []
        if isinstance(sheet, LongText):
            shown = min(self.view.line, sheet.lines - 1) + 1
            parts.append(toned(f"line {shown} of {sheet.lines}", Tone.DIM))
        if self.is_searching:
            parts.append(self._count())
        if self._says:
            parts.append(toned(self._says, Tone.WARN))
        if self.follows:
            parts.append(toned("follows", Tone.RUN))
        if isinstance(sheet, LongText) and not self.wraps:
            parts.append(toned("long lines cut", Tone.DIM))
        spaced = [piece for part in parts for piece in (toned("  "), part)]
        return (toned(" "), *spaced[1:]) if spaced else EMPTY

    def _count(self) -> Piece:
        found = self._found
        if found is None:
            return toned(f"looking for {self._wanted.text}", Tone.DIM)
        if not found:
            return toned(f"no {self._wanted.text}", Tone.BAD)
        more = "+" if len(found) >= MOST_FOUND else ""
        place = bisect_left(found, self.view.line)
        here = f"{place + 1} of " if place < len(found) and found[place] == self.view.line else ""
        return toned(f"{here}{len(found)}{more} with {self._wanted.text}", Tone.KEY)

    def _stop_following(self) -> None:
        self.follows = False

    def _look(self, *, go: bool) -> None:
        sheet, wanted = self.view.sheet, self._wanted
        if isinstance(sheet, LongText):
            self._found = None
            self._start(self._find(wanted, sheet, go=go))
        else:
            self._take([row for row in range(sheet.height) if sheet.found(row, wanted)], go=go)

    async def _find(self, wanted: Wanted, sheet: LongText, *, go: bool) -> None:
        found = await _in_thread(lambda is_over: lines_with(sheet, wanted, MOST_FOUND, is_over))
        if wanted is self._wanted and sheet is self.view.sheet:
            self._take(found, go=go)

    def _take(self, found: list[int], *, go: bool) -> None:
        self._found = found
        if go and found:
            place = bisect_left(found, self._from)
            self.view.go_to(found[place % len(found)])
            self._stop_following()
        self._changed()

    async def _go_to_error(self, *, forward: bool) -> None:
        sheet, here = self.view.sheet, self.view.line
        if not isinstance(sheet, LongText):
            return
        if forward and self.view.target is None:
            here -= 1  # the first line in sight counts too, unless the user went to it
        look = error_after if forward else error_before
        found = await _in_thread(lambda is_over: look(sheet, here, is_over))
        if sheet is not self.view.sheet:
            return
        self._says = "" if found is not None else f"no error line {'below' if forward else 'above'}"
        if found is not None:
            self.view.go_to(found)
            self._stop_following()
        self._changed()


async def _in_thread(work: Callable[[Callable[[], bool]], T]) -> T:
    """Run work in a thread; it is told when nobody waits for it any more."""
    gone = False
    try:
        return await asyncio.to_thread(work, lambda: gone)
    finally:
        gone = True
