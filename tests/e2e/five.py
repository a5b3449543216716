"""One engine with every job of all five emulated vendors, on one clock, and a watcher that knows the truth."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import tomli_w

from tests.clock import FakeClock, settle
from tests.e2e.truths import truth
from tests.threads import threads
from tui.config import parse
from tui.emulators.server import EmulatedVendors
from tui.emulators.switch_names import SWITCHES, VENDORS
from tui.emulators.switches import Switches
from tui.engine.board import BoardChange
from tui.engine.engine import Engine, Surroundings
from tui.engine.facts.jobs import TrackWish
from tui.engine.secrets.ways import variable
from tui.model import Condition, ConnectionHealth, Job, JobKey, JobState, ProblemKind

STEP = 0.25
_GOOD = (Condition.OK, Condition.SLOW)


@dataclass
class Watcher:
    """Compares each word of the board with the vendors' own history, and keeps the problems that were told."""

    world: EmulatedVendors
    wrong: list[str] = field(default_factory=list)
    told: set[tuple[str, ProblemKind, str]] = field(default_factory=set)
    answered: set[JobKey] = field(default_factory=set)
    health: dict[str, ConnectionHealth] = field(default_factory=dict)
    _histories: dict[JobKey, list[JobState]] = field(default_factory=dict)
    _reached: dict[JobKey, int] = field(default_factory=dict)

    def look(self) -> None:
        """Note where each job stands now; time moves only between two looks."""
        for key, history in self._histories.items():
            state = truth(self.world, key)
            if history[-1] is not state:
                history.append(state)

    def hear(self, change: BoardChange) -> None:
        for job in change.jobs:
            if job.problem:
                self.told.add((job.connection, job.problem.kind, job.problem.message))
            elif job.checked_at:
                self.answered.add(job.key)
            self._compare(job)

    def hear_health(self, health: ConnectionHealth) -> None:
        self.health[health.name] = health

    def kinds(self, vendor: str) -> set[ProblemKind]:
        return {kind for name, kind, _ in self.told if name == vendor}

    def _compare(self, job: Job) -> None:
        """A job's state is one that the vendor had since the last one that we heard of."""
        history = self._histories.setdefault(job.key, [truth(self.world, job.key)])
        if job.state is JobState.UNKNOWN and job.key not in self._reached:
            return
        since = self._reached.get(job.key, 0)
        if job.state in history[since:]:
            self._reached[job.key] = history.index(job.state, since)
        else:
            self.wrong.append(f"{job.key} is {job.state}; its vendor said {history[since:]}")


@dataclass
class Five:
    """Everything that runs."""

    world: EmulatedVendors
    engine: Engine
    clock: FakeClock
    watcher: Watcher
    switches: Switches
    roles: dict[str, JobKey] = field(default_factory=dict)
    """Keys by `vendor/role`."""

    @property
    def jobs(self) -> tuple[Job, ...]:
        return tuple(self.engine.board.jobs.values())

    async def until(self, reached: Callable[[], bool], step: float = STEP) -> None:
        """Let time and the network go on, without waiting, until something is so."""
        async with asyncio.timeout(150):
            while not reached():
                await settle(25)
                if not threads().owed:
                    self.clock.jump(step)
                    self.watcher.look()

    async def refresh(self) -> None:
        await self.engine.asks.refresh(self.engine.board.jobs)

    def turn_on(self, name: str) -> tuple[str, ...]:
        """Turn the switch on wherever there is one; returns the vendors among these places."""
        for place in SWITCHES[name].places:
            self.switches.turn_on(name, place)
        return tuple(place for place in SWITCHES[name].places if place in VENDORS)

    def is_well(self) -> bool:
        """Whether all connections that still have something to ask are fine, and all these jobs too."""
        live = [job for job in self.jobs if not job.state.is_over]
        names = {job.connection for job in live}
        return all(self.watcher.health[name].condition in _GOOD for name in names) and not any(
            job.problem for job in live
        )


@asynccontextmanager
async def five(folder: Path, **settings: float) -> AsyncIterator[Five]:
    """All jobs tracked, and the pollers at work; `settings` are those of every connection."""
    clock = FakeClock()
    threads()
    async with EmulatedVendors(clock=clock) as world:
        world.autodesk.gateway.automation_quota.limit = 10_000
        sites = world.describe().sites
        document = {"connections": {name: {**site.connection, **settings} for name, site in sites.items()}}
        secrets = {variable(name, one): value for name, site in sites.items() for one, value in site.secrets.items()}
        around = Surroundings(clock=clock, environ=secrets, rng=random.Random(3))
        engine = Engine(parse(tomli_w.dumps(document), folder / "config.toml"), folder / "board.sqlite", around)
        run = Five(world, engine, clock, Watcher(world), Switches(world))
        await engine.open()
        try:
            engine.board.listen(run.watcher.hear)
            engine.health.listen(run.watcher.hear_health)
            for name, site in sites.items():
                for number, (role, ref) in enumerate(site.cast.items()):
                    outputs = site.outputs[number : number + 1]
                    job = await engine.asking.track(TrackWish(ref, name, outputs=outputs, check=False))
                    run.roles[f"{name}/{role}"] = job.key
            engine.start()
            yield run
        finally:
            await engine.close()
