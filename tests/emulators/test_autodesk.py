from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.clock import FakeClock
from tests.emulators.clients import autodesk, plain
from tui.emulators.server import EmulatedVendors

ROOT = "/da/us-east/v3/workitems"
TOKEN = "/authentication/v2/token"


def cast(world: EmulatedVendors, role: str) -> str:
    return world.describe()["autodesk"].cast[role].rpartition("/")[2]


async def status(client: httpx.AsyncClient, one: str) -> Any:
    reply = await client.get(f"{ROOT}/{one}")
    assert reply.status_code == 200
    return reply.json()


async def test_stats_fill_stage_by_stage(world: EmulatedVendors, clock: FakeClock) -> None:
    one = cast(world, "quick")
    seen = []
    async with autodesk(world) as client:
        for seconds in (0, 1.5, 1.5, 6, 2):
            clock.jump(seconds)
            seen.append(await status(client, one))
    assert [reply["status"] for reply in seen] == ["pending", "inprogress", "inprogress", "inprogress", "success"]
    assert [len(reply["stats"]) for reply in seen] == [1, 2, 3, 4, 8]
    assert seen[0]["approximateQueuePosition"] >= 1
    assert "approximateQueuePosition" not in seen[1]
    assert ["reportUrl" in reply for reply in seen] == [False] * 4 + [True]
    assert seen[0]["activityId"] == "acme.ExportFbx+prod"
    assert seen[4]["stats"]["bytesUploaded"] > 0
    times = [value for name, value in seen[4]["stats"].items() if name.startswith("time")]
    assert all(re.fullmatch(r"2026-03-02T08:\d\d:\d\d(\.\d{0,6}[1-9])?Z", text) for text in times)


@pytest.mark.parametrize(
    ("role", "word", "stages"),
    [
        ("failing", "failedInstructions", 4),
        ("missing", "failedDownload", 2),
        ("optional", "failedUploadOptional", 5),
        ("cancelled", "cancelled", 4),
    ],
)
async def test_ends(world: EmulatedVendors, clock: FakeClock, role: str, word: str, stages: int) -> None:
    clock.jump(120)
    async with autodesk(world) as client:
        over = await status(client, cast(world, role))
    assert over["status"] == word
    assert over["stats"]["timeFinished"]
    started = {name for name in over["stats"] if name.startswith("time")} - {"timeFinished"}
    assert len(started) == stages


async def test_the_report_tells_why(world: EmulatedVendors, clock: FakeClock) -> None:
    clock.jump(60)
    async with autodesk(world) as client, plain() as anybody:
        first = (await status(client, cast(world, "failing")))["reportUrl"]
        text = (await anybody.get(first)).text
        clock.jump(1)
        second = (await status(client, cast(world, "failing")))["reportUrl"]
        assert (await anybody.get(second)).text == text
        clock.jump(3599)
        assert (await anybody.get(first)).status_code == 403
        assert (await anybody.get(second)).status_code == 200
    assert first != second
    lines = text.splitlines()
    assert all(re.match(r"\[03/02/2026 08:\d\d:\d\d\] ", line) for line in lines)
    assert "Start downloading input: verb - 'Get', url - 'http" in text
    assert "Error section:" in text
    assert lines[-1].endswith("Job Status: failedInstructions")


async def test_a_good_report_names_all_stages(world: EmulatedVendors, clock: FakeClock) -> None:
    clock.jump(60)
    async with autodesk(world) as client, plain() as anybody:
        text = (await anybody.get((await status(client, cast(world, "quick")))["reportUrl"])).text
    order = ["download phase", "Core Engine", "upload phase", "Start uploading output", "result Succeeded"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "Error" not in text


async def test_many_at_once(world: EmulatedVendors) -> None:
    quick, slow, unknown = cast(world, "quick"), cast(world, "slow"), "f" * 32
    async with autodesk(world) as client:
        reply = (await client.post(f"{ROOT}/status", json=[slow, unknown, quick])).json()
        assert {one["id"] for one in reply["results"]} == {slow, quick}
        assert reply["errors"] == {unknown: "Not found"}
        for wrong in ({"ids": [quick]}, [unknown] * 51, [7]):
            assert (await client.post(f"{ROOT}/status", json=wrong)).status_code == 400
        assert (await client.post(f"{ROOT}/status", content=b"[")).status_code == 400


async def test_cancel_has_three_outcomes(world: EmulatedVendors, clock: FakeClock) -> None:
    async with autodesk(world) as client:
        for role in ("waiting", "slow", "stubborn", "done"):
            assert (await client.delete(f"{ROOT}/{cast(world, role)}")).status_code == 204
        assert (await client.delete(f"{ROOT}/{'f' * 32}")).status_code == 404
        assert (await status(client, cast(world, "waiting")))["status"] == "cancelled"
        assert (await status(client, cast(world, "slow")))["status"] == "inprogress"
        clock.jump(100)
        assert (await status(client, cast(world, "slow")))["status"] == "cancelled"
        assert (await status(client, cast(world, "stubborn")))["status"] == "success"
        assert (await status(client, cast(world, "done")))["status"] == "success"


async def test_what_changed_lately(world: EmulatedVendors, clock: FakeClock) -> None:
    start = int(clock.now().timestamp())
    async with autodesk(world) as client:
        reply = (await client.get(ROOT, params={"startAfterTime": str(start - 1000)})).json()
        assert reply["paginationToken"] is None
        assert cast(world, "slow") in [one["id"] for one in reply["data"]]
        for wrong in ("", str(start * 1000), str(start - 6 * 86_400)):
            assert (await client.get(ROOT, params={"startAfterTime": wrong})).status_code == 400
        for number in range(30):
            world.autodesk.newcomer(number, 0.0)
        seen: list[str] = []
        query = {"startAfterTime": str(start - 1000)}
        while query:
            page = (await client.get(ROOT, params=query)).json()
            seen += [one["id"] for one in page["data"]]
            token = page["paginationToken"]
            query = {**query, "page": token} if token else {}
    assert len(seen) == len(set(seen)) == len(world.autodesk.items)


async def test_submit(world: EmulatedVendors, clock: FakeClock) -> None:
    urn = "urn:adsk.objects:os.object:acme-results/out dir/r.zip"
    good = {"activityId": "acme.ExportFbx+prod", "arguments": {"Out": {"verb": "put", "url": urn}, "N": "5"}}
    lost = {"activityId": "acme.ExportFbx+prod", "arguments": {"Out": {"verb": "put", "url": urn.replace("acme", "x")}}}
    async with autodesk(world) as client:
        made = (await client.post(ROOT, json=good)).json()
        assert (made["status"], set(made)) == ("pending", {"status", "stats", "id"})
        failing = (await client.post(ROOT, json=lost)).json()["id"]
        clock.jump(20)
        assert (await status(client, made["id"]))["status"] == "success"
        assert (await status(client, failing))["status"] == "failedUpload"
        link = await client.get("/oss/v2/buckets/acme-results/objects/out%20dir%2Fr.zip/signeds3download")
        assert link.json()["status"] == "complete"
        foreign = await client.post(ROOT, json={"activityId": "other.Act+prod"})
        assert (foreign.status_code, foreign.json().startswith("User=")) == (403, True)
        for wrong in (b"{", b"[]", b'{"activityId": "ExportFbx"}'):
            assert (await client.post(ROOT, content=wrong)).status_code == 400
        assert (await client.post(ROOT, content=b" " * 20_000)).status_code == 413


async def test_workitems_are_forgotten_after_three_days(world: EmulatedVendors, clock: FakeClock) -> None:
    one = cast(world, "done")
    clock.jump(3 * 86_400 - 200)
    async with autodesk(world) as client:
        assert (await status(client, one))["status"] == "success"
    clock.jump(200)
    async with autodesk(world) as client:
        assert (await client.get(f"{ROOT}/{one}")).status_code == 404
    world.autodesk.forget()
    assert all(job.id != one for job in world.autodesk.items)


async def test_odd_answers(world: EmulatedVendors) -> None:
    world.autodesk.options.status_word = "failedSomethingNew"
    world.autodesk.options.without_stats = True
    async with autodesk(world) as client:
        over = await status(client, cast(world, "done"))
        assert over["status"] == "failedSomethingNew"
        assert set(over["stats"]) == {"timeQueued"}


async def test_the_sdks_double_slash_and_another_region(world: EmulatedVendors) -> None:
    async with autodesk(world) as client:
        url = f"{world.autodesk.base_url}/{ROOT}/{cast(world, 'quick')}"
        assert (await client.get(url)).status_code == 200
        assert (await client.get(f"/da/eu-west/v3/workitems/{cast(world, 'quick')}")).status_code == 404


async def test_tokens_and_scopes(world: EmulatedVendors, clock: FakeClock) -> None:
    url = f"{ROOT}/{cast(world, 'done')}"
    async with autodesk(world, scope="data:read") as client:
        narrow = await client.get(url)
        assert (narrow.status_code, narrow.json()["errorCode"]) == (403, "AUTH-010")
    async with autodesk(world) as client:
        spaced = await client.get(url, headers={"Authorization": client.headers["Authorization"].replace(" ", "  ")})
        assert spaced.status_code == 401
        clock.jump(3599)
        dead = await client.get(url)
        assert (dead.status_code, dead.json()["errorCode"]) == (401, "AUTH-006")
        assert dead.json()["developerMessage"] == "Access token provided is invalid or expired."
    async with autodesk(world) as client:
        world.autodesk.revoke_tokens()
        assert (await client.get(url)).status_code == 401


async def test_token_calls(world: EmulatedVendors) -> None:
    site = world.describe()["autodesk"]
    key, secret = str(site.connection["client_id"]), site.secrets["client_secret"]
    form = {"grant_type": "client_credentials", "scope": "code:all data:read"}
    in_form = {"client_id": key, "client_secret": secret}

    async with plain(site.base_url) as client:

        async def ask(data: dict[str, str], *login: str) -> httpx.Response:
            return await client.post(TOKEN, data=data, auth=httpx.BasicAuth(*login) if login else httpx.Auth())

        assert (await ask(form, key, secret)).json()["expires_in"] == 3599
        assert (await ask({**form, **in_form})).status_code == 200
        both = await ask({**form, **in_form}, key, secret)
        assert (both.status_code, both.json()["error"]) == (400, "invalid_request")
        assert (await ask({**form, "grant_type": "password"}, key, secret)).json()["error"] == "unsupported_grant_type"
        assert (await ask({**form, "scope": "code:all all:all"}, key, secret)).json()["error"] == "invalid_scope"
        assert (await ask({**form, "scope": ""}, key, secret)).status_code == 400
        wrong = await ask(form, key, "other")
        assert (wrong.status_code, wrong.json()["errorCode"]) == (401, "AUTH-003")
        assert (await ask(form)).status_code == 401


async def test_a_hundred_calls_a_minute(world: EmulatedVendors, clock: FakeClock) -> None:
    url = f"{ROOT}/{cast(world, 'done')}"
    async with autodesk(world) as client:
        clock.jump(10)
        fine = [(await client.get(url)).status_code for _ in range(100)]
        clock.jump(35.5)
        limited = await client.get(url)
        clock.jump(24.5)
        again = await client.get(url)
    assert set(fine) == {200}
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "25")
    assert limited.json() == {"developerMessage": "Quota limit exceeded."}
    assert again.status_code == 200
