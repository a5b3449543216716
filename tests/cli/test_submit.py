"""`jobdeck submit`: where an order goes, and what is said and kept when it could not be sent."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Command, World
from tui.cli.parser import make_parser
from tui.emulators.switches import Switches
from tui.engine.secrets.ways import variable

NOBODY = """
[connections.aps]
vendor = "autodesk"
base_url = "http://127.0.0.1:9"
client_id = "app"
"""
ORDER = json.dumps({"activityId": "acme.Export+prod"})


@pytest.mark.parametrize("name", ["--place", "--channel"])
def test_the_place_has_its_enos_name_too(name: str) -> None:
    options = make_parser().parse_args(["submit", "-c", "windfarm", "-", name, "ch-1"])
    assert options.place == "ch-1"


def test_an_order_that_could_not_be_sent_is_4_and_leaves_nothing(jobdeck: Command) -> None:
    jobdeck.config.write_text(NOBODY)
    jobdeck.environ[variable("aps", "client_secret")] = "canary"
    said = jobdeck("submit", "-c", "aps", "-", stdin=ORDER, code=4)
    assert "the order was not sent, no job was started" in said
    assert "nobody knows" not in said
    assert jobdeck("list", "--json") == "[]\n"


def test_the_path_of_a_call_is_a_place_and_a_marked_file_a_body(connected: Command) -> None:
    started = connected("submit", "-c", "jaggaer", "/event/4711/apiBids/async")
    assert started.startswith("jaggaer:")
    order = connected.config.parent / "order.json"
    order.write_text("\ufeff" + ORDER, "utf-8")
    assert connected("submit", "-c", "autodesk", str(order)).startswith("autodesk:")
    assert connected("submit", "-c", "autodesk", "-", stdin="\ufeff" + ORDER).startswith("autodesk:")
    assert connected("track", "--no-check", "-", stdin="\ufeff" + "ab" * 16 + "\n") == f"autodesk:{'ab' * 16}\n"


def test_what_was_started_is_on_the_board_as_it_stands(connected: Command, world: World) -> None:
    written = {"verb": "put", "url": "urn:adsk.objects:os.object:acme-out/out.zip"}
    order = json.dumps({"activityId": "acme.Mine+prod", "arguments": {"Result": written}})
    key = connected("submit", "-c", "autodesk", "-", stdin=order).strip()
    (job,) = json.loads(connected("list", "--json"))
    told = job["key"], job["state"] in ("waiting", "running"), [output["name"] for output in job["outputs"]]
    assert told == (key, True, ["out.zip"])
    assert job["title"] == "acme.Mine+prod"


def test_a_start_whose_reply_was_lost_is_looked_up_and_taken_over(connected: Command, world: World) -> None:
    world.thread.call(lambda vendors: Switches(vendors).turn_on("lost-start", "autodesk"))
    order = json.dumps({"activityId": "acme.Mine+prod"})
    told = connected("submit", "-c", "autodesk", "-", "--title", "mine", stdin=order, code=4)
    assert "nobody knows whether the job was started" in told
    assert "do not send it again" in told
    watching = connected.start("watch", "--json")
    lines, _ = watching.communicate(timeout=100)
    first, line = map(json.loads, lines.splitlines())
    assert first["notice"].startswith("sent, outcome unknown: it is looked up")
    assert (watching.returncode, line["title"], line["state"]) == (4, "mine", "unknown")
    found = line["notice"].removeprefix("looks like ").partition(",")[0]
    assert connected("track", "-c", "autodesk", found) == f"autodesk:{found}\n"
    (job,) = json.loads(connected("list", "--json"))
    assert (job["id"], job["title"]) == (found, "mine")
