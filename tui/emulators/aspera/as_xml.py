"""What the emulated Orchestrator says in XML: other documents than in JSON, not other spellings of them."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

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

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def tag(name: str, inner: str = "", /, **attributes: object) -> str:
    """An element; `inner` is markup already."""
    listed = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items())
    return f"<{name}{listed}>{inner}</{name}>" if inner else f"<{name}{listed}/>"


def work_order(order: WorkOrder, time: WorldTime, options: AsperaOptions) -> str:
    """The work order: its state is an attribute, its detail the text."""
    beat = order.run.beat(time.seconds())
    state, detail = order_state(order, beat, options)
    born = order.run.script.born
    updated = max([born, *beat.entered])
    started = beat.entered[0] if beat.entered else None
    times = tag("created_at", _zoned(time, born)) + tag("initiated_at", _zoned(time, started))
    times += tag("updated_at", _zoned(time, beat.ended or updated)) + tag("completed_at", _zoned(time, beat.ended))
    owners = tag("initiated_by", "ops") + tag("running_as", "system") + tag("launched_by", "ops")
    steps = "".join(_listed_step(step, step_state(order, step, beat)) for step in order.steps)
    inner = (
        tag("name", escape(order.name))
        + tag("workflow", escape(order.workflow.name), id=order.workflow.id, revision_id=3)
        + tag("status", escape(detail), state=state)
        + tag("ownership", owners)
        + tag("priority", str(order.priority), dedicated_worker="false")
        + tag("timestamps", times)
        + tag("work_steps", steps)
    )
    now = _zoned(time, time.seconds())
    return HEAD + tag("work_order", inner, time=now, action="status", id=order.id, master_id=order.id)


def step_reset(order: WorkOrder, time: WorldTime) -> str:
    """The answer to a reset of a step: `work_steps` once for each, empty where there is nothing, Ruby's own dates."""
    beat = order.run.beat(time.seconds())
    inner = tag("workstep_reset", "true")
    for step in order.steps:
        state = step_state(order, step, beat)
        fields = (
            tag("id", str(step.id))
            + tag("work_order_id", str(order.id))
            + tag("name", escape(step.name))
            + tag("status", escape(state.word))
            + tag("attempt", str(order.run.attempt))
            + tag("activation_date", _ruby_date(time, state.started))
            + tag("completion_date", _ruby_date(time, state.ended))
            + tag("prerequisites")
        )
        inner += tag("work_steps", fields)
    return HEAD + tag("WorkStep_Reset", inner)


def _listed_step(step: Step, state: StepState) -> str:
    inner = tag("name", escape(step.name)) + tag("status", escape(state.detail), state=state.word)
    return tag("work_step", inner, id=step.id)


def step_status(order: WorkOrder, step: Step, state: StepState, outputs: list[Variable], time: WorldTime) -> str:
    """The whole answer about one step: dashes, typed, `nil="true"`."""
    fields = (
        _number("workOrder-id", order.id)
        + tag("stepName", nil="true")
        + tag("workStepName", escape(step.name))
        + _number("id", step.id)
        + _number("step-id", step.step_id)
        + _number("workflow-id", order.workflow.id)
        + _number("attempt", order.run.attempt)
        + tag("status", escape(state.word))
        + tag("statusDetails", escape(state.detail))
        + _moment("activation-date", time, state.started)
        + _moment("completion-date", time, state.ended)
    )
    clip = Variable(step.id * 10, "clip", "string", order.clip)
    inner = (
        tag("inputs", type="array")
        + tag("carry-thrus", tag("carry-thru", _inside(clip)), type="array")
        + tag("work-step", fields)
        + tag("outputs", "".join(tag("output", _inside(output)) for output in outputs), type="array")
    )
    return HEAD + tag("Work-step-status", inner)


def status_only(step: Step, state: StepState) -> str:
    """Two siblings without a root, as the vendor's page shows them."""
    return f"{tag('status', escape(state.word))}{_number('id', step.id)}"


def single_output(output: Variable) -> str:
    """One output of a step."""
    parts = tag("name", escape(output.name)) + tag("id", str(output.id)) + tag("value", escape(plain(output)))
    return HEAD + tag("Work_step_output", parts + tag("type", output.type))


def order_output(order: WorkOrder, outputs: Iterable[tuple[Step, Variable]]) -> str:
    """The outputs of a whole work order."""
    inner = ""
    for step, output in outputs:
        inner += tag("variable", tag("step_name", escape(step.name)) + _inside(output))
    return HEAD + tag("work_order_output", inner, id=order.id)


def plain(output: Variable) -> str:
    """The value as bare text; a hash as Ruby writes it, outer keys one way and inner keys the other."""
    value = output.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    outer = []
    for key, inner in value.items():
        pairs = ", ".join(f'"{name}"=>"{text}"' for name, text in inner.items())
        outer.append(f"'{key}' => {{{pairs}}}")
    return "{" + ", ".join(outer) + "}"


def _inside(output: Variable) -> str:
    text = plain(output)
    value = f"<![CDATA[{text}]]>" if "&" in text else escape(text)
    parts = tag("name", escape(output.name)) + _number("id", output.id) + tag("type", output.type)
    return parts + tag("value", value)


def _number(name: str, value: int) -> str:
    return tag(name, str(value), type="integer")


def _moment(name: str, time: WorldTime, seconds: float | None) -> str:
    if seconds is None:
        return tag(name, nil="true", type="datetime")
    return tag(name, iso_z(time.moment(seconds)), type="datetime")


def _ruby_date(time: WorldTime, seconds: float | None) -> str:
    return "" if seconds is None else f"{time.moment(seconds):%a %b %d %H:%M:%S UTC %Y}"


def _zoned(time: WorldTime, seconds: float | None) -> str:
    return "" if seconds is None else f"{time.moment(seconds):%Y-%m-%d %H:%M:%S} UTC"
