"""Times and troubles as short words. Times step coarsely, so that an idle board sends nothing."""

from __future__ import annotations

from datetime import datetime

from tui.model import Job, Problem, ProblemKind
from tui.wording import coarse_age

_SEEN = (30, 10)
"""The steps of a last answer's age below a minute, seconds: a row that is asked every few seconds stands still."""
_LAST_STEP = 5.0

PROBLEM_WORDS = {
    ProblemKind.AUTH: "login refused",
    ProblemKind.FORBIDDEN: "forbidden",
    ProblemKind.RATE_LIMITED: "throttled",
    ProblemKind.UNREACHABLE: "unreachable",
    ProblemKind.TLS: "TLS problem",
    ProblemKind.BAD_REPLY: "unreadable reply",
    ProblemKind.GONE: "not known any more",
}
"""How an ask went wrong, in the words of the board."""


def dies_text(dies: datetime, now: datetime) -> str:
    """How long a result can still be had, in the coarse steps of an age: `link dies in 4m`, then `link is dead`."""
    left = (dies - now).total_seconds()
    return f"link dies in {coarse_age(max(left, _LAST_STEP))}" if left > 0 else "link is dead"


def seen_text(job: Job, now: datetime) -> str:
    """When the vendor last answered for the job: now, 10s, 30s, minutes, hours; an old answer says so."""
    if job.checked_at is None:
        return "never"
    text = coarse_age((now - job.checked_at).total_seconds(), _SEEN)
    return f"{text} stale" if job.is_stale(now) else text


def time_text(moment: datetime | None) -> str:
    """A moment in the machine's own zone, to the second; empty for None."""
    return "" if moment is None else moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def clock_text(moment: datetime | None) -> str:
    """Hours and minutes in the machine's own zone; empty for None."""
    return "" if moment is None else moment.astimezone().strftime("%H:%M")


def problem_text(problem: Problem) -> str:
    """What went wrong with the last ask, the kind first."""
    words = PROBLEM_WORDS[problem.kind]
    return f"{words}: {problem.message}" if problem.message else words
