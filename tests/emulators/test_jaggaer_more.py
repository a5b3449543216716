"""The switches of the emulated JAGGAER (dossier jaggaer.md, section 7)."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.clock import FakeClock
from tests.emulators.clients import jaggaer, plain
from tui.emulators import faults
from tui.emulators.jaggaer.processes import StartShape
from tui.emulators.server import EmulatedVendors


async def result(world: EmulatedVendors, client: httpx.AsyncClient, role: str = "done") -> dict[str, object]:
    found: dict[str, object] = (await client.get(world.describe()["jaggaer"].cast[role])).json()
    return found


def pid_of(world: EmulatedVendors, role: str) -> str:
    url = httpx.URL(world.describe()["jaggaer"].cast[role])
    return url.path.rpartition("/")[2]


async def test_the_life_of_every_result_is_a_switch(world: EmulatedVendors) -> None:
    world.jaggaer.options.result_life = 70
    async with jaggaer(world) as client:
        assert (await result(world, client))["resultUrlExpiresInSeconds"] == 10


async def test_a_file_comes_late(world: EmulatedVendors) -> None:
    world.jaggaer.options.late = 2
    async with jaggaer(world) as client, plain() as bare:
        url = str((await result(world, client))["resultUrl"])
        assert [(await bare.get(url)).status_code for _ in range(3)] == [404, 404, 200]
        await result(world, client)
        assert (await bare.get(url)).status_code == 200


async def test_another_file_takes_the_place_of_the_first(world: EmulatedVendors) -> None:
    async with jaggaer(world) as client, plain() as bare:
        url = str((await result(world, client))["resultUrl"])
        first = await bare.get(url, headers={"Range": "bytes=0-9"})
        world.jaggaer.replace_result(pid_of(world, "done"))
        tail = {"Range": "bytes=10-", "If-Match": first.headers["ETag"]}
        assert (await bare.get(url, headers=tail)).status_code == 412
        assert (await bare.get(url)).headers["ETag"] != first.headers["ETag"]
    with pytest.raises(KeyError):
        world.jaggaer.replace_result("nobody")


async def test_a_slow_body_outlives_its_link(world: EmulatedVendors, clock: FakeClock) -> None:
    world.jaggaer.options.result_life = 70
    world.store.faults.add(faults.slow(1_000, times=1))
    async with jaggaer(world) as client, plain() as bare:
        url = str((await result(world, client))["resultUrl"])
        loading = asyncio.create_task(bare.get(url))
        while not loading.done():
            await clock.advance(5)
            await asyncio.sleep(0.001)
        assert clock.elapsed > 10
        assert len((await loading).content) > 10_000
        late = await bare.get(url, headers={"Range": "bytes=100-"})
        assert (late.status_code, "Request has expired" in late.text) == (403, True)


async def test_an_unknown_word(world: EmulatedVendors) -> None:
    world.jaggaer.options.word = "archiving"
    async with jaggaer(world) as client:
        assert await result(world, client, "slow") == {"status": "archiving"}


@pytest.mark.parametrize("shape", StartShape)
async def test_a_start_names_the_process_in_several_shapes(world: EmulatedVendors, shape: StartShape) -> None:
    world.jaggaer.options.start_shape = shape
    async with jaggaer(world) as client:
        started = await client.post("/chost/1/user/2/template/3/apiEvent/async", json={})
    names = {StartShape.URL: "asyncStatusUrl", StartShape.PID: "encodedAsyncPid"}
    assert set(started.json()) - {"expiresInSeconds"} == ({names[shape]} if shape in names else set())
    assert ("location" in started.headers) is (shape is StartShape.LOCATION)
