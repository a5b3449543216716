"""What goes wrong in the demo, and when: a vendor that throttles, one that goes down and comes back, links that die."""

from __future__ import annotations

from dataclasses import dataclass

from tui.clock import Clock
from tui.emulators import faults
from tui.emulators.autodesk.workitems import BUCKET
from tui.emulators.faults import Fault
from tui.emulators.server import EmulatedVendors
from tui.emulators.switch_names import STORE

_DEAD = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"

_EVERY = 15.0
"""Seconds after which a link may die again."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Faults at one place, from `at` until `ends` (seconds since the story's start)."""

    at: float
    ends: float
    place: str
    faults: tuple[Fault, ...]


def _dying_link(at: float) -> Scene:
    """A download breaks off, and when it goes on its link has died: it needs another one, at the same byte."""
    there = f"/{BUCKET}/"
    broken = (faults.cut(2_000_000, there, times=1), faults.status(403, there, times=1, text=_DEAD))
    return Scene(at, at + _EVERY, STORE, broken)


SCENES = (
    *(_dying_link(at) for at in (5, 20, 35, 50, 65, 80, 95, 110, 125, 140)),
    Scene(25, 50, "enos", (faults.status(429, retry_after="20"),)),
    Scene(60, 105, "aspera", (faults.status(503),)),
    Scene(120, 135, "jaggaer", (faults.die(),)),
)
"""It begins anew after `LENGTH` seconds."""
LENGTH = 160.0


async def tell(world: EmulatedVendors, clock: Clock) -> None:
    """Have the scenes come and go, again and again; never ends by itself."""
    places = {site.name: site.faults for site in world.sites} | {STORE: world.store.faults}
    moments = sorted({moment for scene in SCENES for moment in (scene.at, scene.ends)} | {LENGTH})
    while True:
        before = 0.0
        for moment in moments:
            await clock.sleep(moment - before)
            before = moment
            for scene in SCENES:
                for fault in scene.faults:
                    if scene.at == moment:
                        places[scene.place].add(fault)
                    if scene.ends == moment:
                        places[scene.place].remove(fault)
