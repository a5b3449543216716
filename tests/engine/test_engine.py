"""The engine put together, with a real vendor's code and a played server: tracking, asking by hand, reports, cancel."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.clock import FakeClock
from tests.engine.five import SECRETS, five
from tests.engine.octoplant_web import A, B, PlayedOctoplant
from tests.engine.waiting import until
from tests.engine.zips import make_zip
from tui.cli.glance import glance
from tui.engine.engine import Engine, Surroundings
from tui.engine.facts.jobs import Action, TrackWish
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.errors import AskError, CredentialsError, DownloadError, JobdeckError, UsageError
from tui.model import DownloadState, JobKey, JobState, ProblemKind, Verified
from tui.vendors.contract import Order

KEY = JobKey(f"plant:{A}")


@pytest.fixture
def plant() -> PlayedOctoplant:
    plant = PlayedOctoplant()
    plant.put(A)
    return plant


def engine_of(home: Path, plant: PlayedOctoplant, clock: FakeClock, **changes: object) -> Engine:
    around = Surroundings(clock, random.Random(1), SECRETS, GuardedKeyring(trouble="none here"), plant.transport)
    return Engine(five(), home / "board.sqlite", replace(around, **changes))  # type: ignore[arg-type]


@pytest.fixture
async def engine(tmp_path: Path, plant: PlayedOctoplant, clock: FakeClock) -> AsyncIterator[Engine]:
    engine = engine_of(tmp_path, plant, clock)
    await engine.open()
    yield engine
    await engine.close()


async def test_a_tracked_job_is_asked_once_and_stays(engine: Engine, tmp_path: Path, plant: PlayedOctoplant) -> None:
    job = await engine.asking.track(TrackWish(A, title="Export"))
    assert (job.key, job.title, job.state) == (KEY, "Export", JobState.RUNNING)
    assert plant.asked == ["POST /v1/oauth2/token", f"GET /v1/order/{A}"]
    again = engine_of(tmp_path, plant, FakeClock())
    await again.open()
    assert again.board.job(KEY) == job
    await again.close()


async def test_a_glance_does_not_mind_that_another_program_took_the_job_off(
    engine: Engine, plant: PlayedOctoplant
) -> None:
    await glance(engine, (KEY,))
    assert plant.asked == []


async def test_written_down_without_a_check_nobody_is_asked(engine: Engine, plant: PlayedOctoplant) -> None:
    job = await engine.asking.track(TrackWish(B, check=False))
    assert (job.state, plant.asked) == (JobState.UNKNOWN, [])


async def test_a_job_that_the_vendor_does_not_know_is_not_kept(engine: Engine) -> None:
    with pytest.raises(AskError) as caught:
        await engine.asking.track(TrackWish(B))
    assert caught.value.kind is ProblemKind.GONE
    assert not engine.board.jobs


async def test_a_refused_login_keeps_nothing(engine: Engine, plant: PlayedOctoplant) -> None:
    plant.instead = lambda request: httpx.Response(401, json={"error": "invalid_grant"})
    with pytest.raises(AskError) as caught:
        await engine.asking.track(TrackWish(A))
    assert caught.value.exit_code == 3
    assert not engine.board.jobs


async def test_a_missing_secret_keeps_nothing(tmp_path: Path, plant: PlayedOctoplant, clock: FakeClock) -> None:
    environ = {name: value for name, value in SECRETS.items() if name != "JOBDECK_SECRET_PLANT_PASSWORD"}
    engine = engine_of(tmp_path, plant, clock, environ=environ)
    with pytest.raises(CredentialsError, match="plant: the password is missing"):
        await engine.asking.track(TrackWish(A))
    assert not engine.board.jobs
    await engine.close()


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [(503, {}, 2.0), (503, {"Retry-After": "40"}, 40.0), (429, {"Retry-After": "9"}, 9.0)],
)
async def test_a_vendor_that_cannot_answer_now_keeps_the_job_with_its_problem(
    engine: Engine, plant: PlayedOctoplant, clock: FakeClock, status: int, headers: dict[str, str], wait: float
) -> None:
    plant.instead = lambda r: None if r.url.path.endswith("token") else httpx.Response(status, headers=headers)
    job = await engine.asking.track(TrackWish(A))
    assert job.problem is not None
    assert job.problem.retry_at is not None
    assert (job.problem.retry_at - clock.now()).total_seconds() == wait
    assert job.state is JobState.UNKNOWN
    with pytest.raises(AskError):
        await engine.asking.ask_now(KEY)
    plant.instead = lambda _: None
    assert (await engine.asking.ask_now(KEY)).problem is None


async def test_jobs_can_be_taken_off_and_put_back(engine: Engine) -> None:
    job = await engine.asking.track(TrackWish(A))
    assert await engine.board.remove([KEY, JobKey("plant:none")]) == (job,)
    with pytest.raises(UsageError, match="not on the board"):
        await engine.asks.refresh([KEY])
    await engine.board.add([job], "put back on the board")
    await engine.asks.refresh([KEY, JobKey("plant:none")])  # the other was taken off a moment ago
    assert engine.board.job(KEY) == job


async def test_what_the_vendor_took_is_taken_though_the_job_is_off_the_board_by_then(
    engine: Engine, plant: PlayedOctoplant
) -> None:
    await engine.asking.track(TrackWish(A))
    others: list[asyncio.Task[object]] = []

    def taken_off(request: httpx.Request) -> None:
        if request.url.path.endswith("cancel"):
            others.append(asyncio.create_task(engine.board.remove((KEY,))))

    plant.instead = taken_off
    await engine.job_desk.cancel(KEY)
    await asyncio.gather(*others)
    assert KEY not in engine.board.jobs


async def test_cancel_is_sent_once_and_its_fate_is_in_the_history(engine: Engine, plant: PlayedOctoplant) -> None:
    await engine.asking.track(TrackWish(A))
    await engine.job_desk.cancel(KEY)
    plant.instead = lambda r: httpx.Response(409, json={"code": 9}) if r.url.path.endswith("cancel") else None
    with pytest.raises(AskError):
        await engine.job_desk.cancel(KEY)
    assert plant.asked.count(f"POST /v1/order/{A}/cancel") == 2
    texts = [event.text for event in await engine.store.events(KEY) if event.kind == "cancel"]
    assert texts[:3] == ["sent to the vendor", "the vendor took it", "sent to the vendor"]
    assert texts[3].startswith("not taken: ")


async def test_a_read_only_run_changes_nothing_at_a_vendor(
    tmp_path: Path, plant: PlayedOctoplant, clock: FakeClock
) -> None:
    engine = engine_of(tmp_path, plant, clock, read_only=True)
    job = await engine.asking.track(TrackWish(A))
    assert engine.job_desk.why_not(Action.CANCEL, job) == "this is a read-only run; start jobdeck without --read-only"
    with pytest.raises(JobdeckError, match="read-only"):
        await engine.job_desk.cancel(KEY)
    assert not [one for one in plant.asked if one.endswith("/cancel")]
    engine.read_only = False
    assert engine.job_desk.why_not(Action.CANCEL, job) is None
    assert any(offer.form for offer in engine.vendor_desk.offers())
    await engine.job_desk.cancel(KEY)
    engine.read_only = True
    with pytest.raises(JobdeckError, match="read-only"):
        await engine.vendor_desk.submit("plant", Order("{}"))
    assert len([one for one in plant.asked if one.endswith("/cancel")]) == 1
    await engine.close()


async def test_the_status_is_asked_by_hand_with_this_command(engine: Engine, plant: PlayedOctoplant) -> None:
    await engine.asking.track(TrackWish(A))
    asked = len(plant.asked)
    assert (await engine.job_desk.status_command(KEY)).endswith(f"/v1/order/{A}")
    assert len(plant.asked) == asked


async def test_what_cannot_be_done_says_why(engine: Engine) -> None:
    job = await engine.asking.track(TrackWish(A))
    assert engine.job_desk.why_not(Action.DOWNLOAD, job) == "job still running; wait for its end"
    assert "keeps no report" in str(engine.job_desk.why_not(Action.REPORT, job))
    assert engine.job_desk.why_not(Action.UNTRACK, job) is None
    stray = replace(job, connection="elsewhere")
    assert (
        engine.job_desk.why_not(Action.REFRESH, stray)
        == "the connection elsewhere is not in config.toml; add it, or untrack the job"
    )
    with pytest.raises(JobdeckError, match="job still running"):
        await engine.job_desk.download(KEY)
    with pytest.raises(JobdeckError, match="keeps no report"):
        await engine.asking.report(KEY)


async def test_a_result_is_fetched_and_checked(engine: Engine, plant: PlayedOctoplant, tmp_path: Path) -> None:
    plant.put(A, "STATE_SUCCEEDED", done=True)
    plant.content = make_zip() + b"\n"
    await engine.asking.track(TrackWish(A))
    (queued,) = await engine.job_desk.download(KEY, folder=tmp_path / "got")
    (download,) = await engine.downloads.wait((queued.id,))
    assert (download.state, download.verified) == (DownloadState.DONE, Verified.ZIP)
    assert (tmp_path / "got" / f"{A}.zip").read_bytes() == plant.content
    with pytest.raises(DownloadError, match="no file named"):
        await engine.job_desk.download(KEY, ("other",))


async def test_a_damaged_result_is_not_kept(
    engine: Engine, plant: PlayedOctoplant, clock: FakeClock, tmp_path: Path
) -> None:
    plant.put(A, "STATE_SUCCEEDED", done=True)
    plant.content = make_zip() + b'{"code": 13, "message": "export broke off"}'
    await engine.asking.track(TrackWish(A))
    (queued,) = await engine.job_desk.download(KEY, folder=tmp_path / "got")
    while not engine.board.downloads[queued.id].state.is_over:
        await clock.advance(1)
    assert engine.board.downloads[queued.id].state is DownloadState.FAILED
    assert not list((tmp_path / "got").iterdir())


async def test_the_poller_follows_the_job_to_its_end(engine: Engine, plant: PlayedOctoplant, clock: FakeClock) -> None:
    await engine.asking.track(TrackWish(A))
    engine.start()
    for _ in range(5):
        await clock.advance(1)
    plant.put(A, "STATE_SUCCEEDED", done=True)
    while engine.board.job(KEY).state is JobState.RUNNING:
        await clock.advance(1)
    assert engine.board.job(KEY).state is JobState.SUCCEEDED


async def test_two_programs_see_each_others_jobs_within_two_seconds(
    engine: Engine, tmp_path: Path, plant: PlayedOctoplant, clock: FakeClock
) -> None:
    engine.start()
    command = engine_of(tmp_path, plant, clock)
    await command.open()
    await command.asking.track(TrackWish(A, title="from the command"))
    await clock.advance(1.0)
    await until(lambda: engine.board.jobs)
    assert engine.board.job(KEY).title == "from the command"
    await command.board.remove([KEY])
    await clock.advance(1.0)
    await until(lambda: not engine.board.jobs)
    await command.close()


async def test_closing_leaves_no_task_behind(tmp_path: Path, plant: PlayedOctoplant, clock: FakeClock) -> None:
    before = asyncio.all_tasks()
    engine = engine_of(tmp_path, plant, clock)
    await engine.open()
    await engine.asking.track(TrackWish(A))
    engine.start()
    await clock.advance(3)
    await engine.close()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
