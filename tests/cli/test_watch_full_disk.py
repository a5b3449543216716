"""`watch` while the disk takes nothing: it says so, waits for room, and never says that the vendor did not answer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.test_watch_lost import Heard
from tests.clock import FakeClock
from tests.engine.denied import full_disk
from tests.engine.played_design import PlayedDesign, engine_of
from tests.vendors.live import until
from tui.cli.watch import Watch
from tui.engine.facts.jobs import TrackWish
from tui.engine.next_ask import NextAsk
from tui.errors import ExitCode, StateError
from tui.model import JobState, Snapshot


async def test_it_says_so_and_ends_when_there_is_room_again(tmp_path: Path) -> None:
    design = PlayedDesign(FakeClock(datetime.now(UTC)))
    async with engine_of(tmp_path, design) as engine:
        job = await engine.asking.track(TrackWish(design.put(7)))
        heard = Heard()
        watching = asyncio.create_task(Watch(engine, {job.key}, heard).run(None))
        design.clock.jump(5)
        with full_disk(engine.board):
            design.succeeded.add(job.ref.id)
            await until(lambda: heard.said, design.clock, step=1.0)
            for _ in range(20):
                await design.clock.advance(1.0)
            assert (len(heard.said), heard.ended, watching.done()) == (1, [], False)
        await until(watching.done, design.clock, step=1.0)
        assert (await watching, heard.ended) == (ExitCode.OK, [job.key])


async def test_time_that_is_up_meanwhile_is_the_disks_fault(tmp_path: Path) -> None:
    design = PlayedDesign(FakeClock(datetime.now(UTC)))
    async with engine_of(tmp_path, design) as engine:
        job = await engine.asking.track(TrackWish(design.put(7)))
        with full_disk(engine.board):
            with pytest.raises(StateError):
                await engine.board.answered(job.key, Snapshot(JobState.SUCCEEDED, "success"), lambda _: NextAsk())
            with pytest.raises(StateError) as caught:
                await Watch(engine, {job.key}, Heard()).run(0)
        assert caught.value.exit_code is ExitCode.USAGE
