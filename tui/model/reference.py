"""What a job is called: here, and at its vendor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

JobKey = NewType("JobKey", str)
"""`CONNECTION:ID`, the name of a job everywhere outside the store."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Reference:
    """What names a job at its vendor, as read from the text that the user gave.

    `id` is the part of the key behind the connection's name. `url` is the address as it was given, without
    credentials, where the vendor must be asked by it. `outputs` are output names the user attached.
    `expires_at` is when the vendor stops answering for it, where that is known from the start.
    """

    id: str
    url: str | None = None
    outputs: tuple[str, ...] = ()
    expires_at: datetime | None = None
