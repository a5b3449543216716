from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.clock import FakeClock
from tests.emulators.clients import autodesk, plain
from tui.emulators.server import EmulatedVendors

BUCKETS = "/oss/v2/buckets"


def place(world: EmulatedVendors, role: str) -> str:
    """The URL of the output that belongs to a job of the cast."""
    site = world.describe()["autodesk"]
    bucket, _, key = site.outputs[list(site.cast).index(role)].partition("/")
    return f"{BUCKETS}/{bucket}/objects/{quote(key, safe='')}"


async def link(client: httpx.AsyncClient, where: str, **query: str) -> Any:
    reply = await client.get(f"{where}/signeds3download", params=query)
    assert reply.status_code == 200
    return reply.json()


async def test_an_output_is_there_when_the_workitem_has_succeeded(world: EmulatedVendors, clock: FakeClock) -> None:
    where = place(world, "quick")
    async with autodesk(world) as client, plain() as anybody:
        early = await client.get(f"{where}/signeds3download")
        assert (early.status_code, early.json()) == (404, {"reason": "Object not found"})
        clock.jump(20)
        found = await link(client, where)
        assert found["status"] == "complete"
        data = (await anybody.get(found["url"])).content
        assert (len(data), hashlib.sha1(data).hexdigest()) == (found["size"], found["sha1"])
        clock.jump(121)
        assert (await anybody.get(found["url"])).status_code == 403
        longer = await link(client, where, minutesExpiration="60")
        assert (await anybody.get(longer["url"])).content == data


async def test_who_delivers_last_to_a_name_has_the_object(world: EmulatedVendors, clock: FakeClock) -> None:
    arguments = {"Out": {"verb": "put", "url": "urn:adsk.objects:os.object:acme-results/out/r.zip"}}
    order = {"activityId": "acme.ExportFbx+prod", "arguments": arguments}
    where = f"{BUCKETS}/acme-results/objects/out%2Fr.zip"
    seen = set()

    async def fetched(url: str) -> bytes:
        return (await anybody.get(url)).content

    async with autodesk(world) as client, plain() as anybody:
        await client.post("/da/us-east/v3/workitems", json=order)
        clock.jump(20)
        first = await link(client, where)
        await client.post("/da/us-east/v3/workitems", json=order)
        for wait in (0, 20):
            clock.jump(wait)
            told = await link(client, where)
            data = await fetched(told["url"])
            assert (len(data), hashlib.sha1(data).hexdigest()) == (told["size"], told["sha1"])
            seen.add(told["sha1"])
        assert first["sha1"] in seen
        assert len(seen) == 2
        listed = (await client.get(f"{BUCKETS}/acme-results/objects", params={"beginsWith": "out/"})).json()["items"]
        assert [(one["objectKey"], one["sha1"]) for one in listed] == [("out/r.zip", told["sha1"])]


async def test_chunked_and_fallback(world: EmulatedVendors, clock: FakeClock) -> None:
    clock.jump(30)
    where = place(world, "chunked")
    async with autodesk(world) as client, plain() as anybody:
        found = await link(client, where)
        assert (found["status"], "sha1" in found, "url" in found) == ("chunked", False, False)
        starts = [int(span.partition("-")[0]) for span in found["urls"]]
        assert starts != sorted(starts)
        data = bytearray(found["size"])
        for span, url in found["urls"].items():
            first, last = map(int, span.split("-"))
            piece = (await anybody.get(url)).content
            assert len(piece) == last - first + 1
            data[first : last + 1] = piece
        fallback = await link(client, where, **{"public-resource-fallback": "true"})
        assert fallback["status"] == "fallback"
        assert (await anybody.get(fallback["url"])).content == data


async def test_a_wrong_checksum(world: EmulatedVendors) -> None:
    async with autodesk(world) as client:
        right = (await link(client, place(world, "done")))["sha1"]
        world.autodesk.options.wrong_sha1 = True
        assert (await link(client, place(world, "done")))["sha1"] != right


async def test_the_method_is_get_and_the_minutes_are_checked(world: EmulatedVendors) -> None:
    where = place(world, "done")
    async with autodesk(world) as client:
        assert (await client.post(f"{where}/signeds3download")).status_code == 405
        for minutes in ("0", "61", "x"):
            reply = await client.get(f"{where}/signeds3download", params={"minutesExpiration": minutes})
            assert reply.status_code == 400


async def test_listing_in_pages(world: EmulatedVendors, clock: FakeClock) -> None:
    for number in range(40):
        world.autodesk.newcomer(number, 0.0)
    clock.jump(200)
    async with autodesk(world) as client:
        first = (await client.get(f"{BUCKETS}/acme-results/objects")).json()
        assert len(first["items"]) == 10
        keys = [item["objectKey"] for item in first["items"]]
        page = first
        while "next" in page:
            page = (await client.get(page["next"])).json()
            keys += [item["objectKey"] for item in page["items"]]
        assert keys == sorted(set(keys))
        assert len(keys) > 30
        few = (await client.get(f"{BUCKETS}/acme-results/objects", params={"beginsWith": "a dir/"})).json()
        assert [item["objectKey"].partition("/")[0] for item in few["items"]] == ["a dir"]
        assert (await client.get(f"{BUCKETS}/acme-results/objects", params={"limit": "101"})).status_code == 400
        assert (await client.get(f"{BUCKETS}/nobody/objects")).status_code == 404


async def test_details_and_buckets(world: EmulatedVendors) -> None:
    async with autodesk(world, scope="data:read bucket:read") as client:
        details = (await client.get(f"{place(world, 'done')}/details")).json()
        assert details["objectId"] == f"urn:adsk.objects:os.object:acme-results/{details['objectKey']}"
        assert len(details["sha1"]) == 40
        assert (await client.get(f"{BUCKETS}/acme-results/objects/nothing/details")).status_code == 404
        buckets = (await client.get(BUCKETS)).json()["items"]
        assert [bucket["bucketKey"] for bucket in buckets] == ["acme-results"]


async def test_shared_links(world: EmulatedVendors, clock: FakeClock) -> None:
    url = f"{place(world, 'done')}/signed"
    async with autodesk(world, scope="data:write") as client, plain() as anybody:
        shared = (await client.post(url, json={"minutesExpiration": 1})).json()
        assert shared["expiration"] == (clock.now().timestamp() + 60) * 1000
        part = await anybody.get(shared["signedUrl"], headers={"Range": "bytes=0-3"})
        assert (part.status_code, part.content) == (206, b"PK\x03\x04")
        clock.jump(60)
        assert (await anybody.get(shared["signedUrl"])).status_code == 404
        once = (await client.post(url, json={"singleUse": True})).json()["signedUrl"]
        assert [(await anybody.get(once)).status_code for _ in range(2)] == [200, 404]
        assert (await client.post(url)).status_code == 400
        assert (await client.post(url, json={"minutesExpiration": 61})).status_code == 400
        assert (await client.post(f"{place(world, 'failing')}/signed", json={})).status_code == 404


@pytest.mark.parametrize("scope", ["code:all", "data:write"])
async def test_reading_needs_its_scope(world: EmulatedVendors, scope: str) -> None:
    async with autodesk(world, scope=scope) as client:
        assert (await client.get(f"{place(world, 'done')}/signeds3download")).status_code == 403
