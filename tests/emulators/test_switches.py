"""The fault switches as a plain client meets them; what a careful client makes of them stands in tests/e2e."""

from __future__ import annotations

import asyncio
import dataclasses

import httpx
import pytest

from tests.clock import FakeClock
from tests.emulators.clients import aspera, autodesk, jaggaer, octoplant, plain
from tui.emulators import parcels
from tui.emulators.server import EmulatedVendors
from tui.emulators.switch_names import STORE, SWITCHES, VENDORS
from tui.emulators.switches import Switches

EVERY = [(name, place) for name, switch in SWITCHES.items() for place in switch.places]


def options_of(world: EmulatedVendors) -> list[dict[str, object]]:
    options = (world.autodesk.options, world.enos.options, world.aspera.options, world.jaggaer.options)
    return [dataclasses.asdict(one) for one in options] + [dataclasses.asdict(world.octoplant.options)]


def state_of(world: EmulatedVendors) -> tuple[object, ...]:
    """Everything that a switch may touch."""
    sites = [site.faults for site in world.sites]
    tokens = (world.autodesk.gateway.tokens, world.enos.gateway.tokens, world.aspera.login.tokens)
    limits = [one.most_uses for one in (*tokens, world.jaggaer.tokens, world.octoplant.tokens)]
    locked = (world.aspera.login.account.is_locked, world.octoplant.account.is_locked)
    code = world.enos.gateway.options.service_code
    return options_of(world), [len(one._left) for one in (*sites, world.store.faults)], limits, locked, code


async def collect(reply: httpx.Response, into: bytearray) -> None:
    async for piece in reply.aiter_raw():
        into += piece


@pytest.fixture
def switches(world: EmulatedVendors) -> Switches:
    return Switches(world)


async def test_every_switch_does_something_and_all_are_turned_off(world: EmulatedVendors, switches: Switches) -> None:
    calm = state_of(world)
    for name, place in EVERY:
        switches.turn_on(name, place)
        assert state_of(world) != calm, (name, place)
        switches.turn_all_off()
        assert state_of(world) == calm, (name, place)


async def test_a_switch_that_a_place_has_not(switches: Switches) -> None:
    with pytest.raises(KeyError):
        switches.turn_on("gone with the wind", "enos")


async def test_the_words_of_the_vendors_own_refusals(world: EmulatedVendors, switches: Switches) -> None:
    for vendor in VENDORS:
        switches.turn_on("lock-out", vendor)
    async with octoplant(world, login=False) as client:
        site = world.describe()["octoplant"]
        form = {"grant_type": "password", "username": "versiondog", "client_id": "public-api", **site.secrets}
        reply = await client.post("/v1/oauth2/token", data=form)
        assert (reply.status_code, reply.json()["error_description"]) == (400, "account is locked")
    async with aspera(world) as client:
        assert (await client.get("/workflows_list")).status_code == 401


async def test_401_spares_the_login_and_bare_has_no_keys(world: EmulatedVendors, switches: Switches) -> None:
    switches.turn_on("401", "octoplant")
    switches.turn_on("bare", "autodesk")
    async with octoplant(world) as client:
        reply = await client.get(f"/v1/order/{world.describe()['octoplant'].cast['done']}")
        assert reply.status_code == 401
    async with autodesk(world) as client:
        reply = await client.get(f"/da/us-east/v3/workitems/{world.describe()['autodesk'].cast['done']}")
        assert (reply.status_code, reply.json()) == (200, {})


async def test_a_short_login_is_over_after_ten_calls(world: EmulatedVendors, switches: Switches) -> None:
    switches.turn_on("short-login", "jaggaer")
    async with jaggaer(world) as client:
        url = world.describe()["jaggaer"].cast["done"]
        assert [(await client.get(url)).status_code for _ in range(12)] == [200] * 10 + [401] * 2


async def test_a_swapped_object_is_another_file_of_the_same_size(world: EmulatedVendors, switches: Switches) -> None:
    content = parcels.mesh("s", "scene", 100_000)
    world.store.put("demo.async-results", "scene", content)
    url = world.store.presign("demo.async-results", "scene", expires=60)
    switches.turn_on("swapped-object", "jaggaer")
    async with plain() as client:
        got = bytearray()
        async with client.stream("GET", url) as reply:
            with pytest.raises(httpx.RemoteProtocolError):
                await collect(reply, got)
        first = reply.headers["ETag"]
        assert bytes(got) == b"".join(content.pieces(0, content.size // 2))
        again = await client.get(url)
        assert (await client.get(url, headers={"If-Match": first, "Range": "bytes=9-"})).status_code == 412
    assert (len(again.content), again.headers["ETag"] == first) == (content.size, False)
    assert again.content != b"".join(content.pieces(0, content.size))


async def test_what_a_fault_answers_bears_the_worlds_own_time(
    world: EmulatedVendors, switches: Switches, clock: FakeClock
) -> None:
    switches.turn_on("503", STORE)
    async with plain(world.store.base_url) as client:
        dates = [(await client.get("/")).headers["Date"]]
        await asyncio.sleep(0)
        clock.jump(3600)
        dates.append((await client.get("/")).headers["Date"])
    assert [date[17:22] for date in dates] == ["08:15", "09:15"]
