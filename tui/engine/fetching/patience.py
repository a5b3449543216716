"""How often a download is tried again, and how long it waits before (facts: downloads, section 3.2)."""

from __future__ import annotations

import random

from tui.engine.fetching.replies import ChangedError, LinkRefusedError
from tui.engine.fetching.way import DyingLinkError
from tui.errors import AskError
from tui.model import ProblemKind

TRIES = 6
"""So many tries may bring nothing new before it is given up."""
MOST_RENEWALS = 3
"""So many new links may be refused, one after the other."""
LONGEST_WAIT = 60.0
LONGEST_WISH = 900.0
"""A server's Retry-After is obeyed up to so many seconds."""
_WORTH_IT = frozenset({ProblemKind.UNREACHABLE, ProblemKind.RATE_LIMITED})


def is_passing(error: AskError) -> bool:
    """Whether another try, or another link, may help."""
    return error.kind in _WORTH_IT or isinstance(error, LinkRefusedError)


class Patience:
    """Counts what brought nothing new; progress begins the counts anew."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._best = 0
        self._tries = 0
        self._renewals = 0
        self._changes = 0
        self._most = 0

    def after(self, error: AskError | ChangedError, there: int) -> float:
        """Seconds to wait before the next try, with `there` bytes written. Raises the error when it is enough."""
        if there > self._most:
            self._most, self._changes = there, 0
        if there > self._best:
            self._best, self._tries, self._renewals = there, 0, 0
        if isinstance(error, ChangedError):
            return self._begun_anew()
        if isinstance(error, LinkRefusedError | DyingLinkError):
            self._renewals += 1
            if self._renewals > MOST_RENEWALS:
                raise getattr(error, "said", None) or error
            return 0.0 if self._renewals == 1 else self._jitter(self._renewals)
        if error.kind not in _WORTH_IT:
            raise error
        return max(self._count(error), min(error.retry_after or 0.0, LONGEST_WISH))

    def _begun_anew(self) -> float:
        """The file changed: progress counts from 0 again; the changes are counted until more bytes came than ever."""
        self._best = 0
        self._changes += 1
        if self._changes >= TRIES:
            raise _never_the_same()
        return self._jitter(self._changes)

    def _count(self, error: AskError) -> float:
        self._tries += 1
        if self._tries >= TRIES:
            raise error
        return self._jitter(self._tries)

    def _jitter(self, tries: int) -> float:
        return self._rng.uniform(0, min(LONGEST_WAIT, 2.0**tries))


def _never_the_same() -> AskError:
    told = "the file changed each time while it was fetched"
    return AskError(ProblemKind.BAD_REPLY, told, hint="wait until whoever writes it is done, then download it again")
