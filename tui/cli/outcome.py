"""How a watched job ended, as an exit code, and why others did not answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from tui.errors import ExitCode
from tui.model import Job, JobState, ProblemKind

_REFUSED = frozenset({ProblemKind.AUTH, ProblemKind.FORBIDDEN})
_WORST_FIRST = (ExitCode.CREDENTIALS, ExitCode.UNREACHABLE, ExitCode.FAILED, ExitCode.OK)
_MOST_REASONS = 5
"""So many of the reasons why jobs did not answer are told at the end."""


def worst(codes: Collection[ExitCode]) -> ExitCode:
    """The one that the whole run ends with."""
    return next(code for code in _WORST_FIRST if code in codes)


def outcome_of(job: Job, began: datetime) -> ExitCode | None:
    """The exit code that this job stands for, once it is over and was asked in this run; None before."""
    if job.problem and job.problem.kind in _REFUSED:
        return ExitCode.CREDENTIALS
    if job.is_given_up:
        return ExitCode.FAILED
    if not job.state.is_over:
        return None
    asked = job.problem is not None or (job.checked_at is not None and job.checked_at >= began)
    expired = job.state is JobState.EXPIRED  # we concluded that ourselves: no vendor's answer will confirm it
    if not (asked or expired):
        return None
    return ExitCode.OK if job.state is JobState.SUCCEEDED else ExitCode.FAILED


def outcome_of_lost(job: Job, began: datetime, *, is_settled: bool, is_refused: bool) -> ExitCode | None:
    """The same of a lost start; None as long as its vendor's list may say more.

    `is_settled` is whether nobody looks it up by itself any more, `is_refused` whether its connection's login is.
    """
    if is_refused or (is_settled and job.problem is not None and job.problem.kind in _REFUSED):
        return ExitCode.CREDENTIALS
    was_looked_up = job.checked_at is not None and job.checked_at >= began
    is_offered = was_looked_up and job.lost is not None and bool(job.lost.candidates)
    return ExitCode.UNREACHABLE if is_settled or is_offered else None


def reasons(jobs: Iterable[Job]) -> list[str]:
    """Why jobs did not answer: each connection's reasons once, and of very many only how many more there are."""
    told = list(dict.fromkeys(f"{job.connection}: {job.problem.message}" for job in jobs if job.problem))
    more = len(told) - _MOST_REASONS
    return [*told[:_MOST_REASONS], *([f"and {more} more reasons: jobdeck list shows them"] if more > 0 else [])]
