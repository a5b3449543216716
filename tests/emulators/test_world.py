from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from tests.clock import FakeClock, settle
from tests.emulators.clients import octoplant, plain
from tests.emulators.thread import EmulatorThread
from tui.emulators.server import HOST, EmulatedVendors
from tui.emulators.site import Arrival

VENDORS = ["autodesk", "enos", "aspera", "jaggaer", "octoplant"]
NEEDED = {
    "autodesk": {"client_id", "region"},
    "enos": {"access_key", "org_id"},
    "aspera": {"username", "auth"},
    "jaggaer": {"client_id", "token_url"},
    "octoplant": {"username", "ca_file"},
}
SECRETS = {
    "autodesk": {"client_secret"},
    "enos": {"secret_key"},
    "aspera": {"password", "api_key"},
    "jaggaer": {"client_secret", "api_key"},
    "octoplant": {"password", "client_secret"},
}


async def test_the_description_is_that_of_the_contract(world: EmulatedVendors) -> None:
    text = world.describe().to_json()
    assert "\n" not in text
    document = json.loads(text)
    assert list(document) == VENDORS
    for vendor, site in document.items():
        connection = site["connection"]
        assert set(connection) == {"vendor", "base_url", "min_interval"} | NEEDED[vendor]
        assert (connection["vendor"], connection["base_url"]) == (vendor, site["base_url"])
        assert connection["min_interval"] >= 0.2
        assert set(site["secrets"]) == SECRETS[vendor]
        assert len(site["jobs"]) == len(set(site["jobs"])) >= 4
    assert len(document["autodesk"]["outputs"]) == len(document["autodesk"]["jobs"])
    assert [vendor for vendor in VENDORS if "titles" in document[vendor]] == ["enos", "jaggaer", "octoplant"]
    assert len(document["enos"]["titles"]) == len(document["enos"]["jobs"])
    assert document["octoplant"]["base_url"].startswith("https://127.0.0.1:")


async def test_no_secret_in_a_repr(world: EmulatedVendors) -> None:
    shown = repr(world.describe())
    secrets = [secret for vendor in VENDORS for secret in world.describe()[vendor].secrets.values()]
    assert not [secret for secret in secrets if secret in shown]


async def test_two_worlds_of_one_seed_have_the_same_jobs(clock: FakeClock) -> None:
    async with EmulatedVendors(clock=clock, seed="a") as one, EmulatedVendors(clock=clock, seed="a") as two:
        assert one.describe()["enos"].cast["quick"] == two.describe()["enos"].cast["quick"]
    async with EmulatedVendors(clock=clock, seed="b") as other:
        assert other.describe()["enos"].cast["quick"] != one.describe()["enos"].cast["quick"]


def free_in_a_row(count: int) -> int:
    """The first of so many free ports, below those that a system gives out by itself while we look."""
    for first in range(20_000, 32_000, count):
        with ExitStack() as taken, suppress(OSError):
            for port in range(first, first + count):
                taken.enter_context(socket.create_server((HOST, port)))
            return first
    raise AssertionError("no ports are free")


async def test_ports_follow_the_first(clock: FakeClock) -> None:
    first = free_in_a_row(10)
    async with EmulatedVendors(clock=clock, port=first) as world:
        bases = [site.base_url for site in world.describe().sites.values()]
        ports = [httpx.URL(base).port or 0 for base in [*bases, world.store.base_url]]
        assert ports == sorted(ports)
        assert ports[0] == first
        with pytest.raises(OSError, match="in use"):
            async with EmulatedVendors(clock=clock, port=first):
                pass


async def test_nothing_is_left_behind(clock: FakeClock) -> None:
    tasks = asyncio.all_tasks()
    async with EmulatedVendors(clock=clock) as world, octoplant(world):
        bases = [site.base_url for site in world.describe().sites.values()]
    await settle()
    assert asyncio.all_tasks() == tasks
    async with plain() as client:
        for base in bases:
            with pytest.raises(httpx.ConnectError):
                await client.get(base.replace("https", "http"))


async def take(world: EmulatedVendors, clock: FakeClock, count: int) -> list[Arrival]:
    found: list[Arrival] = []
    stream = world.arrivals()
    while len(found) < count:
        waiting = asyncio.ensure_future(anext(stream))
        await settle()
        while not waiting.done():
            clock.jump(1)
            await settle()
        found.append(await waiting)
    return found


async def test_new_jobs_appear_at_all_vendors(clock: FakeClock) -> None:
    async with EmulatedVendors(clock=clock) as world:
        arrivals = await take(world, clock, 20)
        assert Counter(arrival.vendor for arrival in arrivals) == dict.fromkeys(VENDORS, 4)
        assert all(bool(arrival.outputs) == (arrival.vendor == "autodesk") for arrival in arrivals)
        assert len({arrival.ref for arrival in arrivals}) == 20
        assert 19 * 15 <= clock.elapsed <= 6 + 19 * 40 + 20
        names = [arrival.ref for arrival in arrivals if arrival.vendor == "octoplant"]
        async with octoplant(world) as client:
            for name in names:
                assert (await client.get(f"/v1/order/{name}")).status_code == 200


async def test_a_long_stream_needs_no_more_memory(clock: FakeClock) -> None:
    async with EmulatedVendors(clock=clock) as world:
        for site in world.sites:
            for number in range(200):
                site.newcomer(number, -4 * 86_400.0)
        before = len(world.autodesk.items), len(world.enos.tasks), len(world.jaggaer.processes)
        await take(world, clock, 1)
        after = len(world.autodesk.items), len(world.enos.tasks), len(world.jaggaer.processes)
    assert min(before) > 200
    assert max(after) < 15


def test_a_world_in_a_thread() -> None:
    with EmulatorThread() as thread:
        ca_file = Path(str(thread.description["octoplant"].connection["ca_file"]))
        assert ca_file.exists()
        base = thread.description["jaggaer"].base_url
        assert httpx.get(f"{base}/asyncStatus/x", trust_env=False, timeout=60).status_code == 401
        assert thread.call(lambda world: world.jaggaer.base_url) == base
        with pytest.raises(ZeroDivisionError):
            thread.call(lambda world: 1 / 0)
    thread.stop()
    assert not ca_file.exists()
    assert "emulators" not in [running.name for running in threading.enumerate()]


def test_a_thread_tells_why_it_cannot_start() -> None:
    with socket.create_server((HOST, 0)) as taken:
        thread = EmulatorThread(EmulatedVendors(port=taken.getsockname()[1]))
        with pytest.raises(OSError, match="in use"):
            thread.start()


async def test_logs_hold_no_secret(world: EmulatedVendors, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    async with octoplant(world):
        pass
    secret = world.describe()["octoplant"].secrets["password"]
    assert secret not in caplog.text
    assert not [record for record in caplog.records if record.name == "aiohttp.access"]
