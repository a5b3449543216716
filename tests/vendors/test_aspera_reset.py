"""Aspera: a job that is over begins anew, told by a GET that is sent once (dossier sections 4 to 6, trap 1)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.clock import START, FakeClock
from tests.vendors.fakes import FakeSession, secrets_of
from tests.vendors.live import engine_at, until
from tui.emulators.server import EmulatedVendors
from tui.emulators.spoiling import Spoil
from tui.engine.abilities import why_not
from tui.engine.border import inert
from tui.engine.engine import Engine, Surroundings
from tui.engine.facts.jobs import Action, TrackWish
from tui.errors import AskError, JobdeckError
from tui.model import Connection, Job, JobState, Output, OutputKind, ProblemKind, Reference, Snapshot
from tui.vendors.aspera import VENDOR
from tui.vendors.contract import Resets
from tui.vendors.octoplant import VENDOR as OCTOPLANT

BASE = "https://orchestrator.example/aspera/orchestrator"
TAKEN = httpx.Response(200, json={"work_order": {"id": 7100, "status": "Inactive"}})

Answer = httpx.Response | Exception


def order(status: str) -> httpx.Response:
    return httpx.Response(200, json={"work_order": {"id": 7100, "status": status}})


def step(status: str, number: int | None = 51201) -> httpx.Response:
    return httpx.Response(200, json={"work_step": {"id": number, "status": status}, "outputs": []})


def session_of(answers: Mapping[str, Answer], **options: str) -> FakeSession:
    def handler(request: httpx.Request) -> httpx.Response:
        path = request.url.path.rpartition("/api/")[2]
        if path == "login":
            return httpx.Response(200, json={"token": "T"})
        answer = answers[path]
        if isinstance(answer, Exception):
            raise answer
        return answer

    connection = Connection("orc", "aspera", BASE, {"username": "ops", "auth": "basic", **options})
    return FakeSession(VENDOR, connection, secrets_of("orc", password="p"), handler)


def calls(session: FakeSession) -> list[str]:
    return [f"{one.method} {one.url.raw_path.decode().rpartition('/api/')[2]}" for one in session.sent]


@pytest.mark.parametrize("status", ["Failed", "Error", "Canceled", "Complete"])
async def test_a_work_order_that_is_over_is_reset_once_after_a_look(status: str) -> None:
    assert isinstance(VENDOR, Resets)
    session = session_of({"work_order_status/7100": order(status), "work_order_reset/7100": TAKEN})
    await VENDOR.reset(session, Reference("7100"))
    assert calls(session) == ["GET work_order_status/7100?format=json", "GET work_order_reset/7100?format=json"]


@pytest.mark.parametrize(
    "answer",
    [
        TAKEN,
        httpx.Response(
            200,
            text="<WorkStep_Reset><workstep_reset>true</workstep_reset><work_steps><id>1</id></work_steps>"
            "<work_steps><id>2</id><prerequisites/></work_steps></WorkStep_Reset>",
        ),
    ],
)
@pytest.mark.parametrize(("ref", "look"), [("7100/approve", "work_order"), ("step:51201", "51201")])
async def test_a_step_is_reset_by_the_call_without_an_underscore(ref: str, look: str, answer: httpx.Response) -> None:
    session = session_of({f"work_step_status/{look}": step("Failed"), "workstep_reset/51201": answer})
    await VENDOR.reset(session, Reference(ref))
    assert [call.partition("?")[0] for call in calls(session)] == [
        f"GET work_step_status/{look}",
        "GET workstep_reset/51201",
    ]


@pytest.mark.parametrize("status", ["In Progress", "Inactive", "Paused", "Canceling", "Rolling Back", ""])
async def test_what_is_not_over_is_left_alone(status: str) -> None:
    session = session_of({"work_order_status/7100": order(status)})
    with pytest.raises(AskError, match="not over") as caught:
        await VENDOR.reset(session, Reference("7100"))
    assert "cancel it first" in caught.value.hint


async def test_a_step_without_an_id_cannot_be_reset() -> None:
    session = session_of({"work_step_status/work_order": step("Failed", None)})
    with pytest.raises(AskError, match="no id"):
        await VENDOR.reset(session, Reference("7100/approve"))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.ReadTimeout("late"), ProblemKind.UNREACHABLE),
        (httpx.Response(500, text="boom\n  at app.rb"), ProblemKind.UNREACHABLE),
        (httpx.Response(401), ProblemKind.AUTH),
        (httpx.Response(403), ProblemKind.FORBIDDEN),
        (httpx.Response(200, html="<html>login</html>"), ProblemKind.UNREACHABLE),
        (httpx.Response(200, text="<work_order"), ProblemKind.UNREACHABLE),
        (httpx.Response(200), ProblemKind.UNREACHABLE),
        (httpx.Response(200, json={"odd": 1}), ProblemKind.UNREACHABLE),
        (httpx.Response(200, json={"error": "not allowed"}), ProblemKind.BAD_REPLY),
        (
            httpx.Response(200, text="<WorkStep_Reset><workstep_reset>false</workstep_reset></WorkStep_Reset>"),
            ProblemKind.BAD_REPLY,
        ),
    ],
)
@pytest.mark.parametrize("auth", ["basic", "token"])
async def test_trap_1_a_reset_is_never_sent_twice(answer: Answer, kind: ProblemKind, auth: str) -> None:
    session = session_of({"work_order_status/7100": order("Failed"), "work_order_reset/7100": answer}, auth=auth)
    with pytest.raises(AskError) as caught:
        await VENDOR.reset(session, Reference("7100"))
    assert (caught.value.kind, caught.value.not_sent) == (kind, False)
    assert sum("work_order_reset" in call for call in calls(session)) == 1


async def test_a_look_that_fails_has_reset_nothing() -> None:
    session = session_of({"work_order_status/7100": httpx.ReadTimeout("late")})
    with pytest.raises(AskError) as caught:
        await VENDOR.reset(session, Reference("7100"))
    assert (caught.value.kind, caught.value.not_sent) == (ProblemKind.UNREACHABLE, True)


async def test_trap_1_a_step_reset_is_not_replayed_after_a_refused_token() -> None:
    answers = {"work_step_status/51201": step("Failed"), "workstep_reset/51201": httpx.Response(401)}
    for style in ("arg", "ext"):
        found = {f"{call}{'.json' if style == 'ext' else ''}": answer for call, answer in answers.items()}
        session = session_of(found, auth="token", format=style)
        with pytest.raises(AskError):
            await VENDOR.reset(session, Reference("step:51201"))
        assert sum("workstep_reset" in call for call in calls(session)) == 1


# With the engine and the emulated server


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def world(clock: FakeClock) -> AsyncIterator[EmulatedVendors]:
    async with EmulatedVendors(clock=clock) as running:
        yield running


@pytest.mark.parametrize("ways", [frozenset({"arg"}), frozenset()], ids=["json", "xml"])
async def test_a_failed_order_runs_again(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path, ways: frozenset[str]
) -> None:
    world.aspera.options.json_ways = ways
    clock.jump(60)
    async with engine_at(world, "aspera", clock, tmp_path) as engine:
        job = await engine.asking.track(TrackWish(world.describe()["aspera"].cast["failing"]))
        assert (job.state, engine.job_desk.why_not(Action.RESET, job)) == (JobState.FAILED, None)
        await engine.job_desk.reset(job.key)
        reopened = engine.board.job(job.key)
        assert (reopened.state, reopened.title, reopened.next_check_at) == (JobState.UNKNOWN, job.title, None)
        assert (await engine.asking.ask_now(job.key)).state is JobState.WAITING
        clock.jump(5)
        assert (await engine.asking.ask_now(job.key)).state is JobState.RUNNING
        with pytest.raises(JobdeckError, match="not over"):
            await engine.job_desk.reset(job.key)
        told = [event.text for event in await engine.store.events(job.key) if event.kind == "reset"]
        assert told == ["sent to the vendor", "the vendor took it"]


async def test_a_lost_reply_leaves_the_outcome_unknown_and_the_job_is_looked_at(
    world: EmulatedVendors, clock: FakeClock, tmp_path: Path
) -> None:
    clock.jump(60)
    async with engine_at(world, "aspera", clock, tmp_path) as engine:
        job = await engine.asking.track(TrackWish(world.describe()["aspera"].cast["failing"]))
        world.aspera.spoiling.turn(Spoil.TRUNCATED, "work_order_reset", times=1)
        engine.start()
        with pytest.raises(AskError) as caught:
            await engine.job_desk.reset(job.key)
        assert caught.value.kind is ProblemKind.UNREACHABLE
        await until(lambda: not engine.board.job(job.key).state.is_over, clock)
        told = [event.text for event in await engine.store.events(job.key) if event.kind == "reset"]
        assert told[0] == "sent to the vendor"
        assert told[1].startswith("outcome unknown: ")
        assert len(told) == 2


async def test_a_read_only_run_resets_nothing(world: EmulatedVendors, clock: FakeClock, tmp_path: Path) -> None:
    clock.jump(60)
    async with engine_at(world, "aspera", clock, tmp_path) as engine:
        job = await engine.asking.track(TrackWish(world.describe()["aspera"].cast["failing"]))
    around = Surroundings(clock=clock, read_only=True)
    read_only = Engine(engine.config, tmp_path / "board.sqlite", around)
    await read_only.open()
    assert read_only.job_desk.why_not(Action.RESET, job) == "this is a read-only run; start jobdeck without --read-only"
    with pytest.raises(JobdeckError, match="read-only"):
        await read_only.job_desk.reset(job.key)
    await read_only.close()
    attempts = {order.run.attempt for order in world.aspera.orders}
    assert attempts == {1}


def test_a_link_is_no_download_and_the_reason_names_the_way() -> None:
    link = Output("package", OutputKind.LINK, value="fasp://h/***")
    job = Job("orc", "aspera", Reference("1"), START, snapshot=inert(Snapshot(JobState.SUCCEEDED, outputs=(link,))))
    said = why_not(Action.DOWNLOAD, job, VENDOR, read_only=False)
    assert said is not None
    assert "its links are for another program" in said


def test_which_jobs_can_be_reset() -> None:
    over = Job("orc", "aspera", Reference("1"), START, snapshot=inert(Snapshot(JobState.FAILED, "Error")))
    expired = replace(over, snapshot=inert(Snapshot(JobState.EXPIRED)))
    assert why_not(Action.RESET, over, VENDOR, read_only=False) is None
    assert (
        why_not(Action.RESET, expired, VENDOR, read_only=False)
        == "the vendor does not know the job any more; start a new one"
    )
    assert (
        why_not(Action.RESET, over, OCTOPLANT, read_only=False) == "octoplant knows no reset; start a new job instead"
    )
    assert (
        why_not(Action.RESET, over, None, read_only=False)
        == "the connection orc is not in config.toml; add it, or untrack the job"
    )
