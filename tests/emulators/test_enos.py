from __future__ import annotations

import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1

from tests.clock import FakeClock
from tests.emulators.clients import EnosLogin, enos, enos_token_body, plain
from tui.emulators.enos.gateway import DeadToken
from tui.emulators.enos.signature import encryption, signature
from tui.emulators.server import EmulatedVendors

VECTORS = json.loads((Path(__file__).parent / "enos_vectors.json").read_text())
GET, REFRESH = "/apim-token-service/v2.0/token/get", "/apim-token-service/v2.0/token/refresh"
PREFIX = "/data-federation/v2.0/channels/read"


def by_id(vector: dict[str, str]) -> str:
    return vector["id"]


@pytest.mark.parametrize("vector", VECTORS["signatures"], ids=by_id)
def test_signature_vectors(vector: dict[str, str]) -> None:
    body = (vector["body"] or "").encode()
    made = signature(vector["token"], vector["query"], body, vector["timestamp"], vector["secret"])
    assert made == vector["signature"]


@pytest.mark.parametrize("vector", VECTORS["encryptions"], ids=by_id)
def test_encryption_vectors(vector: dict[str, str]) -> None:
    assert encryption(vector["key"], str(vector["timestamp"]), vector["secret"]) == vector["encryption"]


def path(world: EmulatedVendors, role: str) -> str:
    ref = world.describe()["enos"].cast[role]
    if ref.startswith("http"):
        return ref.partition("?")[0].removeprefix(world.enos.base_url).rpartition("/")[0]
    channel, _, task = ref.partition("/")
    return f"{PREFIX}/{channel}/download/{task}"


async def status(client: httpx.AsyncClient, where: str) -> Any:
    reply = (await client.get(f"{where}/status")).json()
    assert (reply["code"], reply["msg"]) == (0, "OK")
    return reply["data"]


async def test_a_success_and_both_ways_to_its_file(world: EmulatedVendors, clock: FakeClock) -> None:
    where = path(world, "quick")
    async with enos(world) as client:
        waiting = await status(client, where)
        assert (waiting["progressCode"], waiting["progressDesc"], waiting["downloadUrl"]) == ("0", "waiting", None)
        clock.jump(3)
        assert (await status(client, where))["progressCode"] == "1"
        assert (await client.get(f"{where}/data")).status_code == 404
        clock.jump(8)
        done = await status(client, where)
        assert (done["progressCode"], done["progressDesc"]) == ("3", "success")
        signed = await client.get(f"{where}/data")
        async with plain() as anybody:
            inner = await anybody.get(done["downloadUrl"])
            part = await anybody.get(done["downloadUrl"], headers={"Range": "bytes=100-199"})
    assert not done["downloadUrl"].startswith(world.enos.base_url)
    assert signed.content == inner.content
    assert len(inner.content) == int(done["dataSize"])
    assert (part.status_code, part.content) == (206, inner.content[100:200])
    assert inner.headers["Content-Disposition"] == 'attachment; filename="wind-2026-03.zip"'


async def test_conditions_on_the_inner_host(world: EmulatedVendors) -> None:
    async with enos(world) as client:
        url = (await status(client, path(world, "done")))["downloadUrl"]
    async with plain() as anybody:
        head = await anybody.head(url)
        etag, size = head.headers["ETag"], int(head.headers["Content-Length"])
        known = await anybody.get(url, headers={"If-None-Match": etag})
        beyond = await anybody.get(url, headers={"Range": f"bytes={size}-"})
        changed = await anybody.get(url, headers={"If-Match": '"other"'})
    assert (head.status_code, head.content) == (200, b"")
    assert [reply.status_code for reply in (known, beyond, changed)] == [304, 416, 412]
    assert known.content == beyond.content == changed.content == b""
    assert beyond.headers["Content-Range"] == f"bytes */{size}"


async def test_failed_expiring_and_expired(world: EmulatedVendors, clock: FakeClock) -> None:
    where = path(world, "expiring")
    async with enos(world) as client:
        clock.jump(30)
        assert (await status(client, path(world, "failing")))["progressDesc"] == "failed"
        url = (await status(client, where))["downloadUrl"]
        clock.jump(60)
        assert (await status(client, where))["progressCode"] == "6"
        clock.jump(60)
        gone = await status(client, where)
        assert (gone["progressCode"], gone["downloadUrl"], gone["dataSize"]) == ("7", None, None)
        async with plain() as anybody:
            assert (await anybody.get(url)).status_code == 404


async def test_cancel_in_both_styles(world: EmulatedVendors, clock: FakeClock) -> None:
    slow, waiting = path(world, "slow"), path(world, "waiting")
    async with enos(world) as client:
        taken = (await client.delete(slow)).json()["data"]
        assert (taken["progressCode"], taken["progressDesc"]) == ("4", "cancelling")
        assert (await status(client, slow))["progressCode"] == "4"
        clock.jump(6)
        assert (await status(client, slow))["progressCode"] == "5"
        assert (await client.delete(slow)).json()["code"] == 81400
        world.enos.options.cancel_at_once = True
        assert (await client.delete(waiting)).json()["data"]["progressCode"] == "5"
        assert (await status(client, waiting))["progressDesc"] == "cancelled"


async def test_variants_of_the_status(world: EmulatedVendors, clock: FakeClock) -> None:
    options = world.enos.options
    options.numeric = options.as_list = True
    async with enos(world) as client:
        [data] = await status(client, path(world, "done"))
        assert data["progressCode"] == 3
        assert isinstance(data["dataSize"], int)
        options.as_list, options.without_size = False, True
        assert "dataSize" not in await status(client, path(world, "done"))


async def test_unknown_tasks_and_organisations(world: EmulatedVendors) -> None:
    async with enos(world) as client:
        assert (await client.get(f"{PREFIX}/ch-nobody/download/0/status")).json()["code"] == 81404
        other = await client.get(f"{path(world, 'quick')}/status", params={"orgId": "o2"})
        assert (other.status_code, other.json()["code"]) == (200, 81400)


async def test_create(world: EmulatedVendors, clock: FakeClock) -> None:
    body: dict[str, object] = {"taskName": "n", "sourceName": "hive_enos", "querySql": "SELECT 'ü'", "files": None}
    create = f"{PREFIX}/ch-0b1c2d/download-request"
    async with enos(world) as client:
        assert (await client.post(create, json=body)).json()["code"] == 81400
        body["filePackageName"] = "nightly\r\nX-Evil: 7"
        made = (await client.post(create, json=body)).json()
        clock.jump(10)
        task = f"{PREFIX}/ch-0b1c2d/download/{made['data']['taskId']}"
        assert (await status(client, task))["progressCode"] == "3"
        assert "X-Evil" not in (await client.get(f"{task}/data")).headers
        unknown = await client.post(create.replace("0b1c2d", "nobody"), json=body)
        assert unknown.json()["code"] == 81404
        listed = (await client.get("/data-federation/v2.0/channels", params={"channelType": "READ"})).json()
        assert [channel["channelId"] for channel in listed["data"]] == ["ch-0b1c2d", "ch-3e4f50"]


async def test_the_token_stays_the_same_while_it_lives(world: EmulatedVendors, clock: FakeClock) -> None:
    async with plain(world.enos.base_url) as client:
        first = (await client.post(GET, json=enos_token_body(world))).json()["data"]
        clock.jump(1000)
        again = (await client.post(GET, json=enos_token_body(world, timestamp=None))).json()
        assert again["status"] == 1202
        second = (await client.post(GET, json=enos_token_body(world))).json()["data"]
        assert first["accessToken"] == second["accessToken"]
        assert (first["expire"], second["expire"]) == (7200, 6200)
        fresh = await client.post(REFRESH, json=enos_token_body(world, later=1, accessToken=first["accessToken"]))
        assert fresh.json()["data"]["accessToken"] != first["accessToken"]
        assert fresh.json()["data"]["expire"] == 7200
        stale = await client.post(REFRESH, json=enos_token_body(world, later=2, accessToken=first["accessToken"]))
        assert stale.json()["status"] == 1203
        clock.jump(7200)
        third = (await client.post(GET, json=enos_token_body(world))).json()["data"]
        assert third["expire"] == 7200


async def test_refused_token_calls(world: EmulatedVendors) -> None:
    async def ask(**changes: object) -> int:
        async with plain(world.enos.base_url) as client:
            reply = await client.post(GET, json=enos_token_body(world, **changes))  # type: ignore[arg-type]
            assert reply.status_code == 200
            return int(reply.json()["status"])

    stamp = enos_token_body(world)["timestamp"]
    assert await ask(timestamp=str(stamp)) == 0
    assert await ask() == 1001
    assert await ask(later=1, appKey="other") == 1002
    assert await ask(later=1, encryption="0" * 64) == 1003
    assert await ask(later=700_000) == 1004
    assert await ask(timestamp="soon") == 1004
    assert await ask(encryption="") == 1202
    assert await ask(later=1) == 0
    world.enos.gateway.options.skew = None
    assert await ask(later=700_000) == 0


async def test_only_right_signatures_pass(world: EmulatedVendors, clock: FakeClock) -> None:
    url = f"{path(world, 'quick')}/status"
    async with enos(world) as client:
        login = client.auth
        assert isinstance(login, EnosLogin)
        refused = [
            EnosLogin(login.token, "other", login.timestamp),
            EnosLogin("other", login.secret, login.timestamp),
            EnosLogin(login.token, login.secret, "1"),
            EnosLogin(login.token, login.secret, "soon"),
        ]
        for wrong in refused:
            reply = await client.get(url, auth=wrong)
            assert (reply.status_code, reply.json()) == (401, {"message": "Invalid authentication credentials"})
        assert (await client.get(url)).status_code == 200
        clock.jump(601)
        assert (await client.get(url)).status_code == 401


@pytest.mark.parametrize("style", [style for style in DeadToken if style is not DeadToken.HTTP_401])
async def test_dead_tokens_in_every_style(world: EmulatedVendors, clock: FakeClock, style: DeadToken) -> None:
    url = f"{path(world, 'quick')}/status"
    async with enos(world) as client:
        world.enos.revoke_tokens()
        assert (await client.get(url)).status_code == 401
        world.enos.gateway.options.dead_token = style
        dead = await client.get(url)
        field, code = style.value
        assert (dead.status_code, dead.json()[field]) == (200, code)
    clock.jump(1)
    async with enos(world) as client:
        assert (await client.get(url)).json()["code"] == 0


async def test_the_gateway_tells_its_own_time(world: EmulatedVendors, clock: FakeClock) -> None:
    async with plain(world.enos.base_url) as client:
        assert (await client.get("/nothing")).headers["Date"]
        told = (await client.post(GET, json=enos_token_body(world))).headers["Date"]
        assert told == "Mon, 02 Mar 2026 08:15:00 GMT"
        world.enos.gateway.options.clock_ahead = 3600
        late = await client.post(GET, json=enos_token_body(world, later=1))
        assert (late.headers["Date"], late.json()["status"]) == ("Mon, 02 Mar 2026 09:15:00 GMT", 1004)


async def test_codes_of_the_token_service_on_demand(world: EmulatedVendors) -> None:
    options = world.enos.gateway.options
    async with plain(world.enos.base_url) as client:
        options.used_before = 1
        assert (await client.post(GET, json=enos_token_body(world))).json()["status"] == 1001
        assert (await client.post(GET, json=enos_token_body(world))).json()["status"] == 0
        options.service_code = 1005
        assert (await client.post(GET, json=enos_token_body(world, later=1))).json()["status"] == 1005


async def test_more_variants(world: EmulatedVendors, clock: FakeClock) -> None:
    options, running = world.enos.options, path(world, "slow")
    create = f"{PREFIX}/ch-0b1c2d/download-request"
    async with enos(world) as client:
        options.no_url, options.newer_words = "absent", True
        data = await status(client, running)
        assert (data["progressDesc"], "downloadUrl" in data) == ("downloading", False)
        options.no_url, options.strange_code, options.without_request_id = "empty", "paused", True
        reply = (await client.get(f"{running}/status")).json()
        assert (reply["data"]["progressCode"], reply["data"]["downloadUrl"]) == ("paused", "")
        assert "requestId" not in reply
        options.channels_stopped = True
        assert (await client.post(create, json={})).json()["code"] == 81400
        options.internal_error = True
        assert (await client.get(f"{running}/status")).json()["code"] == 81500


def sdk_token(public_key: str, app_key: str, app_secret: str, *, fields: int = 5) -> str:
    """A token as the vendor's Python SDK makes it (section 1.3)."""
    key = serialization.load_der_public_key(b64decode(public_key))
    assert isinstance(key, RSAPublicKey)
    text = "$".join(["123456", app_key, app_secret, "a" * 64, "b" * 64][:fields])
    return b64encode(key.encrypt(text.encode(), OAEP(MGF1(SHA1()), SHA1(), None))).decode()


async def test_tokens_of_the_python_sdk(clock: FakeClock) -> None:
    async with EmulatedVendors(clock=clock, rsa=True) as world, plain(world.enos.base_url) as client:
        site = world.describe()["enos"]
        assert site.rsa_public_key is not None
        assert json.loads(world.describe().to_json())["enos"]["rsa_public_key"] == site.rsa_public_key
        key, secret = str(site.connection["access_key"]), site.secrets["secret_key"]
        int(secret.split("-")[1], 16)
        url = f"{path(world, 'done')}/status?orgId={site.connection['org_id']}"

        async def ask(token: str) -> httpx.Response:
            return await client.get(url, headers={"apim-accesstoken": token})

        good = sdk_token(site.rsa_public_key, key, secret)
        assert (await ask(good)).json()["data"]["progressCode"] == "3"
        world.enos.gateway.options.expired_rsa_tokens = 1
        assert (await ask(good)).json() == {"apim_status": 4012}
        wrong = sdk_token(site.rsa_public_key, key, "other-0a1b")
        short = sdk_token(site.rsa_public_key, key, secret, fields=4)
        for token in (wrong, short, "AAAA", "no base64", ""):
            assert (await ask(token)).status_code == 401


async def test_without_the_option_there_is_no_such_door(world: EmulatedVendors) -> None:
    assert "rsa_public_key" not in json.loads(world.describe().to_json())["enos"]
