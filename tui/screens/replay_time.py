"""The dialog that asks at which time a recording is to be looked at."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from textual import on
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.moments import span_of
from tui.screens.dialog import Dialog, words
from tui.widgets.glyphs import Glyphs
from tui.widgets.plain import plain
from tui.widgets.words import time_text

_TIME = re.compile(r"(?:(?P<day>\d{4}-\d\d-\d\d)[ T]+)?(?P<clock>\d{1,2}:\d\d(?::\d\d)?)")
_MOST_DAYS = 400
"""A time of day is looked for in so many days at most, however long the recording claims to be."""


def moment_of(text: str, now: datetime, first: datetime, last: datetime) -> datetime | None:
    """The moment that is meant, within the recording; None where the text means none.

    `02:14` is the next such time after `now`, else the one before; `2026-03-02 02:14` is that one; `+90m` and `-2h`
    count from `now`.
    """
    text = text.strip()
    if text[:1] in ("+", "-") and (seconds := span_of("".join(text[1:].split()))) is not None:
        step = timedelta(seconds=min(seconds, (last - first).total_seconds()))
        return min(max(first, now + step if text[0] == "+" else now - step), last)
    told = _TIME.fullmatch(text)
    if told is None:
        return None
    try:
        clock = time.fromisoformat(told["clock"].zfill(5 if told["clock"].count(":") == 1 else 8))
        begin = datetime.fromisoformat(told["day"]) if told["day"] else first.astimezone()
    except ValueError:
        return None
    days = 0 if told["day"] else min((last - first).days + 1, _MOST_DAYS)
    found = [datetime.combine(begin.date() + timedelta(day), clock).astimezone() for day in range(days + 1)]
    there = [one for one in found if first <= one <= last]
    return next((one for one in there if one > now), there[-1] if there else None)


class TimeDialog(Dialog[datetime]):
    """Gives back a moment of the recording."""

    AUTO_FOCUS = "#time"

    def __init__(self, now: datetime, first: datetime, last: datetime, glyphs: Glyphs) -> None:
        super().__init__("Go to a time", glyphs)
        self._times = (now, first, last)
        self._says = Static(plain("Enter goes there, Escape closes."), id="says", classes="hint", markup=False)

    def inside(self) -> list[Widget]:
        """From when to when it goes, and the time."""
        _, first, last = self._times
        field = Input(id="time", select_on_focus=False, placeholder="e.g. 02:14, 02:14:30, +90m, -2h")
        field.cursor_blink = False
        return [words(f"From {time_text(first)} to {time_text(last)}"), field, self._says]

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        moment = moment_of(event.value, *self._times)
        if moment is not None:
            self.dismiss(moment)
        elif event.value.strip():
            self._says.set_classes("wrong")
            self._says.update(plain("That is no time of this recording; write e.g. 02:14, 2026-03-02 02:14 or +90m."))
