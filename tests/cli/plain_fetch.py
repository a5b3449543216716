"""Each vendor's result, fetched by a plain client that shares no line with the product: the bytes to compare with."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.emulators import clients
from tui.emulators.server import EmulatedVendors


async def autodesk(world: EmulatedVendors, output: str) -> bytes:
    bucket, _, key = output.partition("/")
    async with clients.autodesk(world) as client, clients.plain() as bare:
        path = f"/oss/v2/buckets/{bucket}/objects/{key.replace('/', '%2F')}/signeds3download"
        answer = (await client.get(path)).json()
        urls = [answer["url"]] if "url" in answer else _in_order(answer["urls"])
        return b"".join([(await bare.get(url)).content for url in urls])


def _in_order(urls: dict[str, str]) -> list[str]:
    return [url for _, url in sorted(urls.items(), key=lambda item: int(item[0].split("-")[0]))]


async def enos(world: EmulatedVendors, key: str) -> bytes:
    channel, _, task = key.partition("/")
    async with clients.enos(world) as client, clients.plain() as bare:
        path = f"/data-federation/v2.0/channels/read/{channel}/download/{task}/status"
        data = (await client.get(path)).json()["data"]
        return (await bare.get((data[0] if isinstance(data, list) else data)["downloadUrl"])).content


async def aspera(world: EmulatedVendors, link: str) -> bytes:
    async with clients.plain() as bare:
        return (await bare.get(link)).content


async def jaggaer(world: EmulatedVendors, url: str) -> bytes:
    async with clients.jaggaer(world) as client, clients.plain() as bare:
        answer = (await client.get(urlsplit(url).path, headers={"Accept": clients.EES})).json()
        return (await bare.get(answer["resultUrl"])).content


async def octoplant(world: EmulatedVendors, name: str) -> bytes:
    async with clients.octoplant(world) as client:
        return (await client.get(f"/v1/order/{name}/download")).content
