from __future__ import annotations

import json

import httpx
import pytest

from tests.clock import FakeClock
from tests.emulators.clients import EES, jaggaer, plain
from tui.emulators.server import EmulatedVendors


def cast(world: EmulatedVendors, role: str) -> str:
    ref = world.describe()["jaggaer"].cast[role]
    return str(json.loads(ref)["asyncStatusUrl"]) if ref.startswith("{") else ref


async def fetch(url: str) -> httpx.Response:
    async with plain() as client:
        return await client.get(url)


async def test_a_success_and_its_result(world: EmulatedVendors, clock: FakeClock) -> None:
    async with jaggaer(world) as client:
        first = await client.get(cast(world, "quick"))
        assert first.headers["Content-Type"].startswith(EES)
        assert first.json() == {"status": "processing"}
        clock.jump(10)
        done = (await client.get(cast(world, "quick"))).json()
        assert set(done) == {"status", "resultUrl", "resultUrlExpiresInSeconds"}
        assert done["resultUrlExpiresInSeconds"] == 6 * 3600
    one, two = await fetch(done["resultUrl"]), await fetch(done["resultUrl"])
    assert one.status_code == 200
    assert one.content == two.content
    assert one.content[:4] == b"PK\x03\x04"


async def test_the_result_counts_down_and_dies(world: EmulatedVendors, clock: FakeClock) -> None:
    url = cast(world, "brief")
    async with jaggaer(world) as client:
        clock.jump(31)
        first = (await client.get(url)).json()
        clock.jump(60)
        second = (await client.get(url)).json()
        assert (first["resultUrlExpiresInSeconds"], second["resultUrlExpiresInSeconds"]) == (89, 29)
        assert first["resultUrl"] == second["resultUrl"]
        clock.jump(29)
        dead = (await client.get(url)).json()
        assert (dead["status"], dead["resultUrlExpiresInSeconds"]) == ("completed", -1)
        assert (await fetch(dead["resultUrl"])).status_code == 403
        world.jaggaer.options.resign = True
        fresh = (await client.get(url)).json()
        assert fresh["resultUrlExpiresInSeconds"] == 90
        assert (await fetch(fresh["resultUrl"])).status_code == 200


async def test_failed_and_cancelled(world: EmulatedVendors, clock: FakeClock) -> None:
    clock.jump(60)
    async with jaggaer(world) as client:
        assert (await client.get(cast(world, "failing"))).json() == {"status": "failed"}
        assert (await client.get(cast(world, "cancelled"))).json() == {"status": "cancelled"}
        world.jaggaer.options.extra_field = True
        assert "traceId" in (await client.get(cast(world, "failing"))).json()


async def test_the_status_url_expires(world: EmulatedVendors, clock: FakeClock) -> None:
    world.jaggaer.options.status_life = 100
    world.jaggaer.tokens.lifetime = 1000
    async with jaggaer(world) as client:
        assert (await client.get(cast(world, "quick"))).status_code == 200
        clock.jump(98)
        assert (await client.get(cast(world, "quick"))).status_code == 403


async def test_credentials(world: EmulatedVendors, clock: FakeClock) -> None:
    url = cast(world, "quick")
    async with jaggaer(world) as client:
        assert (await client.get(url, headers={"X-API-Key": "other"})).status_code == 403
        assert (await client.get(url, headers={"Authorization": "Bearer other"})).status_code == 401
        fixed = {"Authorization": f"Bearer {world.jaggaer.access_token}"}
        assert (await client.get(url, headers=fixed)).status_code == 200
        clock.jump(8 * 3600)
        assert (await client.get(url)).status_code == 401
    async with jaggaer(world) as client:
        world.jaggaer.revoke_tokens()
        assert (await client.get(url)).status_code == 401
        assert (await client.get(url, headers=fixed)).status_code == 401


async def test_the_token_call(world: EmulatedVendors) -> None:
    site = world.describe()["jaggaer"]
    url = str(site.connection["token_url"])
    login = (str(site.connection["client_id"]), site.secrets["client_secret"])
    grant = {"grant_type": "client_credentials"}
    async with plain() as client:
        assert (await client.post(url, data={"grant_type": "password"}, auth=login)).status_code == 400
        wrong = await client.post(url, data=grant, auth=(login[0], "other"))
        assert (wrong.status_code, wrong.json()) == (401, {"error": "invalid_client"})
        in_form = {**grant, "client_id": login[0], "client_secret": login[1]}
        assert (await client.post(url, data=in_form)).status_code == 200


@pytest.mark.parametrize(("strict", "accept", "status"), [(False, "*/*", 200), (True, "*/*", 406), (True, EES, 200)])
async def test_accept(world: EmulatedVendors, *, strict: bool, accept: str, status: int) -> None:
    world.jaggaer.options.strict = strict
    async with jaggaer(world) as client:
        reply = await client.get(cast(world, "quick"), headers={"Accept": accept})
    assert reply.status_code == status


async def test_unknown_process_and_a_new_one(world: EmulatedVendors, clock: FakeClock) -> None:
    async with jaggaer(world) as client:
        assert (await client.get("/asyncStatus/nobody%3D")).status_code == 404
        started = await client.get("/event/17/apiBids/async")
        assert started.status_code == 202
        assert started.json()["expiresInSeconds"] == 24 * 3600
        clock.jump(9)
        assert (await client.get(started.json()["asyncStatusUrl"])).json()["status"] == "completed"
        refused = await client.get("/event/17/apiBids/async", headers={"X-API-Key": ""})
        assert refused.status_code == 403


async def test_forgotten_results_leave_the_store(world: EmulatedVendors, clock: FakeClock) -> None:
    async with jaggaer(world) as client:
        clock.jump(12)
        url = (await client.get(cast(world, "quick"))).json()["resultUrl"]
    clock.jump(86_400)
    world.jaggaer.forget()
    path = url.partition("?")[0].removeprefix(world.store.base_url).strip("/")
    assert world.store.find(*path.split("/", 1)) is None
