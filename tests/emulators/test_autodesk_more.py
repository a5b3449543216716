"""What real clients use beyond watching: callbacks, batches, engines, the CDN, and what can be switched wrong."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from aiohttp import web

from tests.clock import FakeClock
from tests.emulators.clients import autodesk, plain
from tests.emulators.test_autodesk import ROOT, cast, status
from tests.emulators.test_autodesk_oss import BUCKETS, link, place
from tui.emulators.server import EmulatedVendors

V3 = "/da/us-east/v3"
ORDER = {"activityId": "acme.ExportFbx+prod", "arguments": {}}


async def submit(client: httpx.AsyncClient, **arguments: object) -> str:
    reply = await client.post(ROOT, json={**ORDER, "arguments": arguments})
    assert reply.status_code == 200
    return str(reply.json()["id"])


@asynccontextmanager
async def listener(answer: int = 200) -> AsyncIterator[tuple[str, list[Any]]]:
    """An address for callbacks, and what was posted to it."""
    posted: list[Any] = []

    async def take(request: web.Request) -> web.Response:
        posted.append(await request.json())
        return web.Response(status=answer)

    app = web.Application()
    app.add_routes([web.post("/hook", take)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook", posted
    finally:
        await runner.cleanup()


async def posted_until(clock: FakeClock, posted: list[Any], count: int) -> None:
    """Move time in small steps until so many callbacks have come."""
    for _ in range(400):
        if len(posted) >= count:
            return
        await clock.advance(0.5)
    raise AssertionError(f"{len(posted)} callbacks came")


async def test_on_complete_posts_the_status_document_once(world: EmulatedVendors, clock: FakeClock) -> None:
    async with autodesk(world) as client, listener() as (url, posted):
        one = await submit(client, onComplete={"verb": "post", "url": url})
        await posted_until(clock, posted, 1)
        await clock.advance(60)
        (document,) = posted
        told = await status(client, one)
    assert (document["id"], document["status"]) == (one, "success")
    assert document["stats"] == told["stats"]
    assert document["reportUrl"]


async def test_answering_205_to_on_progress_cancels(world: EmulatedVendors, clock: FakeClock) -> None:
    async with autodesk(world) as client, listener(205) as (url, posted):
        one = await submit(client, onProgress={"verb": "post", "url": url})
        assert posted == []
        await posted_until(clock, posted, 1)
        await clock.advance(20)
        assert (await status(client, one))["status"] == "cancelled"
    assert posted[0] == {"id": one}


async def test_a_world_stops_while_callbacks_wait(clock: FakeClock) -> None:
    async with EmulatedVendors(clock=clock) as world, autodesk(world) as client:
        await submit(client, onComplete={"verb": "post", "url": "http://203.0.113.9/never-asked"})


async def test_a_batch_is_answered_in_its_order(world: EmulatedVendors, clock: FakeClock) -> None:
    async with autodesk(world) as client:
        three = (await client.post(f"{ROOT}/batch", json=[ORDER] * 3)).json()
        assert [one["status"] for one in three] == ["pending"] * 3
        assert (await client.post(f"{ROOT}/batch", json=[ORDER])).json()["status"] == "pending"
        other = {**ORDER, "activityId": "acme.RenderDwg+prod"}
        for wrong in ([], [ORDER] * 101, [ORDER, other], {"a": 1}, [7]):
            assert (await client.post(f"{ROOT}/batch", json=wrong)).status_code == 400
        clock.jump(20)
        assert (await status(client, three[2]["id"]))["status"] == "success"


async def test_activities_and_engines(world: EmulatedVendors) -> None:
    async with autodesk(world) as client:
        activity = (await client.get(f"{V3}/activities/acme.ExportFbx%2Bprod")).json()
        assert activity["engine"] == "Autodesk.3dsMax+2024"
        assert (await client.get(f"{V3}/activities/other.Act%2Bprod")).status_code == 403
        assert (await client.get(f"{V3}/activities/ExportFbx")).status_code == 400
        assert (await client.get(f"{V3}/health/3dsMax")).json() == {"Status": "Operational"}
        queue = (await client.get(f"{V3}/health/3dsMax/stats")).json()
        assert 0 < queue["p50QueueTimeMs"] <= queue["p95QueueTimeMs"]
        assert (await client.get(f"{V3}/health/Fusion/stats")).json()["p50QueueTimeMs"] == -1
        for path in ("health/Word", "health/Word/stats"):
            assert (await client.get(f"{V3}/{path}")).status_code == 404


async def test_the_status_of_many_lags(world: EmulatedVendors, clock: FakeClock) -> None:
    world.autodesk.options.lag = 4.0
    one = cast(world, "quick")
    async with autodesk(world) as client:
        clock.jump(2)
        fresh = await submit(client)
        told = (await client.post(f"{ROOT}/status", json=[one, fresh])).json()
        assert (await status(client, one))["status"] == "inprogress"
        assert [entry["status"] for entry in told["results"]] == ["pending"]
        assert told["errors"] == {fresh: "Not found"}


async def test_a_debug_archive_is_signed_once(world: EmulatedVendors, clock: FakeClock) -> None:
    async with autodesk(world) as client, plain() as anybody:
        assert "debugInfoUrl" not in await status(client, await submit(client))
        one = await submit(client, adskDebug={"uploadJobFolder": True})
        clock.jump(60)
        first = (await status(client, one))["debugInfoUrl"]
        assert (await anybody.get(first)).content.startswith(b"PK\x03\x04")
        clock.jump(3600)
    async with autodesk(world) as client, plain() as anybody:
        again = await status(client, one)
        assert again["debugInfoUrl"] == first
        assert (await anybody.get(first)).status_code == 403
        assert (await anybody.get(again["reportUrl"])).status_code == 200


async def test_a_batch_of_download_links(world: EmulatedVendors) -> None:
    url = f"{BUCKETS}/acme-results/objects/batchsigneds3download"
    key = world.describe()["autodesk"].outputs[4].partition("/")[2]
    async with autodesk(world) as client, plain() as anybody:
        found = (await client.post(url, json={"requests": [{"objectKey": key}, {"objectKey": "no"}]})).json()["results"]
        assert (await anybody.get(found[key]["url"], headers={"Range": "bytes=0-3"})).content == b"PK\x03\x04"
        assert found["no"] == {"status": "error", "reason": "Object not found"}
        wishes: list[list[dict[str, str]]] = [[], [{"objectKey": key}] * 26]
        assert (await client.post(url, json={})).status_code == 400
        for wrong in ({"requests": wish} for wish in wishes):
            assert (await client.post(url, json=wrong)).status_code == 400


async def test_a_cdn_link_has_its_own_way_to_expire(world: EmulatedVendors, clock: FakeClock) -> None:
    async with autodesk(world) as client, plain() as anybody:
        found = await link(client, place(world, "done"), useCdn="true")
        assert "X-Amz" not in found["url"]
        part = await anybody.get(found["url"], headers={"Range": "bytes=0-3"})
        assert (part.status_code, part.content) == (206, b"PK\x03\x04")
        clock.jump(120)
        dead = await anybody.get(found["url"])
        assert (dead.status_code, "AccessDenied" in dead.text) == (403, True)


async def test_a_swapped_object_is_another_one(world: EmulatedVendors, clock: FakeClock) -> None:
    clock.jump(30)
    async with autodesk(world) as client, plain() as anybody:
        before = await link(client, place(world, "quick"))
        etag = (await anybody.get(before["url"])).headers["ETag"]
        world.autodesk.swap(cast(world, "quick"))
        assert (await anybody.get(before["url"], headers={"If-Match": etag})).status_code == 412
        after = await link(client, place(world, "quick"))
        data = (await anybody.get(after["url"])).content
    assert after["sha1"] == hashlib.sha1(data).hexdigest() != before["sha1"]


async def test_what_can_be_switched_wrong(world: EmulatedVendors) -> None:
    options = world.autodesk.options
    options.cancel_conflicts = options.dead_links = world.autodesk.gateway.plain_refusals = True
    async with autodesk(world) as client, plain() as anybody:
        assert (await client.delete(f"{ROOT}/{cast(world, 'slow')}")).status_code == 409
        report = (await status(client, cast(world, "done")))["reportUrl"]
        by_cdn = await link(client, place(world, "done"), useCdn="true")
        for url in (report, by_cdn["url"], (await link(client, place(world, "done")))["url"]):
            assert (await anybody.get(url)).status_code == 403
    async with autodesk(world, scope="data:read") as client:
        refusal = await client.get(f"{ROOT}/{cast(world, 'done')}")
    assert (refusal.status_code, refusal.headers["content-type"].split(";")[0]) == (403, "text/plain")


@pytest.mark.parametrize("path", [f"/{V3}/health/3dsMax", f"/{ROOT}/{'f' * 32}"])
async def test_doubled_slashes_are_taken(world: EmulatedVendors, path: str) -> None:
    async with autodesk(world) as client:
        reply = await client.get(world.autodesk.base_url + path)
    assert (reply.status_code, reply.text) in ((200, '{"Status": "Operational"}'), (404, ""))
