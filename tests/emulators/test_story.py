"""The demo's story: faults come and go at their moments, again and again."""

from __future__ import annotations

import asyncio

import pytest

from tests.clock import FakeClock, settle
from tests.emulators.clients import plain
from tui.emulators import story
from tui.emulators.server import EmulatedVendors


async def test_every_scene_comes_and_goes(world: EmulatedVendors, clock: FakeClock) -> None:
    telling = asyncio.create_task(story.tell(world, clock))
    async with plain(world.aspera.base_url) as client:

        async def status() -> int:
            return (await client.get("/aspera/orchestrator/api/status")).status_code

        seen = []
        for seconds in (59.0, 2.0, 46.0, story.LENGTH - 46.0):
            await clock.advance(seconds)
            await settle()
            seen.append(await status() == 503)
    assert seen == [False, True, False, True]
    telling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await telling


def test_the_story_needs_no_longer_than_it_says() -> None:
    for scene in story.SCENES:
        assert 0 < scene.at < scene.ends < story.LENGTH
    assert {"enos", "aspera", "store"} <= {scene.place for scene in story.SCENES}
