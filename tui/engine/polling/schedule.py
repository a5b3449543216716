"""When to ask next: pure arithmetic on seconds, no clock, no state.

A job is asked again after about a tenth of the time for which it has not changed, never more often than its
connection's `min_interval` and never less often than its `max_interval`: a young job every few seconds, one that has
been the same for ten minutes once a minute.
"""

from __future__ import annotations

import random

from tui.engine.wire.quota import MOST_THROTTLED
from tui.model import Connection

JITTER = 0.2
"""Every wait is off by up to this share, so that jobs tracked together do not stay together, unless one request asks
for them together."""
QUIET_SHARE = 0.1
FOCUS_SHARE = 0.5
"""The job under the cursor is asked again after this share of its wait."""
JOIN_SHARE = 0.25
"""A job joins a request for many that is sent anyway when no more than this share of its wait is left."""
MOST_BACKOFF = 60.0
THROTTLED_SECONDS = 10.0
"""How long to wait after a 429 that names no time."""


def usual_wait(quiet: float, connection: Connection) -> float:
    """About how many seconds later a job is asked again that answered and has not changed for `quiet` seconds."""
    return min(max(quiet * QUIET_SHARE, connection.min_interval), connection.max_interval)


def off_by(wait: float, connection: Connection, chance: float) -> float:
    """A usual wait, off by as much as `chance` says, from 0 to 1.

    Never less than the connection's `min_interval`, never more than its `max_interval`.
    """
    low = max(wait * (1 - JITTER), connection.min_interval)
    high = min(wait * (1 + JITTER), connection.max_interval)
    return low + (high - low) * chance


def wait_after_failure(failures: int, connection: Connection, rng: random.Random) -> float:
    """Seconds until the next ask after so many failures in a row."""
    doubled = max(connection.min_interval, 1.0) * 2.0 ** min(max(failures - 1, 0), 16)
    return _jittered(min(doubled, MOST_BACKOFF), rng)


def wait_after_throttling(retry_after: float | None, rng: random.Random) -> float:
    """Seconds for which a connection is left alone after a 429: never less than the vendor said, up to 15 minutes."""
    if retry_after is None:
        return _jittered(THROTTLED_SECONDS, rng)
    return min(retry_after, MOST_THROTTLED) * (1 + rng.random() * JITTER)


def longest_wait(connection: Connection) -> float:
    """Seconds that no next ask is farther away; one that is was written when the clock stood elsewhere."""
    return max(connection.max_interval, MOST_BACKOFF, MOST_THROTTLED) * (1 + JITTER)


def catch_up_seconds(late: int, at_once: int, connection: Connection) -> float:
    """Seconds over which so many late jobs are spread: enough for one round a second, at most the longest interval."""
    return min(late / at_once, connection.max_interval)


def fresh_for(wait: float, timeout: float) -> float:
    """Seconds for which an answer counts as fresh when the next one is due in `wait` seconds."""
    return wait * (1 + JITTER) + timeout


def _jittered(seconds: float, rng: random.Random) -> float:
    return seconds * (1 + JITTER * (2 * rng.random() - 1))
