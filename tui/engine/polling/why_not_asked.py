"""Why a job, or a whole connection, is not asked at this moment: one short sentence, from plain facts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from tui.model import Condition, Job
from tui.wording import duration

NOT_ON_BOARD = "not on the board"
NO_CONNECTION = "no such connection in config.toml"


@dataclass(frozen=True, slots=True)
class ConnectionStanding:
    """How the asking on one connection stands. Seconds are from now; what is due or over has no more than 0."""

    condition: Condition
    jobs: int
    """So many are still asked for."""
    next_in: float
    """Until somebody is due."""
    held: float = 0.0
    """Until our own back-off ends."""
    throttled: float = 0.0
    """Until the pause ends that the vendor wished for."""
    throttled_until: datetime | None = None
    requests_left: int = 1
    """So many requests the quota lets through at once."""


@dataclass(frozen=True, slots=True)
class JobStanding:
    """Where a job stands in its connection's line."""

    job: Job
    connection: ConnectionStanding
    is_lined_up: bool
    due_in: float
    ahead: int = 0
    """So many are due before it."""
    is_asked_now: bool = False
    is_another_programs: bool = False
    """Whether another program on the same state folder planned its next ask."""


def why_connection_is_silent(standing: ConnectionStanding) -> str | None:
    """Why nothing is asked on the connection now; None when something is, or is about to be."""
    if told := _why_held(standing):
        return told
    if not standing.jobs:
        return "nothing to ask: no job here is under way"
    if standing.next_in > 0:
        return f"next ask in {_seconds(standing.next_in)}"
    return "quota: the next ask waits for its turn" if standing.requests_left < 1 else None


def why_job_is_not_asked(standing: JobStanding) -> str | None:
    """Why this job is not asked now; None when it is, or is about to be."""
    job = standing.job
    if job.outcome_unknown:
        is_due = job.lost is not None and (job.sent is not None or job.next_check_at is not None)
        how = "looked up in the vendor's list" if is_due else "not asked by itself"
        return f"sent, outcome unknown: {how}"
    if standing.is_asked_now:
        return None
    if not standing.is_lined_up:
        return _why_left_alone(job)
    return _why_held(standing.connection) or _why_not_yet(standing)


def _why_not_yet(standing: JobStanding) -> str | None:
    if standing.due_in > 0:
        return _why_later(standing)
    if standing.ahead:
        what = "quota: " if standing.connection.requests_left < 1 else ""
        return f"{what}{_asks(standing.ahead)} before it"
    return "quota: it waits for its turn" if standing.connection.requests_left < 1 else None


def _why_held(standing: ConnectionStanding) -> str | None:
    if standing.condition is Condition.PAUSED:
        return "paused by you"
    if standing.condition is Condition.REFUSED:
        return "credentials refused: not asked until you refresh"
    if standing.throttled > 0 and standing.throttled_until is not None:
        return f"throttled by the vendor until {standing.throttled_until.astimezone():%H:%M:%S}"
    if standing.held > 0:
        return f"connection down, probe in {_seconds(standing.held)}"
    return None


def _why_left_alone(job: Job) -> str:
    if job.is_given_up:
        return "given up: the vendor does not know it"
    return "finished: not asked any more" if job.state.is_over else "not asked in this run"


def _why_later(standing: JobStanding) -> str:
    wait = _seconds(standing.due_in)
    if standing.is_another_programs:
        return f"another program on this state folder asks, this one in {wait} if it does not"
    if standing.job.state.is_over:
        return f"finished: looked at again in {wait}"
    return f"the last ask failed, next one in {wait}" if standing.job.problem else f"next ask in {wait}"


def _asks(count: int) -> str:
    return "1 ask waits" if count == 1 else f"{count} asks wait"


def _seconds(seconds: float) -> str:
    return duration(math.ceil(seconds))
