"""How a connection is doing: kept for one connection, and told whenever it changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from tui.clock import Clock
from tui.model import Condition, ConnectionHealth, Safe

HealthListener = Callable[[ConnectionHealth], None]


class Health:
    """The health of one connection, and whether its user has the asking paused."""

    def __init__(self, at_first: ConnectionHealth, clock: Clock, tell: HealthListener) -> None:
        self.now = at_first
        """As the asking goes, whatever its user has paused."""
        self._clock = clock
        self._tell = tell
        self._paused_at: datetime | None = None

    @property
    def is_paused(self) -> bool:
        """Whether nothing is asked, by the user's word."""
        return self._paused_at is not None

    @property
    def shown(self) -> ConnectionHealth:
        """The health as the user is told it: a pause of theirs hides what else there is."""
        if self._paused_at is None:
            return self.now
        return replace(self.now, condition=Condition.PAUSED, message=None, since=self._paused_at, next_try_at=None)

    def pause(self, *, on: bool) -> None:
        """The user's word, which is told."""
        self._paused_at = self._clock.now() if on else None
        self._tell(self.shown)

    def set(
        self,
        condition: Condition,
        *,
        message: Safe | None = None,
        latency: float | None = None,
        next_try_at: datetime | None = None,
        good: bool = False,
    ) -> None:
        """A new condition, or the old one once more; `good` says that there was a good answer, `latency` is seconds."""
        now, old = self._clock.now(), self.now
        self.now = replace(
            old,
            condition=condition,
            message=message,
            since=old.since if old.condition is condition else now,
            last_good_at=now if good else old.last_good_at,
            latency=latency if latency is not None else old.latency,
            next_try_at=next_try_at,
        )
        self._tell(self.shown)
