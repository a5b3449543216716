"""`jobdeck reset`: asks first, sends once, and says why not."""

from __future__ import annotations

import json

from tests.cli.conftest import Command, World


def test_a_failed_order_is_reset_once(connected: Command, world: World) -> None:
    cast = world.description["aspera"].cast
    world.pass_time(60)
    key = connected("track", "-c", "aspera", cast["failing"]).strip()
    slow = connected("track", "-c", "aspera", cast["slow"]).strip()
    plant = connected("track", "-c", "octoplant", world.description["octoplant"].cast["quick"]).strip()
    assert "not confirmed: reset at the vendor" in connected("reset", key, code=2)
    assert "--read-only allows no reset" in connected("--read-only", "reset", "--yes", key, code=2)
    told = f"{slow}: the job is not over: In Progress; cancel it first, or wait for its end"
    assert told in connected("reset", "--yes", slow, code=1)
    assert "octoplant knows no reset; start a new job instead" in connected("reset", "--yes", plant, code=1)
    assert connected("reset", "--yes", key) == f"{key}\n"
    assert json.loads(connected("show", "--json", "--refresh", key))["vendor_status"] == "Inactive"
    attempts = world.thread.call(lambda vendors: sorted(one.run.attempt for one in vendors.aspera.orders))
    assert attempts[-2:] == [1, 2]
