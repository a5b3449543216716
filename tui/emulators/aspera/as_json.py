"""What the emulated Orchestrator says in JSON: flat, with underscores (dossier aspera.md, section 5)."""

from __future__ import annotations

from tui.emulators.aspera.orders import (
    AsperaOptions,
    Step,
    StepState,
    Variable,
    WorkOrder,
    order_state,
    step_state,
)
from tui.emulators.worldtime import WorldTime, iso_z

Json = dict[str, object]


def work_order(order: WorkOrder, time: WorldTime, options: AsperaOptions) -> Json:
    """The `work_order` object, its steps included."""
    beat = order.run.beat(time.seconds())
    state, detail = order_state(order, beat, options)
    script = order.run.script
    shown: object = {"state": state, "details": detail} if options.state_as_object else state
    started = beat.entered[0] if beat.entered else None
    if options.sparse:
        return {"id": order.id, "name": order.name, "status": shown}
    return {
        "id": order.id,
        "master_id": order.id,
        "name": order.name,
        "workflow_id": order.workflow.id,
        "workflow_name": order.workflow.name,
        "status": shown,
        "statusDetails": detail,
        "priority": order.priority,
        "initiated_by": "ops",
        "percent_complete": None,
        "created_at": _when(time, script.born),
        "initiated_at": _when(time, started),
        "completed_at": _when(time, beat.ended),
        "work_steps": [work_step(order, step, step_state(order, step, beat), time) for step in order.steps],
    }


def work_step(order: WorkOrder, step: Step, state: StepState, time: WorldTime) -> Json:
    """The `work_step` object."""
    return {
        "workOrder_id": order.id,
        "id": step.id,
        "step_id": step.step_id,
        "workflow_id": order.workflow.id,
        "group": order.id,
        "workStepName": step.name,
        "stepName": None,
        "step_type": step.type,
        "action_id": step.step_id % 10,
        "status": state.word,
        "statusDetails": state.detail,
        "attempt": order.run.attempt,
        "rank": 1,
        "created_at": _when(time, order.run.script.born),
        "activation_date": _when(time, state.started),
        "completion_date": _when(time, state.ended),
        "timeout": None,
        "on_timeout": None,
        "running_as": 2,
    }


def step_status(
    order: WorkOrder,
    step: Step,
    state: StepState,
    outputs: list[Variable],
    time: WorldTime,
    options: AsperaOptions,
) -> Json:
    """The whole answer about one step."""
    if options.sparse:
        return {"work_step": {"id": step.id, "workStepName": step.name, "status": state.word}}
    clip = Variable(step.id * 10, "clip", "string", order.clip)
    return {
        "inputs": [],
        "carry_thrus": [variable(clip)],
        "work_step": work_step(order, step, state, time),
        "outputs": [variable(output) for output in outputs],
    }


def variable(output: Variable) -> Json:
    """One input or output."""
    return {"name": output.name, "id": output.id, "type": output.type, "value": output.value}


def _when(time: WorldTime, seconds: float | None) -> str | None:
    return None if seconds is None else iso_z(time.moment(seconds))
