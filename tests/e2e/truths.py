"""What the emulated vendors themselves know of a job, read past every fault and every line of the client's."""

from __future__ import annotations

from typing import TypeVar

from tests.vendors.live import STATES
from tui.emulators.aspera.orders import Step, WorkOrder, step_state
from tui.emulators.content import Sums
from tui.emulators.enos.tasks import progress
from tui.emulators.script import Phase
from tui.emulators.server import EmulatedVendors
from tui.model import JobKey, JobState
from tui.vendors.aspera.run import state_of
from tui.vendors.enos.read import STATES as ENOS_STATES


def truth(world: EmulatedVendors, key: JobKey) -> JobState:
    """The state that the job has now."""
    vendor, _, name = key.partition(":")
    now = world.clock.monotonic()
    if vendor == "enos":
        channel, _, task = name.partition("/")
        return ENOS_STATES[progress(_known(world.enos.tasks.find((channel, task))), now)[0]]
    if vendor == "aspera":
        order, step = _aspera(world, name)
        beat = order.run.beat(now)
        if step is not None:
            return state_of(step_state(order, step, beat).word)
        return JobState.CANCELLING if beat.phase is Phase.CANCELLING else STATES[beat.phase]
    if vendor == "jaggaer":
        process = _known(world.jaggaer.processes.find(name.replace("%3D", "=")))
        state = STATES[process.run.beat(now).phase]
        return JobState.RUNNING if state is JobState.WAITING else state
    if vendor == "autodesk":
        return STATES[_known(world.autodesk.items.find(name)).run.beat(now).phase]
    return STATES[_known(world.octoplant.orders.find(name)).run.beat(now).phase]


def result_of(world: EmulatedVendors, key: JobKey) -> Sums:
    """The file behind the job, as it is now."""
    vendor, _, name = key.partition(":")
    if vendor == "enos":
        channel, _, task = name.partition("/")
        return _known(world.enos.tasks.find((channel, task))).sums.latest
    if vendor == "aspera":
        return next(iter(_aspera(world, name)[0].files.values())).latest
    if vendor == "octoplant":
        return Sums(_known(world.octoplant.orders.find(name)).content)
    if vendor == "autodesk":
        item = _known(world.autodesk.items.find(name))
        return _known(world.store.find(item.bucket, item.key))
    process = _known(world.jaggaer.processes.find(name.replace("%3D", "=")))
    return _known(world.store.find("demo.async-results", process.key))


_Found = TypeVar("_Found")


def _known(found: _Found | None) -> _Found:
    assert found is not None
    return found


def _aspera(world: EmulatedVendors, name: str) -> tuple[WorkOrder, Step | None]:
    for order in world.aspera.orders:
        if name == str(order.id):
            return order, None
        for step in order.steps:
            if name in (f"{order.id}/{step.name}", f"step:{step.id}"):
                return order, step
    raise KeyError(name)
