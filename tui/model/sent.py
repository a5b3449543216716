"""What was sent to a vendor and whose answer is not there: a wish to change a job, and a start whose reply was lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """A wish to change a job that was sent to its vendor, e.g. `cancel`, and whose answer has not come."""

    action: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LostStart:
    """What a start is known by at its vendor, and what the vendor's list said of it so far.

    `kind`, `name` and `outputs` are of the order, and none of them is a secret; the rest is what was found.
    """

    kind: str
    """What the vendor tells of the job too, e.g. the activity or the workflow that it runs."""
    name: str | None = None
    """The name of this one job, where the order gives it one that the vendor repeats."""
    outputs: tuple[str, ...] = ()
    """The output files that the order names, in the form of `Reference.outputs`."""
    candidates: tuple[str, ...] = ()
    """Ids of jobs at the vendor that may be it."""
    not_started: bool = False
    """Whether a whole list, read long enough after the sending, held no job that may be it."""
