"""Whose requests a vendor counts together: one pace for all connections of the same account."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from tests.clock import FakeClock
from tests.engine.five import five
from tests.engine.webs import CONNECTION, sessions
from tui import vendors
from tui.engine.wire.quota import Quota, Quotas
from tui.errors import AskError
from tui.model import Connection, ProblemKind

MORE = """
[connections.aps-two]
vendor = "autodesk"
client_id = "app"
region = "us-west"
[connections.aps-other]
vendor = "autodesk"
client_id = "another app"
[connections.windfarm-two]
vendor = "enos"
base_url = "https://gateway.example:443/"
access_key = "key"
org_id = "o2"
[connections.windfarm-elsewhere]
vendor = "enos"
base_url = "https://other.example"
access_key = "key"
org_id = "o1"
[connections.plant-two]
vendor = "octoplant"
base_url = "https://LOCALHOST:64023/"
username = "versiondog"
[connections.plant-eve]
vendor = "octoplant"
base_url = "https://localhost:64023"
username = "eve"
"""


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("aps", "aps-two", True),
        ("aps", "aps-other", False),
        ("windfarm", "windfarm-two", True),
        ("windfarm", "windfarm-elsewhere", False),
        ("plant", "plant-two", True),
        ("plant", "plant-eve", False),
        ("plant", "orchestrator", False),
    ],
)
def test_who_is_counted_together(one: str, other: str, *, together: bool, clock: FakeClock) -> None:
    settings, quotas = five(MORE), Quotas(clock)
    first, second = (_quota(quotas, settings.connection(name)) for name in (one, other))
    assert (first is second) is together


async def test_the_smallest_limit_of_those_that_share_holds(clock: FakeClock) -> None:
    settings = five(MORE.replace('region = "us-west"', "max_requests_per_minute = 6"))
    quotas = Quotas(clock)
    gate = _quota(quotas, settings.connection("aps")).gate
    _quota(quotas, settings.connection("aps-two"))
    _quota(quotas, settings.connection("aps"))
    await gate.take()
    waiting = asyncio.create_task(gate.take())
    await clock.advance(9.9)
    assert not waiting.done()
    await clock.advance(0.2)
    assert waiting.done()


def _quota(quotas: Quotas, connection: Connection) -> Quota:
    return quotas.of(connection, vendors.load(connection.vendor))


def test_a_shorter_pause_does_not_end_a_longer_one(clock: FakeClock) -> None:
    quota = _quota(Quotas(clock), five().connection("aps"))
    told: list[str] = []
    quota.on_pause(lambda error: told.append(error.message))
    assert quota.seconds_paused < 0
    quota.pause(25, AskError(ProblemKind.RATE_LIMITED, "slow down"))
    quota.pause(3, AskError(ProblemKind.RATE_LIMITED, "again"))
    assert (quota.seconds_paused, told) == (25, ["slow down", "again"])


async def test_whoever_is_told_to_wait_has_all_of_the_account_wait(clock: FakeClock) -> None:
    """Not only the poller: a submit, a browse or a link that is asked for counts too."""
    answers = iter([429, 429, 200])
    made, _ = sessions(lambda _: httpx.Response(next(answers), headers={"Retry-After": "30"}), clock)
    session, quota = await made.of(CONNECTION), made.quota(CONNECTION)
    heard: list[AskError] = []
    quota.on_pause(heard.append)
    assert (await session.send("POST", "/jobs")).status == 429
    assert (quota.seconds_paused, [error.kind for error in heard]) == (30, [ProblemKind.RATE_LIMITED])
    clock.jump(40)
    await session.send("GET", "/jobs")
    assert quota.seconds_paused == 30
    await session.send("GET", "/jobs")
    assert len(heard) == 2
    await made.close()


def test_a_limit_follows_the_settings_and_leaves_with_its_connection(clock: FakeClock) -> None:
    settings, quotas = five(MORE), Quotas(clock)
    vendor = vendors.load("autodesk")
    slow = replace(settings.connection("aps"), max_requests_per_minute=12)
    quota = quotas.of(slow, vendor)
    assert quotas.of(settings.connection("aps-two"), vendor) is quota
    assert quota.gate.left == 2
    quotas.forget("aps")
    clock.jump(60)
    assert quota.gate.left == 10
    quotas.of(slow, vendor)
    assert quota.gate.left == 2
    quotas.of(replace(slow, max_requests_per_minute=60), vendor)
    clock.jump(60)
    assert quota.gate.left == 10
