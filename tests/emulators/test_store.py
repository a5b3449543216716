from __future__ import annotations

import re

import httpx
import pytest

from tests.clock import FakeClock
from tests.emulators.clients import plain
from tui.emulators import parcels
from tui.emulators.content import TextContent
from tui.emulators.server import EmulatedVendors

DATA = bytes(range(256)) * 8


@pytest.fixture
def url(world: EmulatedVendors) -> str:
    world.store.put("bucket.one", "a dir/r é.bin", TextContent("r.bin", DATA, "application/octet-stream"))
    return world.store.presign("bucket.one", "a dir/r é.bin", expires=120)


async def get(url: str, method: str = "GET", **headers: str) -> httpx.Response:
    async with plain() as client:
        return await client.request(method, url, headers={name.replace("_", "-"): v for name, v in headers.items()})


def code_of(reply: httpx.Response) -> str:
    assert reply.headers["Content-Type"].startswith("application/xml")
    match = re.search("<Code>(.*)</Code>", reply.text)
    assert match is not None
    return match.group(1)


async def test_whole(url: str) -> None:
    reply = await get(url)
    assert (reply.status_code, reply.content) == (200, DATA)
    assert reply.headers["Content-Length"] == str(len(DATA))
    assert reply.headers["Accept-Ranges"] == "bytes"
    assert (await get(url)).headers["ETag"] == reply.headers["ETag"]


async def test_range_and_resume(url: str) -> None:
    etag = (await get(url, Range="bytes=0-0")).headers["ETag"]
    rest = await get(url, Range="bytes=1000-", If_Match=etag)
    assert (rest.status_code, rest.content) == (206, DATA[1000:])
    assert rest.headers["Content-Range"] == f"bytes 1000-{len(DATA) - 1}/{len(DATA)}"
    ignored = await get(url, Range="bytes=1000-", If_Range='"other"')
    assert (ignored.status_code, ignored.content) == (200, DATA)


async def test_bad_range_and_changed_object(url: str) -> None:
    beyond = await get(url, Range=f"bytes={len(DATA)}-")
    assert (beyond.status_code, code_of(beyond)) == (416, "InvalidRange")
    assert f"<ActualObjectSize>{len(DATA)}</ActualObjectSize>" in beyond.text
    changed = await get(url, Range="bytes=1-", If_Match='"other"')
    assert (changed.status_code, code_of(changed)) == (412, "PreconditionFailed")


async def test_expiry_is_told_with_the_true_times(url: str, clock: FakeClock) -> None:
    clock.jump(119)
    assert (await get(url)).status_code == 200
    clock.jump(1)
    reply = await get(url)
    assert (reply.status_code, code_of(reply)) == (403, "AccessDenied")
    assert "<Message>Request has expired</Message><X-Amz-Expires>120</X-Amz-Expires>" in reply.text
    assert "<Expires>2026-03-02T08:17:00Z</Expires><ServerTime>2026-03-02T08:17:00Z</ServerTime>" in reply.text


async def test_what_s3_refuses(url: str) -> None:
    both = await get(url, Authorization="Bearer secret")
    assert (both.status_code, code_of(both)) == (400, "InvalidArgument")
    assert "<ArgumentName>Authorization</ArgumentName>" in both.text
    unsigned = await get(url, x_amz_checksum_mode="ENABLED")
    assert (unsigned.status_code, code_of(unsigned)) == (403, "AccessDenied")
    assert "<HeadersNotSigned>x-amz-checksum-mode</HeadersNotSigned>" in unsigned.text
    altered = await get(url.replace("r%20", "s%20"))
    assert (altered.status_code, code_of(altered)) == (403, "SignatureDoesNotMatch")
    anonymous = await get(url.partition("?")[0])
    assert (anonymous.status_code, code_of(anonymous)) == (403, "AccessDenied")
    unreadable = await get(url.replace("X-Amz-Expires=120", "X-Amz-Expires=never"))
    assert (unreadable.status_code, code_of(unreadable)) == (403, "AuthorizationQueryParametersError")


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE"])
async def test_the_signature_is_for_get_alone(url: str, method: str) -> None:
    assert (await get(url, method)).status_code == 403
    assert (await get(url)).content == DATA


async def test_an_object_that_comes_late_or_never(world: EmulatedVendors, url: str) -> None:
    world.store.hide("bucket.one", "a dir/r é.bin", 2)
    late = [(await get(url)).status_code for _ in range(3)]
    assert late == [404, 404, 200]
    never = await get(world.store.presign("bucket.one", "nothing", expires=60))
    assert (never.status_code, code_of(never)) == (404, "NoSuchKey")
    assert "<Key>nothing</Key>" in never.text


async def test_response_headers_are_part_of_the_link(world: EmulatedVendors, url: str) -> None:
    wish = 'attachment; filename="x y.zip"'
    link = world.store.presign("bucket.one", "a dir/r é.bin", expires=60, response_content_disposition=wish)
    assert (await get(link)).headers["Content-Disposition"] == wish
    assert "Content-Disposition" not in (await get(url)).headers


async def test_a_large_object_streams_in_ranges(world: EmulatedVendors) -> None:
    content = parcels.mesh("s", "scene", 20_000_000)
    world.store.put("b", "scene", content)
    link = world.store.presign("b", "scene", expires=60)
    whole = (await get(link)).content
    assert len(whole) == content.size
    assert (await get(link, Range="bytes=9000000-9000999")).content == whole[9_000_000:9_001_000]
