"""config.toml that changes while a real download runs against an emulated vendor: not a byte is fetched twice."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import tomli_w

from tests.clock import FakeClock
from tests.emulators.thread import EmulatorThread
from tui import config
from tui.emulators.server import EmulatedVendors
from tui.engine.engine import Engine, Surroundings
from tui.engine.facts.connections import ConnectionDraft
from tui.engine.facts.jobs import TrackWish
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.secrets.ways import variable
from tui.model import DownloadState


class WorldClock(FakeClock):
    """Knows how many wait for its time."""

    asleep = 0

    async def sleep(self, seconds: float) -> None:
        self.asleep += 1
        try:
            await super().sleep(seconds)
        finally:
            self.asleep -= 1


async def passing(
    world: EmulatorThread, clock: WorldClock, condition: Callable[[], object], most: float = math.inf
) -> None:
    """Let the emulated world's time pass until the condition holds, `most` seconds of it.

    It passes only while somebody there waits for it, so that a slow machine does not lose it.
    """
    end = clock.elapsed + most
    while not condition():
        if clock.asleep and clock.elapsed < end:
            world.call(lambda _: clock.jump(0.2))
        await asyncio.sleep(0.01)


async def test_a_download_goes_on_while_its_connection_changes(tmp_path: Path) -> None:
    clock, path = WorldClock(datetime.now(UTC)), tmp_path / "config.toml"
    with EmulatorThread(EmulatedVendors(clock=clock, bandwidth=200_000)) as world:
        site = world.description["octoplant"]
        connection = {**site.connection, "min_interval": 0.2}
        document = {"downloads": {"folder": str(tmp_path / "got")}, "connections": {"octoplant": connection}}
        path.write_text(tomli_w.dumps(document))
        environ = {variable("octoplant", name): value for name, value in site.secrets.items()}
        around = Surroundings(environ=environ, keyring=GuardedKeyring(trouble="none here"), config_file=path)
        engine = Engine(config.load(path), tmp_path / "board.sqlite", around)
        await engine.open()
        job = await engine.asking.track(TrackWish(site.jobs[0]))
        world.call(lambda _: clock.jump(3600))
        await engine.asking.ask_now(job.key)
        engine.start()
        (download,) = await engine.job_desk.download(job.key)
        # A fifth of the file goes out, and the rest has to wait.
        await passing(world, clock, lambda: engine.board.downloads[download.id].bytes > 0, most=2)
        draft = ConnectionDraft("octoplant", "octoplant", (("label", "Plant 4"),))
        await engine.connections.save(draft, "octoplant")
        path.write_text(path.read_text().replace("Plant 4", "Plant 5"))
        while engine.config.connection("octoplant").label != "Plant 5":  # noqa: ASYNC110  # what is waited for knows no event
            await asyncio.sleep(0.01)
        before = engine.board.downloads[download.id]
        assert before.state is DownloadState.RUNNING
        world.call(lambda _: clock.jump(60))
        await passing(world, clock, lambda: engine.board.downloads[download.id].state is not DownloadState.RUNNING)
        done = engine.board.downloads[download.id]
        assert (done.state, done.attempts, done.resumed_from) == (DownloadState.DONE, 1, 0)
        assert done.bytes > before.bytes
        await engine.close()
