"""`jobdeck submit`: where an order goes, and what is said and kept when it could not be sent."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Command
from tui.cli.parser import make_parser
from tui.engine.secrets.finder import variable

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
