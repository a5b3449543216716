"""The work orders of the emulated Orchestrator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tui.emulators.content import Sums
from tui.emulators.script import Beat, Phase, Run

COMPLETE, FAILED, ERROR, CANCELED = "Complete", "Failed", "Error", "Canceled"
IN_PROGRESS, CANCELING, INACTIVE = "In Progress", "Canceling", "Inactive"
SUB_WORKFLOW = "SubWorkflow"
"""The type of a step that runs another work order."""
_WORDS = {
    Phase.WAITING: INACTIVE,
    Phase.RUNNING: IN_PROGRESS,
    Phase.CANCELLING: CANCELING,
    Phase.SUCCEEDED: COMPLETE,
    Phase.CANCELLED: CANCELED,
}

Value = str | int | bool | Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Variable:
    """One input or output of a step; a `hash` has a mapping as its value."""

    id: int
    name: str
    type: str
    value: Value


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a work order; `id` is this run of it, `step_id` its place in the design.

    `branches` marks a step that fails although the order goes on; `asks` one that waits for a person.
    """

    id: int
    step_id: int
    name: str
    type: str
    done: str
    outputs: tuple[Variable, ...] = ()
    branches: bool = False
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Workflow:
    """A design."""

    id: int
    portable_id: str
    name: str
    needs: tuple[str, ...] = ()
    """The run-time inputs that must be given."""


@dataclass(frozen=True)
class WorkOrder:
    """One run of a workflow; stage n of its script is step n. `failure` is the state and detail that it fails with."""

    id: int
    name: str
    workflow: Workflow
    run: Run
    steps: tuple[Step, ...]
    clip: str
    failure: tuple[str, str] = (ERROR, "FASPEX refused the package: quota exceeded")
    priority: int = 2
    files: Mapping[str, Sums] = field(default_factory=dict)
    """What the site's download server has for it, by file name."""

    def step(self, name: str) -> Step | None:
        """The step with that name."""
        return next((step for step in self.steps if step.name == name), None)


@dataclass(frozen=True, slots=True)
class StepState:
    """How a step stands. Times are seconds of the world."""

    word: str
    detail: str
    started: float | None = None
    ended: float | None = None


@dataclass(slots=True)
class AsperaOptions:
    """What differs between servers; may be changed while it runs."""

    styles: frozenset[str] = frozenset({"basic", "token", "query", "api-key"})
    """Which logins are switched on."""
    running_word: str = IN_PROGRESS
    """The word for a running order, for servers with words of their own."""
    json_ways: frozenset[str] = frozenset({"arg", "header", "ext"})
    """Which ways to ask for JSON are heeded; without one, XML comes whatever is asked."""
    lists_outputs: bool = True
    """Whether `work_order_output` answers; else 404."""
    early_child: bool = True
    """Whether a sub-workflow's step names its work order while it runs, and not only at its end."""
    state_as_object: bool = False
    """Send a JSON status as `{"state": …}` instead of a string."""
    sparse: bool = False
    """Leave everything out of JSON answers but ids, names and statuses."""


def order_state(order: WorkOrder, beat: Beat, options: AsperaOptions) -> tuple[str, str]:
    """State and detail of a work order."""
    if beat.phase is Phase.FAILED:
        return order.failure
    if beat.phase is Phase.RUNNING:
        step = order.steps[len(beat.entered) - 1]
        detail = f"Awaiting user input: {step.name}" if step.asks else f"Executing Step: {step.name} ({step.id})"
        return options.running_word, detail
    details = {
        Phase.WAITING: "Waiting for a free worker",
        Phase.CANCELLING: "Cancel requested",
        Phase.CANCELLED: "Canceled by ops",
        Phase.SUCCEEDED: "Work order completed",
    }
    return _WORDS[beat.phase], details[beat.phase]


def step_state(order: WorkOrder, step: Step, beat: Beat) -> StepState:
    """State, detail and times of one step."""
    index = order.steps.index(step)
    if index >= len(beat.entered):
        return StepState(INACTIVE, "")
    started = beat.entered[index]
    if index < len(beat.entered) - 1 or beat.phase is Phase.SUCCEEDED:
        ended = beat.entered[index + 1] if index < len(beat.entered) - 1 else beat.ended
        if step.branches:
            return StepState(FAILED, "filter said no: loudness below -23 LUFS", started, ended)
        return StepState(COMPLETE, step.done, started, ended)
    if beat.phase is Phase.FAILED:
        return StepState(*order.failure, started, beat.ended)
    if beat.phase is Phase.RUNNING and step.asks:
        return StepState(IN_PROGRESS, "Awaiting user input", started)
    return StepState(_WORDS[beat.phase], f"{step.type} is working", started, beat.ended)
