"""The emulated Orchestrator's lists, specs and switches (dossier aspera.md, sections 3, 4 and 9)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from defusedxml.ElementTree import fromstring

from tests.clock import FakeClock
from tests.emulators.clients import aspera
from tui.emulators.server import EmulatedVendors

AS_JSON = {"format": "json"}


async def test_what_consoles_read(world: EmulatedVendors) -> None:
    async with aspera(world) as client:

        async def told(path: str) -> Any:
            reply = await client.get(path)
            assert reply.status_code == 200
            return reply.json()

        (one,) = (await told("/workflows_status/44.json"))["workflows"]["workflow"]
        assert (one["id"], one["name"]) == ("44", "Ingest")
        details = (await told("/workflow_details/45.json"))["workflows"]
        assert details["action"] == "status"
        complete = next(one for one in details["workflow"]["statuses"] if one["status"] == "Complete")
        assert (complete["count"], complete["workflowName"]) == ("1", "Deliver")
        spec = (await told("/workflow_inputs_spec/44.json"))["workflow_inputs_spec"]
        assert [parameter["name"] for parameter in spec["parameter"]] == ["src"]
        outputs = (await told("/workflow_outputs_spec.json?workflow_id=45"))["workflow_outputs_spec"]["output"]
        assert {"step_name": "Publish", "variable_name": "published", "value_type": "flag"} in outputs
        assert (await told("/monitor_snapshot.json"))["monitor"]["active_work_orders"] > 2
        assert (await told("/plugin_version.json"))["Plugin"][0]["name"] == "FaspTransfer"
        assert (await client.get("/workflow_details/99")).status_code == 404


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("/workflow_details/45", "workflows"),
        ("/workflow_inputs_spec/44", "workflow_inputs_spec"),
        ("/workflow_outputs_spec/45", "workflow_outputs_spec"),
        ("/monitor_snapshot", "monitor"),
        ("/plugin_version", "Plugins"),
        ("/processes_status?format=json", "processes"),
    ],
)
async def test_the_same_in_xml(world: EmulatedVendors, path: str, root: str) -> None:
    async with aspera(world) as client:
        assert fromstring((await client.get(path)).text).tag == root


@pytest.mark.parametrize("way", ["arg", "header", "ext"])
async def test_a_way_to_json_can_be_switched_off(world: EmulatedVendors, way: str) -> None:
    world.aspera.options.json_ways -= {way}

    async def kind(client: httpx.AsyncClient, which: str) -> str:
        headers = {"Accept": "application/json"} if which == "header" else {}
        path = f"/workflows_list{'.json' if which == 'ext' else ''}{'?format=json' if which == 'arg' else ''}"
        return (await client.get(path, headers=headers)).headers["content-type"].partition(";")[0]

    async with aspera(world) as client:
        for which in ("arg", "header", "ext"):
            assert await kind(client, which) == f"application/{'xml' if which == way else 'json'}"


async def test_a_child_is_named_early_or_late(world: EmulatedVendors, clock: FakeClock) -> None:
    step = world.describe()["aspera"].cast["parent"].removeprefix("step:")

    async def outputs(client: httpx.AsyncClient) -> list[object]:
        return [
            one["name"] for one in (await client.get(f"/work_step_status/{step}", params=AS_JSON)).json()["outputs"]
        ]

    async with aspera(world) as client:
        assert await outputs(client) == ["work_order_id"]
        world.aspera.options.early_child = False
        assert await outputs(client) == []
        clock.jump(60)
        assert await outputs(client) == ["work_order_id", "Step_information"]


async def test_outputs_may_not_be_listed(world: EmulatedVendors) -> None:
    world.aspera.options.lists_outputs = False
    async with aspera(world) as client:
        reply = await client.get(f"/work_order_output/{world.describe()['aspera'].cast['done']}")
    assert (reply.status_code, "Couldn't find" in reply.text) == (404, True)
