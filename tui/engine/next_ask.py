"""What is planned for a job that has answered: the word between the board and whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class NextAsk:
    """When a job is asked next (None: not by itself), and until when its last answer counts as fresh."""

    at: datetime | None = None
    fresh_until: datetime | None = None
