"""The status request as a curl command: what the vendor's own room would send, and no secret in it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.clock import FakeClock
from tui import vendors
from tui.engine.wire.as_curl import status_command
from tui.model import Connection, Reference

CASES = {
    "autodesk": (Reference("0f3c"), {"region": "us-east"}, "/workitems/0f3c"),
    "enos": (Reference("ch 1/task-7"), {"org_id": "o17"}, "orgId=o17"),
    "aspera": (Reference("4711"), {"auth": "basic"}, "4711"),
    "jaggaer": (Reference("7", url="https://host.example/esop/jint/v1/status/7"), {}, "/status/7"),
    "octoplant": (Reference("Line 3"), {}, "/order/"),
}


@pytest.mark.parametrize("name", CASES)
async def test_each_vendor_s_status_can_be_asked_by_hand(name: str) -> None:
    ref, options, part = CASES[name]
    connection = Connection(name, name, "https://host.example", options)
    words = shlex.split(await status_command(vendors.load(name), connection, ref, FakeClock()))
    assert words[0] == "curl"
    assert f"<the login of {name}>" in words
    assert words[-1].startswith("https://host.example")
    assert part in words[-1]


async def test_the_line_is_the_connections_and_secrets_are_masked() -> None:
    url = "https://host.example/esop/jint/v1/status/7?access_token=canary-1234567890"
    connection = Connection(
        "x", "jaggaer", "https://host.example", ca_file=Path("/etc/a b.pem"), proxy="http://proxy.example:3128"
    )
    told = await status_command(vendors.load("jaggaer"), connection, Reference("7", url=url), FakeClock())
    assert "canary" not in told
    assert "-x http://proxy.example:3128 --cacert '/etc/a b.pem'" in told
