"""Autodesk's client against the emulated Autodesk over loopback, with every switch of the emulator in turn."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from tests.clock import FakeClock
from tui.emulators import faults
from tui.emulators.faults import Fault
from tui.emulators.server import EmulatedVendors
from tui.engine.wire.live_session import LiveSession
from tui.engine.wire.quota import Quota
from tui.engine.wire.reach import Reach
from tui.errors import AskError
from tui.model import Connection, JobState, Output, ProblemKind, Reference, Secret, Snapshot
from tui.vendors.autodesk import VENDOR
from tui.vendors.contract import Order, Secrets

ORDER = {
    "activityId": "acme.ExportFbx+prod",
    "arguments": {
        "Out": {"verb": "put", "url": "urn:adsk.objects:os.object:acme-results/mine/out.zip"},
        "adskDebug": {"uploadJobFolder": True},
    },
}
STATES = {
    "quick": JobState.SUCCEEDED,
    "failing": JobState.FAILED,
    "optional": JobState.SUCCEEDED,
    "missing": JobState.FAILED,
    "cancelled": JobState.CANCELLED,
    "waiting": JobState.WAITING,
    "slow": JobState.RUNNING,
}
"""Where the cast stands after a minute."""


class _NoWait(FakeClock):
    """For the gate alone: who would wait goes on at once."""

    async def sleep(self, seconds: float) -> None:
        self.jump(seconds)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def world(clock: FakeClock) -> AsyncIterator[EmulatedVendors]:
    async with EmulatedVendors(clock=clock) as running:
        running.autodesk.gateway.automation_quota.limit = 10_000
        yield running


@pytest.fixture
async def session(world: EmulatedVendors, clock: FakeClock) -> AsyncIterator[LiveSession]:
    site = world.describe()["autodesk"]
    options = {name: str(value) for name, value in site.connection.items()}
    connection = Connection("aps", "autodesk", site.base_url, options)
    login = VENDOR.login(connection, Secrets("aps", {name: Secret(it) for name, it in site.secrets.items()}), clock)
    client = httpx.AsyncClient(auth=login, trust_env=False, timeout=60)
    bare = httpx.AsyncClient(trust_env=False, timeout=60)
    reach = Reach(connection)
    live = LiveSession(connection, clock, Quota(_NoWait(), 6000), client=client, files=client, bare=bare, reach=reach)
    yield live
    await live.close()


def ref(world: EmulatedVendors, role: str) -> Reference:
    site = world.describe()["autodesk"]
    output = site.outputs[list(site.cast).index(role)]
    return Reference(site.cast[role].rpartition("/")[2], outputs=(output,))


async def answers(session: LiveSession, refs: list[Reference]) -> list[Snapshot | AskError]:
    """Each job asked alone, then all of them in one request."""
    found: list[Snapshot | AskError] = []
    for one in refs:
        try:
            found.append(await VENDOR.ask(session, one))
        except AskError as error:
            found.append(error)
    try:
        many = await VENDOR.ask_many(session, refs)
    except AskError as error:
        return [*found, *[error] * len(refs)]
    return [*found, *(many[one.id] for one in refs)]


WORKITEMS = "/workitems"
FAULTS = [
    (faults.die(WORKITEMS), ProblemKind.UNREACHABLE),
    (faults.html(WORKITEMS), ProblemKind.BAD_REPLY),
    (faults.html("/token"), ProblemKind.BAD_REPLY),
    (faults.status(503, WORKITEMS), ProblemKind.UNREACHABLE),
    (faults.status(502, WORKITEMS, text="<html>Bad gateway</html>"), ProblemKind.UNREACHABLE),
    (faults.status(500, "/token"), ProblemKind.UNREACHABLE),
    (faults.status(429, WORKITEMS, retry_after="25"), ProblemKind.RATE_LIMITED),
    (faults.status(401, WORKITEMS), ProblemKind.AUTH),
    (faults.status(403, WORKITEMS, text='"User=a cannot access a resource owned by Owner=b."'), ProblemKind.FORBIDDEN),
    (faults.cut(9, WORKITEMS), ProblemKind.UNREACHABLE),
]


@pytest.mark.parametrize(("fault", "kind"), FAULTS, ids=lambda it: it.kind.name if isinstance(it, Fault) else str(it))
async def test_no_fault_gives_a_wrong_state(
    world: EmulatedVendors, session: LiveSession, clock: FakeClock, fault: Fault, kind: ProblemKind
) -> None:
    clock.jump(60)
    refs = [ref(world, role) for role in STATES]
    world.autodesk.faults.add(fault)
    found = await answers(session, refs)
    assert {told.kind if isinstance(told, AskError) else told.state for told in found} == {kind}
    assert all(told.hint for told in found if isinstance(told, AskError))
    world.autodesk.faults.clear()
    found = await answers(session, refs)
    assert [told.state for told in found if isinstance(told, Snapshot)] == [*STATES.values()] * 2


async def test_a_revoked_token_is_renewed_without_a_word(
    world: EmulatedVendors, session: LiveSession, clock: FakeClock
) -> None:
    clock.jump(60)
    for _ in range(3):
        world.autodesk.revoke_tokens()
        assert (await VENDOR.ask(session, ref(world, "slow"))).state is JobState.RUNNING
    assert world.autodesk.gateway.tokens.issued == 3


async def test_a_lagging_batch_never_leads_back(world: EmulatedVendors, session: LiveSession, clock: FakeClock) -> None:
    world.autodesk.options.lag = 4.0
    watched = [ref(world, "quick"), await VENDOR.submit(session, Order(json.dumps(ORDER)))]
    known = {one.id: Snapshot() for one in watched}
    for _ in range(40):
        clock.jump(0.5)
        for one, told in [(one, await VENDOR.ask(session, one)) for one in watched]:
            assert not VENDOR.is_behind(known[one.id], told)
            known[one.id] = told
        for name, late in (await VENDOR.ask_many(session, watched)).items():
            assert isinstance(late, Snapshot)
            assert late.state is known[name].state or VENDOR.is_behind(known[name], late)
    assert [told.state for told in known.values()] == [JobState.SUCCEEDED] * 2


async def test_trap_10_after_three_days_all_are_gone_and_none_is_failed(
    world: EmulatedVendors, session: LiveSession, clock: FakeClock
) -> None:
    clock.jump(4 * 86_400)
    found = await answers(session, [ref(world, "done"), ref(world, "failing")])
    assert [told.kind for told in found if isinstance(told, AskError)] == [ProblemKind.GONE] * 4


async def test_an_unknown_word_is_an_end_and_missing_figures_are_no_matter(
    world: EmulatedVendors, session: LiveSession, clock: FakeClock
) -> None:
    world.autodesk.options.status_word = "failedSomethingNew"
    world.autodesk.options.without_stats = True
    told = await VENDOR.ask(session, ref(world, "done"))
    assert (told.state, told.vendor_status) == (JobState.FAILED, "failedSomethingNew")
    assert [stage.name for stage in told.stages] == ["queued"]


async def test_a_submitted_workitem_is_followed_to_its_files(
    world: EmulatedVendors, session: LiveSession, clock: FakeClock
) -> None:
    made = await VENDOR.submit(session, Order(json.dumps(ORDER)))
    assert made.outputs == ("acme-results/mine/out.zip",)
    assert (await VENDOR.ask(session, made)).state is JobState.WAITING
    clock.jump(20)
    told = await VENDOR.ask(session, made)
    assert [output.name for output in told.outputs] == ["out.zip", "debug.zip"]
    for output in told.outputs:
        (link,) = await VENDOR.resolve(session, made, output)
        data = (await session.fetch(link.url)).body
        assert data.startswith(b"PK\x03\x04")
        assert link.sha1 in (None, hashlib.sha1(data).hexdigest())
    clock.jump(3600)
    with pytest.raises(AskError, match="signs it once") as caught:
        await VENDOR.resolve(session, made, Output("debug.zip"))
    assert caught.value.kind is ProblemKind.GONE


async def test_a_swapped_object_is_told_by_its_checksum(
    world: EmulatedVendors, session: LiveSession, clock: FakeClock
) -> None:
    clock.jump(60)
    quick = ref(world, "quick")
    (output,) = (await VENDOR.ask(session, quick)).outputs
    (before,) = await VENDOR.resolve(session, quick, output)
    world.autodesk.swap(quick.id)
    (after,) = await VENDOR.resolve(session, quick, output)
    assert before.sha1 != after.sha1
    assert before.size != after.size


async def test_dead_links_and_a_conflict_are_told(world: EmulatedVendors, session: LiveSession) -> None:
    world.autodesk.options.dead_links = world.autodesk.options.cancel_conflicts = True
    with pytest.raises(AskError, match="Request has expired") as report:
        await VENDOR.report(session, ref(world, "done"))
    assert report.value.kind is ProblemKind.GONE
    with pytest.raises(AskError, match=r"cannot be cancelled now\.") as cancel:
        await VENDOR.cancel(session, ref(world, "slow"))
    assert cancel.value.kind is ProblemKind.BAD_REPLY


async def test_what_ran_lately_is_found_over_pages(
    world: EmulatedVendors, session: LiveSession, clock: FakeClock
) -> None:
    for number in range(30):
        world.autodesk.newcomer(number, 0.0)
    found = await VENDOR.discover(session, clock.now() - timedelta(days=30))
    times = [one.at for one in found if one.at]
    assert {one.reference.id for one in found} == {job.id for job in world.autodesk.items}
    assert times == sorted(times, reverse=True)


async def test_a_bucket_is_looked_through_over_pages(
    world: EmulatedVendors, session: LiveSession, clock: FakeClock
) -> None:
    for number in range(150):
        world.autodesk.newcomer(number, 0.0)
    clock.jump(200)
    seen: list[str] = []
    more: str | None = None
    while more or not seen:
        shelf = await VENDOR.browse(session, "acme-results/exports/", more)
        seen += [output.name for output in shelf.outputs]
        more = shelf.more
    assert len(seen) == len(set(seen)) > 100
    assert all(VENDOR.read_outputs(name) == (name,) for name in seen)
    with pytest.raises(AskError, match="no bucket nobody"):
        await VENDOR.browse(session, "nobody")


async def test_a_long_wait_is_explained(world: EmulatedVendors, session: LiveSession) -> None:
    world.autodesk.catalogue.health = "Degraded"
    told = await VENDOR.explain_wait(session, await VENDOR.ask(session, ref(world, "waiting")))
    assert told is not None
    assert "last 5 minutes" in told
    assert told.endswith("calls the engine Degraded")
