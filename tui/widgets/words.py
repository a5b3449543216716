"""Times and troubles as short words. Times step coarsely, so that an idle board sends nothing."""

from __future__ import annotations

from datetime import datetime

from tui.model import Job, Problem, ProblemKind

_SECOND_STEPS = (45, 30, 20, 10, 5)

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


def age_text(seconds: float) -> str:
    """How long, in steps: now, 5s, 10s, 20s, 30s, 45s, 1m … 59m, 1h00 … in steps of ten minutes, hours, days."""
    whole = int(seconds)
    if whole < 60:
        return next((f"{step}s" for step in _SECOND_STEPS if whole >= step), "now")
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes}m"
    if minutes < 600:
        return f"{minutes // 60}h{minutes % 60 // 10 * 10:02d}"
    return f"{minutes // 60}h" if minutes < 48 * 60 else f"{minutes // 1440}d"


def dies_text(dies: datetime, now: datetime) -> str:
    """How long a result can still be had, in the coarse steps of an age: `link dies in 4m`, then `link is dead`."""
    left = (dies - now).total_seconds()
    return f"link dies in {age_text(max(left, _SECOND_STEPS[-1]))}" if left > 0 else "link is dead"


def seen_text(job: Job, now: datetime) -> str:
    """When the vendor last answered for the job: now, 10s, 30s, minutes, hours; an old answer says so."""
    if job.checked_at is None:
        return "not yet"
    seconds = (now - job.checked_at).total_seconds()
    if seconds < 60:
        text = next((f"{step}s" for step in (30, 10) if seconds >= step), "now")
    else:
        minutes = int(seconds // 60)
        hours = minutes // 60
        text = f"{minutes}m" if minutes < 60 else f"{hours}h" if hours < 48 else f"{hours // 24}d"
    return f"{text} stale" if job.is_stale(now) else text


def span_text(seconds: float) -> str:
    """A measured length of time: 0.4s, 12s, 1m35s, 2h05m."""
    if seconds < 10:
        return f"{max(seconds, 0.0):.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"


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
