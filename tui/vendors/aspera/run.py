"""Aspera: a work order or a step in the vendor's words, and what the board says of it (dossier section 6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tui.model import JobState, Snapshot, Stage, Stat
from tui.vendors._errors import one_line
from tui.vendors._read import text_of
from tui.vendors.aspera.mask import mask_text
from tui.vendors.aspera.outputs import Found

_STATES: Mapping[str, JobState] = {
    "complete": JobState.SUCCEEDED,
    "completed": JobState.SUCCEEDED,
    "failed": JobState.FAILED,
    "error": JobState.FAILED,
    "canceled": JobState.CANCELLED,
    "cancelled": JobState.CANCELLED,
    "in progress": JobState.RUNNING,
    "canceling": JobState.CANCELLING,
    "cancelling": JobState.CANCELLING,
    "inactive": JobState.WAITING,
    "paused": JobState.WAITING,
}
_AWAITING = "awaiting user input"


@dataclass(frozen=True, slots=True)
class Run:
    """A work order or a step as the vendor told it."""

    id: int | None = None
    name: str | None = None
    status: str | None = None
    details: str | None = field(default=None, repr=False)
    """Prose of the server; it may hold a link with its token."""
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    attempt: int | None = None
    percent: float | None = None
    updated_at: datetime | None = None
    has_zone: bool = True
    """Whether its beginning is told with its time zone; without one it is taken as UTC, which nobody documents."""
    kind: str | None = None
    """Of a step: what it does, e.g. `FaspexDelivery`."""
    steps: tuple[Run, ...] = ()


def state_of(status: str | None, *, is_step: bool = False) -> JobState:
    """The vendor's word in ours; spelling and case are taken as they come (trap 5), an unknown word is no end.

    A trigger step has no status while it waits.
    """
    word = " ".join((status or "").split()).lower()
    if not word and is_step:
        return JobState.WAITING
    return _STATES.get(word, JobState.UNKNOWN)


def snapshot_of(
    run: Run, raw: str, *, stats: tuple[Stat, ...], found: tuple[Found, ...] = (), is_step: bool = False
) -> Snapshot:
    """The snapshot of a work order or a step, its texts made inert and their tokens hidden."""
    state = state_of(run.status, is_step=is_step)
    details = one_line(mask_text(run.details or ""))
    return Snapshot(
        state=state,
        vendor_status=one_line(run.status),
        title=one_line(run.name) or None,
        notice=_notice(run, state, details),
        progress=run.percent,
        submitted_at=run.created_at,
        started_at=run.started_at,
        finished_at=run.finished_at if state.is_over else None,
        stages=tuple(
            Stage(one_line(step.name) or f"step {step.id}", step.started_at, step.finished_at) for step in run.steps
        ),
        stats=(*stats, Stat("details", details)) if details else stats,
        outputs=tuple(each.output for each in found),
        raw=raw,
    )


def is_sub_workflow(step: Run) -> bool:
    """Whether the step runs a workflow of its own, as a work order of its own."""
    return "subworkflow" in re.sub(r"[\W_]", "", step.kind or "").lower()


def _notice(run: Run, state: JobState, details: str) -> str | None:
    if state is JobState.FAILED:
        return details or None
    if state is JobState.UNKNOWN and run.status:
        return "a status that jobdeck does not know; it is asked on"
    if state is not JobState.RUNNING:
        return None
    if details.lower().startswith(_AWAITING):
        return details
    for step in run.steps:
        said = one_line(mask_text(step.details or ""))
        if state_of(step.status) is JobState.RUNNING and said.lower().startswith(_AWAITING):
            return f"{one_line(step.name) or 'a step'}: {said}"
    return None


def percent_of(value: object) -> float | None:
    """A percentage, number or text, as 0 to 1; None for all else."""
    try:
        percent = float(text_of(value) or "nan")
    except ValueError:
        return None
    return percent / 100 if 0 <= percent <= 100 else None
