from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import httpx
import pytest
from defusedxml.ElementTree import fromstring

from tests.clock import FakeClock
from tests.emulators.clients import aspera, plain
from tui.emulators.server import EmulatedVendors


def number(world: EmulatedVendors, role: str) -> int:
    ref = world.describe()["aspera"].cast[role].removeprefix(world.aspera.base_url)
    names = {one.id: [str(one.id), *(f"step:{step.id}" for step in one.steps)] for one in world.aspera.orders}
    return next(one for one, known in names.items() if any(name in ref for name in known))


async def order(client: httpx.AsyncClient, one: int, call: str = "status") -> Any:
    reply = await client.get(f"/work_order_{call}/{one}", params={"format": "json"})
    assert reply.status_code == 200
    return reply.json()["work_order"]


async def step(client: httpx.AsyncClient, one: int, name: str) -> Any:
    query = {"work_order_id": str(one), "step_name": name, "format": "json"}
    reply = await client.get("/work_step_status/work_order", params=query)
    assert reply.status_code == 200
    return reply.json()


async def test_a_success_and_its_download(world: EmulatedVendors, clock: FakeClock) -> None:
    one = number(world, "quick")
    async with aspera(world) as client:
        assert (await order(client, one))["status"] == "Inactive"
        clock.jump(2)
        running = await order(client, one)
        assert (running["status"], running["completed_at"]) == ("In Progress", None)
        assert running["statusDetails"].startswith("Executing Step: Transcode")
        assert [step["status"] for step in running["work_steps"]] == ["In Progress", "Inactive"]
        assert (await step(client, one, "Publish"))["outputs"] == []
        clock.jump(10)
        assert (await order(client, one))["status"] == "Complete"
        published = await step(client, one, "Publish")
    assert (published["work_step"]["workStepName"], published["work_step"]["stepName"]) == ("Publish", None)
    outputs = {output["name"]: output for output in published["outputs"]}
    assert outputs["published"] == {
        "name": "published",
        "type": "flag",
        "value": True,
        "id": outputs["published"]["id"],
    }
    async with plain() as client:
        got = await client.get(outputs["download_url"]["value"])
    with ZipFile(BytesIO(got.content)) as archive:
        assert archive.testzip() is None


async def test_failures_and_a_branch_that_handles_one(world: EmulatedVendors, clock: FakeClock) -> None:
    clock.jump(60)
    async with aspera(world) as client:
        failed = await order(client, number(world, "failing"))
        assert (failed["status"], failed["statusDetails"]) == ("Error", "FASPEX refused the package: quota exceeded")
        assert [step["status"] for step in failed["work_steps"]] == ["Error", "Inactive"]
        branching = await order(client, number(world, "branching"))
        assert branching["status"] == "Complete"
        assert [step["status"] for step in branching["work_steps"]] == ["Complete", "Failed", "Complete", "Complete"]


async def test_waiting_for_a_person_and_sub_workflows(world: EmulatedVendors, clock: FakeClock) -> None:
    async with aspera(world) as client:
        asking = await order(client, number(world, "asking"))
        assert (asking["status"], asking["statusDetails"]) == ("In Progress", "Awaiting user input: approve")
        clock.jump(60)
        parent = await step(client, number(world, "parent"), "Run ingest")
    assert parent["work_step"]["step_type"] == "SubWorkflow"
    assert parent["outputs"][0]["value"] == number(world, "child")


async def test_fasp_links_and_hashes(world: EmulatedVendors, clock: FakeClock) -> None:
    clock.jump(60)
    one = number(world, "fasp")
    async with aspera(world) as client:
        link = (await step(client, one, "Package clip"))["outputs"][1]["value"]
        assert link.startswith("fasp://faspex@fx.example:33001/Box - ")
        assert "==&cookie=" in link
        query = {"work_order_id": str(one), "step_name": "Package clip"}
        xml = (await client.get("/work_step_status/work_order", params=query)).text
        assert f"<![CDATA[{link}]]>" in xml
        disks = (await step(client, one, "Check clip"))["work_step"]["id"]
        ruby = (await client.get(f"/work_step_status/{disks}.txt", params={"output_name": "disks"})).text
        assert ruby.startswith("""{'Disk A' => {"node"=>"a1", "free_kb"=>"90"}""")
        bare = (await client.get(f"/work_step_status/{disks}.json", params={"output_name": "disks"})).json()
        assert bare["Disk A"] == {"node": "a1", "free_kb": "90"}
        single = fromstring((await client.get(f"/work_step_status/{disks}.xml", params={"output_name": "disks"})).text)
        assert (single.tag, single.findtext("type")) == ("Work_step_output", "hash")


async def test_xml_is_the_default_and_another_document(world: EmulatedVendors) -> None:
    one = number(world, "done")
    async with aspera(world) as client:
        root = fromstring((await client.get(f"/work_order_status/{one}")).text)
        assert (root.tag, root.get("id"), root.findtext("name")) == ("work_order", str(one), f"Deliver proxy-{one}")
        state = root.find("status")
        assert state is not None
        assert (state.get("state"), state.text) == ("Complete", "Work order completed")
        assert root.findtext("timestamps/completed_at", "").endswith(" UTC")
        first = root.findall("work_steps/work_step")[0].get("id")
        whole = fromstring((await client.get(f"/work_step_status/{first}")).text)
        assert (whole.tag, whole.findtext("work-step/workOrder-id")) == ("Work-step-status", str(one))
        nil = whole.find("work-step/stepName")
        assert nil is not None
        assert nil.get("nil") == "true"
        query = {"work_order_id": str(one), "step_name": "Publish", "status_only": "true"}
        bare = (await client.get("/work_step_status/work_order", params=query)).text
        assert bare.startswith("<status>Complete</status><id type=")
        listed = fromstring((await client.get(f"/work_order_output/{one}")).text)
        assert {variable.findtext("name") for variable in listed} >= {"proxy_path", "download_url"}


@pytest.mark.parametrize(
    ("suffix", "query", "headers"),
    [(".json", {}, {}), ("", {"format": "json"}, {}), ("", {}, {"Accept": "application/json"})],
)
async def test_three_ways_to_json(
    world: EmulatedVendors, suffix: str, query: dict[str, str], headers: dict[str, str]
) -> None:
    url = f"/work_order_status/{number(world, 'done')}{suffix}"
    async with aspera(world) as client:
        assert (await client.get(url, params=query, headers=headers)).json()["work_order"]["status"] == "Complete"


async def test_cancel_and_reset(world: EmulatedVendors, clock: FakeClock) -> None:
    one = number(world, "slow")
    async with aspera(world) as client:
        assert (await order(client, one, "cancel"))["status"] == "Canceling"
        clock.jump(8)
        over = await order(client, one)
        assert (over["status"], over["work_steps"][0]["status"]) == ("Canceled", "Canceled")
        again = await order(client, one, "reset")
        assert (again["status"], again["work_steps"][0]["attempt"]) == ("Inactive", 2)
        clock.jump(20)
        first = again["work_steps"][0]["id"]
        stopped = (await client.get(f"/work_step_cancel/{first}", params={"format": "json"})).json()
        assert stopped["work_step"]["status"] == "Canceling"
        clock.jump(8)
        reset = (await client.get(f"/workstep_reset/{first}", params={"format": "json"})).json()
        assert reset["work_order"]["work_steps"][0]["attempt"] == 3


async def test_a_step_is_reset_from_that_step_on(world: EmulatedVendors) -> None:
    one = number(world, "done")
    async with aspera(world) as client:
        last = (await order(client, one))["work_steps"][-1]["id"]
        root = fromstring((await client.get(f"/workstep_reset/{last}")).text)
        assert (root.tag, root.findtext("workstep_reset")) == ("WorkStep_Reset", "true")
        assert [step.findtext("status") for step in root.findall("work_steps")] == ["Complete", "In Progress"]
        begun = root.findtext("work_steps/activation_date", "")
        assert re.fullmatch(r"\w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}", begun)
        assert (await order(client, one))["status"] == "In Progress"


async def test_lists_and_starting(world: EmulatedVendors, clock: FakeClock) -> None:
    async with aspera(world) as client:
        as_json = {"format": "json"}
        designs = (await client.get("/workflows_list", params=as_json)).json()["workflows"]["workflow"]
        assert [design["name"] for design in designs] == ["Ingest", "Deliver", "Quality check"]
        listed = (await client.get("/work_orders_list/45", params=as_json)).json()["work_orders"]
        assert number(world, "quick") in [one["id"] for one in listed]
        missing = await client.get("/initiate/44", params=as_json)
        assert (missing.status_code, missing.json()["missing_parameters"]) == (400, ["src"])
        made = await client.get("/initiate/44", params={**as_json, "external_parameters[src]": "/in/a b.mov"})
        posted = await client.post("/initiate", json={"workflow_id": 45}, params=as_json)
        assert (await client.post("/initiate", content=b"{", params=as_json)).status_code == 400
        assert (await client.get("/initiate/99", params=as_json)).status_code == 404
        clock.jump(30)
        for reply in (made, posted):
            assert (await order(client, reply.json()["work_order"]["id"]))["status"] == "Complete"


@pytest.mark.parametrize("url", ["/work_order_status/1", "/work_step_status/1", "/work_order_status/x", "/nothing"])
async def test_unknown_things(world: EmulatedVendors, url: str) -> None:
    async with aspera(world) as client:
        assert (await client.get(url)).status_code == 404


async def test_a_stack_trace_is_the_error(world: EmulatedVendors) -> None:
    async with aspera(world) as client:
        text = (await client.get("/work_order_status/1")).text
        assert text.splitlines()[0] == "ActiveRecord::RecordNotFound: Couldn't find WorkOrder with 'id'=1"
        one = number(world, "done")
        query = {"work_order_id": str(one), "step_name": "nobody"}
        assert (await client.get("/work_step_status/work_order", params=query)).status_code == 404
        step_id = (await order(client, one))["work_steps"][0]["id"]
        assert (await client.get(f"/work_step_status/{step_id}?output_name=nothing")).status_code == 404


async def test_every_style_of_login(world: EmulatedVendors, clock: FakeClock) -> None:
    site = world.describe()["aspera"]
    password, key = site.secrets["password"], site.secrets["api_key"]
    url = f"/work_order_status/{number(world, 'done')}"
    async with plain(f"{site.base_url}/api") as client:
        assert (await client.get("/remote_node_ping")).status_code == 200
        refused = await client.get(url)
        assert (refused.status_code, refused.headers["Content-Type"][:9]) == (401, "text/html")
        for good in ({"login": "ops", "password": password}, {"login": "ops", "api_key": key}, {"apikey": key}):
            assert (await client.get(url, params=good)).status_code == 200
        for bad in ({"login": "ops", "password": "x"}, {"login": "root", "api_key": key}, {"apikey": "x"}):
            assert (await client.get(url, params=bad)).status_code == 401
        assert (await client.get(url, auth=("ops", "wrong"))).status_code == 401
        assert (await client.post("/login", json={"username": "ops", "password": "x"})).status_code == 401
        for body in ({"username": "ops", "password": password}, {"apikey": key}):
            token = (await client.post("/login", json=body)).json()["token"]
            assert (await client.get(url, headers={"Authorization": f"Bearer {token}"})).status_code == 200
        clock.jump(3600)
        assert (await client.get(url, headers={"Authorization": f"Bearer {token}"})).status_code == 401


async def test_styles_can_be_switched_off(world: EmulatedVendors) -> None:
    site = world.describe()["aspera"]
    world.aspera.options.styles = frozenset({"api-key"})
    url = f"/work_order_status/{number(world, 'done')}"
    async with aspera(world) as client:
        assert (await client.get(url)).status_code == 401
        body = {"username": "ops", "password": site.secrets["password"]}
        assert (await client.post("/login", json=body)).status_code == 404
    async with plain(f"{site.base_url}/api") as client:
        assert (await client.get(url, params={"apikey": site.secrets["api_key"]})).status_code == 200


async def test_locked_after_five_wrong_logins(world: EmulatedVendors) -> None:
    url = f"/work_order_status/{number(world, 'done')}"
    async with aspera(world) as client:
        for _ in range(5):
            await client.get(url, auth=("ops", "wrong"))
        assert (await client.get(url)).status_code == 401
        world.aspera.login.account.unlock()
        assert (await client.get(url)).status_code == 200


async def test_other_words_and_shapes(world: EmulatedVendors) -> None:
    world.aspera.options.running_word = "Rolling Back"
    world.aspera.options.state_as_object = True
    async with aspera(world) as client:
        assert (await order(client, number(world, "slow")))["status"]["state"] == "Rolling Back"


async def test_a_file_that_is_not_ready(world: EmulatedVendors) -> None:
    one = number(world, "quick")
    async with plain(world.store.base_url) as client:
        assert (await client.get(f"/media/{one}/proxy-{one}.zip")).status_code == 404
        assert (await client.get("/media/1/x.zip")).status_code == 404
