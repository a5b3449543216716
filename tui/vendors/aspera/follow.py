"""Aspera: what one answer does not hold: the steps of a sub-workflow, and a hash as JSON (dossier sections 5 and 6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tui.errors import AskError
from tui.model import JobState, ProblemKind, Snapshot, Stage
from tui.vendors.aspera.calls import call, status_of
from tui.vendors.aspera.document import check_answer
from tui.vendors.aspera.outputs import Found, Variable, classify
from tui.vendors.aspera.read import Reading
from tui.vendors.aspera.ref import StepRun, WorkOrder
from tui.vendors.aspera.run import Run, is_sub_workflow, state_of
from tui.vendors.contract import Session

MOST_CHILDREN = 5
"""Sub-workflows of one work order that are followed at each ask."""
MOST_HASHES = 10
_MOST_STAGES = 200
_OFF = "off"
_LASTING = (ProblemKind.AUTH, ProblemKind.RATE_LIMITED)
_INFORMATION = "Step_information"
"""A hash that every step has; it tells what the stages tell."""


async def with_children(session: Session, reading: Reading) -> Snapshot:
    """The snapshot with the steps of its sub-workflows among its stages, one level deep.

    A sub-workflow can be followed where the designer made its work order's id an output of the step (section 6). What
    cannot be read of it is left out. Raises AskError when the vendor refuses the login or asks for fewer requests.
    """
    snapshot, wanted = reading.snapshot, session.connection.option("child_output") or "work_order_id"
    if wanted == _OFF:
        return snapshot
    stages: list[Stage] = []
    notice = snapshot.notice
    shown = snapshot.stages or (None,) * len(reading.steps)  # a step asked for alone has no stages of its own
    for stage, child in zip(shown, await _children(session, reading, wanted), strict=True):
        stages += [stage] if stage else []
        if child:
            name = f"{stage.name} / " if stage else ""
            stages += [replace(each, name=name + each.name) for each in child.stages]
            if not notice and child.notice and child.state is JobState.RUNNING:
                notice = name + child.notice
    return replace(snapshot, stages=tuple(stages[:_MOST_STAGES]), notice=notice)


async def _children(session: Session, reading: Reading, wanted: str) -> list[Snapshot | None]:
    """For each step the child that it runs, where it runs one that can be read."""
    followed = 0
    listed: list[Snapshot | None] = []
    for step in reading.steps:
        child = None
        if is_sub_workflow(step) and step.id is not None and _has_begun(step) and followed < MOST_CHILDREN:
            followed += 1
            child = await _child(session, reading, step.id, wanted)
        listed.append(child)
    return listed


def _has_begun(step: Run) -> bool:
    return state_of(step.status, is_step=True) is not JobState.WAITING


async def _child(session: Session, reading: Reading, step: int, wanted: str) -> Snapshot | None:
    try:
        found = reading.found if reading.id == step else (await status_of(session, StepRun(step))).found
        values = [each.output.value or "" for each in found if each.output.name == wanted]
        number = next((value for value in values if value.isascii() and value.isdigit() and len(value) < 19), None)
        return (await status_of(session, WorkOrder(int(number)))).snapshot if number else None
    except AskError as error:
        if error.kind in _LASTING:
            raise
        return None


async def with_hashes(session: Session, found: Iterable[Found], steps: tuple[Run, ...]) -> tuple[Found, ...]:
    """The outputs, with each hash that came as Ruby text asked for as JSON (section 5).

    Where that cannot be had the text stays as it came. Raises AskError as `with_children` does.
    """
    ids = {step.name: step.id for step in steps}
    alone = steps[0].id if len(steps) == 1 else None
    asked, listed = 0, []
    for each in found:
        variable = each.ruby
        step = (ids.get(variable.step, alone) if variable.step else alone) if variable else None
        if variable and step is not None and variable.name != _INFORMATION and asked < MOST_HASHES:
            asked += 1
            each = await _hash(session, each, variable, step)  # noqa: PLW2901  # the same output, better told
        listed.append(each)
    return tuple(listed)


async def _hash(session: Session, found: Found, variable: Variable, step: int) -> Found:
    try:
        query = {"output_name": variable.name}
        reply = check_answer(await call(session, f"work_step_status/{step}.json", query, as_json=False))
        value = reply.json()
    except AskError as error:
        if error.kind in _LASTING:
            raise
        return found
    if not isinstance(value, dict):
        return found
    return classify(found.output.name, replace(variable, value=value))
