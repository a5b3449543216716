"""What a vendor counts together: one pace and one pause for all connections of the same account."""

from __future__ import annotations

import math
from collections.abc import Callable

from tui.address import Origin, origin
from tui.clock import Clock
from tui.engine.wire.gate import Gate
from tui.errors import AskError
from tui.model import Connection
from tui.vendors.contract import CountsBy, Limited, Vendor

DEFAULT_REQUESTS_PER_MINUTE = 240
MOST_THROTTLED = 900.0
"""No vendor is left alone for longer than so many seconds, whatever it asks for."""

PauseListener = Callable[[AskError], None]
_Account = tuple[str, Origin, str]


class Quota:
    """The pace of an account's requests, and until when its vendor wants to be left alone."""

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self.gate = Gate(clock, per_minute)
        self._clock = clock
        self._paused_until = -math.inf
        self._listeners: list[PauseListener] = []

    @property
    def seconds_paused(self) -> float:
        """How long the pause lasts yet; nothing ends it sooner. Not more than 0 when there is none."""
        return self._paused_until - self._clock.monotonic()

    def on_pause(self, listener: PauseListener) -> None:
        """Have `listener` called with the vendor's words when a pause begins."""
        self._listeners.append(listener)

    def off_pause(self, listener: PauseListener) -> None:
        """Call this listener no more."""
        self._listeners.remove(listener)

    def pause(self, seconds: float, error: AskError) -> None:
        """Leave the vendor alone for so long; a longer pause that is on already stays."""
        self._paused_until = max(self._paused_until, self._clock.monotonic() + seconds)
        for listener in self._listeners:
            listener(error)


class Quotas:
    """One quota for all connections whose requests their vendor counts together."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._of: dict[_Account, Quota] = {}
        self._limits: dict[_Account, dict[str, int]] = {}
        self._programs = 1
        self._known_at = -math.inf
        """When the others know of this program."""

    def of(self, connection: Connection, vendor: Vendor) -> Quota:
        """The connection's quota; the smallest limit of those that share it holds."""
        limit = connection.max_requests_per_minute or (
            vendor.requests_per_minute if isinstance(vendor, Limited) else DEFAULT_REQUESTS_PER_MINUTE
        )
        account = _account(connection, vendor)
        quota = self._of.get(account)
        if quota is None:
            quota = self._of[account] = Quota(self._clock, limit)
            quota.gate.share_between(self._programs)
            if self._clock.monotonic() < self._known_at:
                quota.gate.join_others(self._known_at)
        limits = self._limits.setdefault(account, {})
        limits[connection.name] = limit
        quota.gate.limit_to(min(limits.values()))
        return quota

    def share_between(self, programs: int) -> None:
        """So many programs ask for the same accounts: each may send an equal part of every quota from now on."""
        self._programs = programs
        for quota in self._of.values():
            quota.gate.share_between(programs)

    def join_others(self, seconds: float) -> None:
        """Save nothing up before so many seconds from now: other programs may have sent all that a minute allows."""
        self._known_at = self._clock.monotonic() + seconds
        for quota in self._of.values():
            quota.gate.join_others(self._known_at)

    def forget(self, name: str) -> None:
        """A connection is no more, or another one: its limit holds no longer. A pause of its account stays."""
        for account, limits in self._limits.items():
            if limits.pop(name, None) is not None and limits:
                self._of[account].gate.limit_to(min(limits.values()))


def _account(connection: Connection, vendor: Vendor) -> _Account:
    """Whose requests are counted together: those of the same user, or what the vendor goes by, at the same host."""
    setting = vendor.counted_by if isinstance(vendor, CountsBy) else "username"
    return (connection.vendor, origin(connection.base_url), connection.option(setting))
