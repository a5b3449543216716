from __future__ import annotations

import json
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

import httpx
import pytest

from tests.clock import FakeClock
from tests.emulators.clients import OCTOPLANT_FORM, octoplant
from tui.emulators.octoplant.orders import BROKEN_OFF, Archive
from tui.emulators.server import EmulatedVendors

TOKEN = "/v1/oauth2/token"
UNKNOWN = "/v1/order/00000000-0000-4000-8000-000000000000"


def cast(world: EmulatedVendors, role: str) -> str:
    ref = world.describe()["octoplant"].cast[role]
    return str(json.loads(ref)["name"]) if ref.startswith("{") else ref.rpartition("/")[2]


async def poll(client: httpx.AsyncClient, name: str) -> Any:
    reply = await client.get(f"/v1/order/{name}")
    assert reply.status_code == 200
    return reply.json()


async def test_a_success_from_the_queue_to_the_archive(world: EmulatedVendors, clock: FakeClock) -> None:
    name = cast(world, "quick")
    async with octoplant(world) as client:
        pending = await poll(client, name)
        assert (pending["metadata"]["state"], pending["done"], pending["error"]) == ("STATE_PENDING", False, None)
        refused = await client.get(f"/v1/order/{name}/download")
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, 9)
        clock.jump(6)
        running = (await poll(client, name))["metadata"]
        assert (running["state"], running["currentSubProcess"]) == ("STATE_RUNNING", "JobList")
        assert (running["finishedSubProcesses"], running["openSubProcesses"]) == (1, 2)
        clock.jump(6)
        done = await poll(client, name)
        assert (done["done"], done["error"], done["response"]) == (True, None, {"name": name})
        assert done["metadata"]["finishedSubProcesses"] == 3
        first = await client.get(f"/v1/order/{name}/download")
        again = await client.get(f"/v1/order/{name}/download", headers={"Accept": "application/octet-stream"})
    assert "Content-Length" not in first.headers
    assert first.headers["Transfer-Encoding"] == "chunked"
    assert first.content == again.content
    with ZipFile(BytesIO(first.content)) as archive:
        assert archive.testzip() is None
        assert "contents.json" in archive.namelist()


async def test_a_failure(world: EmulatedVendors, clock: FakeClock) -> None:
    name = cast(world, "failing")
    clock.jump(60)
    async with octoplant(world) as client:
        failed = await poll(client, name)
    assert (failed["done"], failed["metadata"]["state"], failed["response"]) == (True, "STATE_FAILED", None)
    assert failed["error"]["code"] > 1
    assert failed["error"]["message"]


async def test_cancel(world: EmulatedVendors, clock: FakeClock) -> None:
    name = cast(world, "slow")
    async with octoplant(world) as client:
        taken = await client.post(f"/v1/order/{name}/cancel")
        assert (taken.status_code, taken.json()) == (200, {})
        assert not (await poll(client, name))["done"]
        clock.jump(5)
        over = await poll(client, name)
        assert (over["done"], over["error"]["code"], over["metadata"]["state"]) == (True, 1, "STATE_FAILED")
        late = await client.post(f"/v1/order/{name}/cancel")
        assert (late.status_code, late.json()["code"]) == (400, 9)


async def test_a_cancel_can_lose(world: EmulatedVendors, clock: FakeClock) -> None:
    name = cast(world, "stubborn")
    async with octoplant(world) as client:
        assert (await client.post(f"/v1/order/{name}/cancel")).status_code == 200
        clock.jump(90)
        assert (await poll(client, name))["metadata"]["state"] == "STATE_SUCCEEDED"


async def test_unset_fields_types_and_counters(world: EmulatedVendors, clock: FakeClock) -> None:
    options = world.octoplant.options
    async with octoplant(world) as client:
        options.emit_unset = False
        bare = await poll(client, cast(world, "quick"))
        assert set(bare) == {"name", "metadata"}
        assert set(bare["metadata"]) >= {"state", "openSubProcesses"}
        assert "finishedSubProcesses" not in bare["metadata"]
        options.counters_as_text = options.with_type = True
        clock.jump(6)
        metadata = (await poll(client, cast(world, "quick")))["metadata"]
        assert metadata["@type"].startswith("type.googleapis.com/")
        assert metadata["finishedSubProcesses"] == "1"


async def test_unknown_orders_paths_and_verbs(world: EmulatedVendors) -> None:
    async with octoplant(world) as client:
        unknown = await client.get(UNKNOWN)
        assert (unknown.status_code, unknown.json()["code"]) == (404, 5)
        stream = await client.get(f"{UNKNOWN}/download")
        assert (stream.status_code, stream.json()["error"]["code"]) == (404, 5)
        assert (await client.post(f"{UNKNOWN}/cancel")).status_code == 404
        world.octoplant.options.unknown_is_unspecified = True
        vague = (await client.get(UNKNOWN)).json()
        assert (vague["metadata"]["state"], vague["done"]) == ("STATE_UNSPECIFIED", False)
        nowhere, verb = await client.get("/v2/order"), await client.get("/v1/order")
        assert (nowhere.status_code, nowhere.json()["code"]) == (404, 5)
        assert (verb.status_code, verb.json()["code"]) == (501, 12)


async def test_create_takes_text_plain(world: EmulatedVendors, clock: FakeClock) -> None:
    body = json.dumps({"exportContents": {"projectTree": {}, "jobList": {}}})
    async with octoplant(world) as client:
        made = await client.post("/v1/order", content=body, headers={"Content-Type": "text/plain;charset=UTF-8"})
        assert made.status_code == 200
        clock.jump(20)
        assert (await poll(client, made.json()["name"]))["metadata"]["state"] == "STATE_SUCCEEDED"
        for wrong in ("{", "[]", "{}", '{"exportContents": {}}'):
            refused = await client.post("/v1/order", content=wrong)
            assert (refused.status_code, refused.json()["code"]) == (400, 3)
        world.octoplant.options.maintenance = True
        assert (await client.post("/v1/order", content=body)).status_code == 503
        assert (await client.get("/v1/status/maintenance_mode")).json()["active"] is True


async def test_tokens_expire_and_are_revoked(world: EmulatedVendors, clock: FakeClock) -> None:
    url = f"/v1/order/{cast(world, 'done')}"
    async with octoplant(world) as client:
        clock.jump(3599)
        assert (await client.get(url)).status_code == 200
        clock.jump(1)
        dead = await client.get(url)
        assert (dead.status_code, dead.json()["code"]) == (401, 16)
        assert dead.headers["WWW-Authenticate"] == dead.json()["message"]
    async with octoplant(world) as client:
        world.octoplant.revoke_tokens()
        assert (await client.get(url)).status_code == 401
    async with octoplant(world, login=False) as client:
        assert (await client.get(url)).status_code == 401


async def test_token_replies(world: EmulatedVendors) -> None:
    form = {**OCTOPLANT_FORM, **world.describe()["octoplant"].secrets}
    async with octoplant(world, login=False) as client:
        assert set((await client.post(TOKEN, data=form)).json()) >= {"access_token", "expires_in", "token_type"}
        world.octoplant.options.bare_tokens = True
        assert set((await client.post(TOKEN, data=form)).json()) == {"access_token"}
    assert world.octoplant.tokens.issued == 2


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ({"client_secret": "other"}, 401, "invalid_client"),
        ({"client_id": "other"}, 401, "invalid_client"),
        ({"password": "other"}, 400, "invalid_grant"),
        ({"username": "other"}, 400, "invalid_grant"),
    ],
)
async def test_wrong_logins(world: EmulatedVendors, change: dict[str, str], status: int, error: str) -> None:
    form = {**OCTOPLANT_FORM, **world.describe()["octoplant"].secrets, **change}
    async with octoplant(world, login=False) as client:
        reply = await client.post(TOKEN, data=form)
    assert (reply.status_code, reply.json()["error"]) == (status, error)


async def test_an_account_is_locked_after_five_wrong_logins(world: EmulatedVendors) -> None:
    form = {**OCTOPLANT_FORM, **world.describe()["octoplant"].secrets}
    async with octoplant(world, login=False) as client:
        for _ in range(5):
            await client.post(TOKEN, data={**form, "password": "wrong"})
        locked = await client.post(TOKEN, data=form)
        assert (locked.status_code, locked.json()["error_description"]) == (400, "account is locked")
        world.octoplant.account.unlock()
        assert (await client.post(TOKEN, data=form)).status_code == 200


async def test_orders_are_forgotten(world: EmulatedVendors, clock: FakeClock) -> None:
    world.octoplant.tokens.lifetime = 1e6
    async with octoplant(world) as client:
        clock.jump(86_400)
        assert (await client.get(f"/v1/order/{cast(world, 'done')}")).status_code == 404
    before = len(world.octoplant.orders)
    world.octoplant.forget()
    assert 0 < len(world.octoplant.orders) < before


async def download(client: httpx.AsyncClient, name: str) -> bytes:
    reply = await client.get(f"/v1/order/{name}/download")
    assert reply.status_code == 200
    return reply.content


async def test_the_ways_in_which_a_download_breaks(world: EmulatedVendors) -> None:
    name, options = cast(world, "done"), world.octoplant.options
    async with octoplant(world) as client:
        whole = await download(client, name)
        options.archive = Archive.NEWLINES
        grown = await download(client, name)
        assert len(grown) > len(whole)
        assert grown.replace(b"\n", b"") == whole.replace(b"\n", b"")
        options.archive = Archive.ERROR_MIDWAY
        assert await download(client, name) == whole[: len(whole) // 2] + BROKEN_OFF
        options.archive = Archive.ERROR_AS_FILE
        assert await download(client, name) == BROKEN_OFF
        options.archive = Archive.TRAILING_NEWLINE
        assert await download(client, name) == whole + b"\n"
        options.archive = Archive.SHORT
        with pytest.raises(BadZipFile):
            ZipFile(BytesIO(await download(client, name)))
        options.archive = Archive.ERROR_FIRST
        first = await client.get(f"/v1/order/{name}/download")
        assert (first.status_code, first.json()["error"]["code"]) == (500, 13)


async def test_an_older_gateway(world: EmulatedVendors, clock: FakeClock) -> None:
    world.octoplant.options.older_gateway = True
    async with octoplant(world) as client:
        clock.jump(6)
        running = await poll(client, cast(world, "quick"))
        assert running["metadata"]["finished_sub_processes"] == 1
        assert running["metadata"]["current_sub_process"] == "JobList"
        unary = (await client.get(UNKNOWN)).json()
        assert (unary["code"], unary["error"]) == (5, unary["message"])
        stream = (await client.get(f"{UNKNOWN}/download")).json()["error"]
        assert (stream["grpc_code"], stream["http_code"], stream["http_status"]) == (5, 404, "Not Found")


async def test_a_personal_access_token(world: EmulatedVendors) -> None:
    async with octoplant(world, login=False) as client:
        client.headers["Authorization"] = f"Bearer {world.octoplant.personal_token}"
        world.octoplant.revoke_tokens()
        assert (await client.get(f"/v1/order/{cast(world, 'done')}")).status_code == 200


async def test_an_unknown_content_and_a_strange_state(world: EmulatedVendors, clock: FakeClock) -> None:
    world.octoplant.options.strange_state = "STATE_PAUSED"
    async with octoplant(world) as client:
        refused = await client.post("/v1/order", json={"exportContents": {"jobLists": {}}})
        assert (refused.status_code, refused.json()["code"]) == (400, 3)
        assert (await poll(client, cast(world, "slow")))["metadata"]["state"] == "STATE_PAUSED"


async def test_the_names_in_the_certificate_can_be_chosen(clock: FakeClock) -> None:
    async with EmulatedVendors(clock=clock, tls_names=("plant.example",)) as world:
        with pytest.raises(httpx.ConnectError, match="IP address mismatch"):
            async with octoplant(world):
                pass
