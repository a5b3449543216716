"""Hours of the day in which nothing is told aloud, `22:00-07:00`; they may go past midnight."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time

_FORM = re.compile(r"(?P<h1>[01]?\d|2[0-3]):(?P<m1>[0-5]\d)\s*-\s*(?P<h2>[01]?\d|2[0-3]):(?P<m2>[0-5]\d)")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` until right before `end`, in the machine's own time; none where both are the same."""

    start: time = time(0)
    end: time = time(0)

    def hold(self, moment: datetime) -> bool:
        """Whether this moment, in whatever zone, lies in them."""
        now = moment.astimezone().time()
        if self.start <= self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end


def read_hours(text: str) -> QuietHours | None:
    """`22:00-07:00` as hours; None when it cannot be read."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return None
    return QuietHours(time(int(found["h1"]), int(found["m1"])), time(int(found["h2"]), int(found["m2"])))
