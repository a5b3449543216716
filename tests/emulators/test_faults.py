from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.clock import FakeClock, settle
from tests.emulators.clients import octoplant, plain
from tests.engine.waiting import until
from tui.emulators import faults, parcels
from tui.emulators.server import EmulatedVendors

VERSION = "/v1/status/api_version"


async def test_html_and_statuses_in_their_order(world: EmulatedVendors) -> None:
    site = world.octoplant.faults
    site.add(faults.html(times=1))
    site.add(faults.status(429, times=1, retry_after="7"))
    site.add(faults.status(500, times=2, text="boom"))
    async with octoplant(world, login=False) as client:
        page, limited, *broken, fine = [await client.get(VERSION) for _ in range(5)]
    assert page.status_code == 200
    assert "Sign in" in page.text
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "7")
    assert [reply.status_code for reply in broken] == [500, 500]
    assert fine.json() == {"version": "1.2"}


async def test_a_fault_meets_its_path_only_until_it_is_cleared(world: EmulatedVendors) -> None:
    world.octoplant.faults.add(faults.status(503, "/maintenance"))
    async with octoplant(world, login=False) as client:
        url = "/v1/status/maintenance_mode"
        assert (await client.get(VERSION)).status_code == 200
        assert [(await client.get(url)).status_code for _ in range(3)] == [503] * 3
        world.octoplant.faults.clear()
        assert (await client.get(url)).status_code == 200


async def test_die(world: EmulatedVendors) -> None:
    world.octoplant.faults.add(faults.die(times=1))
    async with octoplant(world, login=False) as client:
        with pytest.raises(httpx.TransportError):
            await client.get(VERSION)
        assert (await client.get(VERSION)).status_code == 200


async def test_hang_until_cleared(world: EmulatedVendors) -> None:
    site = world.jaggaer.faults
    site.add(faults.hang(times=1))
    async with plain(world.jaggaer.base_url) as client:
        asking = asyncio.create_task(client.get("/asyncStatus/x"))
        await until(lambda: site.waiting)
        assert not asking.done()
        site.clear()
        with pytest.raises(httpx.TransportError):
            await asking
    assert site.waiting == 0


async def test_a_world_with_a_hanging_request_stops(clock: FakeClock) -> None:
    async with EmulatedVendors(clock=clock) as world, plain(world.enos.base_url) as client:
        world.enos.faults.add(faults.hang())
        asking = asyncio.create_task(client.get("/"))
        await until(lambda: world.enos.faults.waiting)
    with pytest.raises(httpx.TransportError):
        await asking


async def collect(reply: httpx.Response, into: bytearray) -> None:
    async for piece in reply.aiter_raw():
        into += piece


async def test_cut_bodies(world: EmulatedVendors) -> None:
    content = parcels.mesh("s", "scene", 2_000_000)
    world.store.put("b", "scene", content)
    url = world.store.presign("b", "scene", expires=60)
    world.store.faults.add(faults.cut(100_000, times=1))
    world.jaggaer.faults.add(faults.cut(5, times=1))
    async with plain() as client:
        async with client.stream("GET", url) as reply:
            got = bytearray()
            with pytest.raises(httpx.RemoteProtocolError):
                await collect(reply, got)
        assert len(got) == 100_000
        assert len((await client.get(url)).content) == content.size
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(f"{world.jaggaer.base_url}/asyncStatus/x")


async def test_a_cut_chunked_body(world: EmulatedVendors) -> None:
    world.octoplant.faults.add(faults.cut(9_000, "/download", times=1))
    name = world.describe()["octoplant"].cast["done"]
    async with octoplant(world) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(f"/v1/order/{name}/download")


async def test_slow_bodies_wait_for_the_clock(world: EmulatedVendors, clock: FakeClock) -> None:
    content = parcels.bids("s", "bids", 20_000)
    world.store.put("b", "bids", content)
    world.store.faults.add(faults.slow(content.size // 4))
    async with plain() as client:
        asking = asyncio.create_task(client.get(world.store.presign("b", "bids", expires=60)))
        seconds = 0
        while not asking.done():
            await settle()
            clock.jump(0.05)
            seconds += 1
        assert len((await asking).content) == content.size
    assert clock.elapsed >= 4


async def test_bandwidth_is_for_every_body(clock: FakeClock) -> None:
    async with EmulatedVendors(clock=clock, bandwidth=10_000) as world, octoplant(world) as client:
        name = world.describe()["octoplant"].cast["done"]
        asking = asyncio.create_task(client.get(f"/v1/order/{name}/download"))
        while not asking.done():
            await settle()
            clock.jump(0.05)
        assert clock.elapsed >= len((await asking).content) / 10_000
