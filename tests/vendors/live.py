"""The real engine against the real emulated vendors over loopback, on one clock that the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import tomli_w

from tests.clock import FakeClock
from tests.threads import threads
from tui.config import parse
from tui.emulators.script import Phase
from tui.emulators.server import EmulatedVendors
from tui.engine.engine import Engine, Surroundings
from tui.engine.secrets.ways import variable
from tui.model import Download, JobKey, JobState

STATES = {
    Phase.WAITING: JobState.WAITING,
    Phase.RUNNING: JobState.RUNNING,
    Phase.CANCELLING: JobState.RUNNING,
    Phase.SUCCEEDED: JobState.SUCCEEDED,
    Phase.FAILED: JobState.FAILED,
    Phase.CANCELLED: JobState.CANCELLED,
}
"""What an emulated job's phase is called on the board, where the vendor has no word of its own for cancelling."""


@asynccontextmanager
async def engine_at(
    world: EmulatedVendors, vendor: str, clock: FakeClock, folder: Path, **changes: str | bool
) -> AsyncIterator[Engine]:
    """An engine with a connection to one emulated vendor, named like the vendor; `changes` are settings of it.

    A change that is a secret's name replaces the secret. The engine keeps to the vendor's limit, on the test's clock:
    after ten requests in a row it waits until the clock was moved.
    """
    site = world.describe()[vendor]
    secrets = {name: str(changes.pop(name, value)) for name, value in site.secrets.items()}
    secrets |= {name: str(changes.pop(name)) for name in ("access_token",) if name in changes}
    settings = {**site.connection, "min_interval": 0.2, **changes}
    document = tomli_w.dumps({"connections": {vendor: {k: v for k, v in settings.items() if v != ""}}})
    environ = {variable(vendor, name): value for name, value in secrets.items()}
    config = parse(document, folder / "config.toml")
    threads()
    engine = Engine(config, folder / "board.sqlite", Surroundings(clock=clock, environ=environ))
    await engine.open()
    try:
        yield engine
    finally:
        await engine.close()


async def fetched(engine: Engine, key: JobKey, clock: FakeClock, folder: Path) -> Download:
    """The job's one file, fetched to its end, however that is."""
    (queued,) = await engine.job_desk.download(key, folder=folder)
    await until(lambda: engine.board.downloads[queued.id].state.is_over, clock)
    return engine.board.downloads[queued.id]


async def until(reached: Callable[[], object], clock: FakeClock, step: float = 0.01) -> None:
    """Let time, so many seconds a turn, and the network go on until something is so; time waits for the disk."""
    async with asyncio.timeout(120):
        while not reached():
            if not threads().owed:
                clock.jump(step)
            await asyncio.sleep(0)
