from __future__ import annotations

import pytest

from tests.emulators.clients import aspera
from tui.emulators.server import EmulatedVendors
from tui.emulators.spoiling import Spoil


@pytest.mark.parametrize(
    ("kind", "status", "begins"),
    [
        (Spoil.STACK_TRACE, 500, "NoMethodError: undefined method"),
        (Spoil.EMPTY, 200, ""),
        (Spoil.LOGIN_PAGE, 200, "<!DOCTYPE html>"),
        (Spoil.REFUSED_PAGE, 401, "<!DOCTYPE html>"),
        (Spoil.TO_LOGIN, 302, ""),
        (Spoil.TRUNCATED, 200, "<?xml"),
    ],
)
async def test_each_way_to_spoil_an_answer(world: EmulatedVendors, kind: Spoil, status: int, begins: str) -> None:
    async with aspera(world) as client:
        fine = await client.get("/workflows_list")
        world.aspera.spoiling.turn(kind, "workflows_list", times=1)
        assert (await client.get("/plugin_version")).status_code == 200
        spoilt, again = await client.get("/workflows_list"), await client.get("/workflows_list")
    assert (spoilt.status_code, spoilt.text.startswith(begins)) == (status, True)
    assert spoilt.text != fine.text == again.text
    assert bool(spoilt.text) is bool(begins)


async def test_a_spoil_stays_until_it_is_turned_off(world: EmulatedVendors) -> None:
    async with aspera(world) as client:
        world.aspera.spoiling.turn(Spoil.EMPTY)
        assert [(await client.get("/workflows_list")).text for _ in range(3)] == ["", "", ""]
        world.aspera.spoiling.turn(None)
        assert (await client.get("/workflows_list")).text
