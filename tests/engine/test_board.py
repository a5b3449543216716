"""The board never lies: what the vendor said and how our ask went are kept apart, and nothing shown is not on disk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.clock import START, FakeClock
from tests.engine.inline import inline_store
from tui.engine.board import GONE_AFTER, Board, BoardChange
from tui.engine.next_ask import NextAsk
from tui.engine.storage.database import Database
from tui.errors import AskError, UsageError
from tui.model import (
    Download,
    DownloadState,
    Job,
    JobKey,
    JobState,
    Output,
    ProblemKind,
    Reference,
    Safe,
    Snapshot,
)

KEY = JobKey("plant:A")
JOB = Job("plant", "octoplant", Reference("A"), START)
RUNNING = Snapshot(JobState.RUNNING, "STATE_RUNNING", raw="{}")
NEXT = NextAsk(START + timedelta(seconds=9), START + timedelta(seconds=20))


def plan(_: Job) -> NextAsk:
    return NEXT


def later(clock: FakeClock, seconds: float = 2.0) -> datetime:
    return clock.now() + timedelta(seconds=seconds)


@pytest.fixture
async def board(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Board]:
    store = inline_store(tmp_path / "board.sqlite")
    board = Board(store, clock)
    await board.add((JOB,), "tracked as A")
    yield board
    await store.close()


async def on_disk(tmp_path: Path, clock: FakeClock) -> Board:
    """The board as a program that starts now would see it."""
    store = inline_store(tmp_path / "board.sqlite")
    board = Board(store, clock)
    await board.load()
    await store.close()
    return board


async def events(tmp_path: Path) -> list[str]:
    store = inline_store(tmp_path / "board.sqlite")
    found = [f"{event.kind}: {event.text}" for event in await store.events(KEY)]
    await store.close()
    return found


async def test_a_good_answer_is_the_new_snapshot(board: Board, clock: FakeClock, tmp_path: Path) -> None:
    clock.jump(5)
    await board.answered(KEY, RUNNING, plan)
    job = board.job(KEY)
    assert job.snapshot == RUNNING
    assert (job.checked_at, job.changed_at, job.problem) == (clock.now(), clock.now(), None)
    assert (job.next_check_at, job.fresh_until) == (NEXT.at, NEXT.fresh_until)
    assert (await on_disk(tmp_path, clock)).jobs == board.jobs


async def test_answers_that_come_together_are_told_together(board: Board, clock: FakeClock, tmp_path: Path) -> None:
    others = [replace(JOB, ref=Reference(name)) for name in "BC"]
    await board.add(others, "tracked")
    told: list[BoardChange] = []
    board.listen(told.append)
    keys = (KEY, JobKey("plant:gone"), others[0].key)
    await board.all_answered([(key, RUNNING) for key in keys], plan)
    assert [{job.key for job in change.jobs} for change in told] == [{KEY, others[0].key}]
    assert (await on_disk(tmp_path, clock)).jobs == board.jobs


async def test_a_fault_over_one_answer_keeps_the_others(board: Board) -> None:
    other = replace(JOB, ref=Reference("B"))
    await board.add([other], "tracked")

    def plan_or_fail(job: Job) -> NextAsk:
        if job.key == KEY:
            raise ZeroDivisionError
        return NEXT

    with pytest.raises(ZeroDivisionError):
        await board.all_answered([(KEY, RUNNING), (other.key, RUNNING)], plan_or_fail)
    assert board.job(other.key).snapshot == RUNNING


async def test_only_a_change_of_state_or_word_counts_as_a_change(board: Board, clock: FakeClock) -> None:
    await board.answered(KEY, RUNNING, plan)
    changed = board.job(KEY).changed_at
    clock.jump(60)
    await board.answered(KEY, replace(RUNNING, progress=0.5), plan)
    assert (board.job(KEY).changed_at, board.job(KEY).checked_at) == (changed, clock.now())
    await board.answered(KEY, replace(RUNNING, vendor_status="STATE_ALMOST"), plan)
    assert board.job(KEY).changed_at == clock.now()


@pytest.mark.parametrize("kind", [kind for kind in ProblemKind if kind is not ProblemKind.GONE])
async def test_a_failed_ask_changes_nothing_of_what_the_vendor_said(
    board: Board, clock: FakeClock, kind: ProblemKind
) -> None:
    await board.answered(KEY, RUNNING, plan)
    before = board.job(KEY)
    clock.jump(30)
    for _ in range(9):
        await board.failed(KEY, AskError(kind, "no luck", hint="look there"), later(clock))
    job = board.job(KEY)
    assert replace(job, problem=None, next_check_at=before.next_check_at) == before
    assert job.problem is not None
    assert (job.problem.kind, job.problem.message) == (kind, "no luck; look there")
    assert (job.problem.retry_at, job.next_check_at) == (later(clock), later(clock))


async def test_a_problem_lasts_since_it_began_and_ends_with_an_answer(board: Board, clock: FakeClock) -> None:
    began = clock.now()
    await board.failed(KEY, AskError(ProblemKind.UNREACHABLE, "one"), later(clock))
    clock.jump(10)
    await board.failed(KEY, AskError(ProblemKind.UNREACHABLE, "two"), None)
    problem = board.job(KEY).problem
    assert problem is not None
    assert (problem.since, problem.message) == (began, "two")
    await board.failed(KEY, AskError(ProblemKind.TLS, "three"), None)
    problem = board.job(KEY).problem
    assert problem is not None
    assert problem.since == clock.now()
    await board.answered(KEY, RUNNING, plan)
    assert board.job(KEY).problem is None


async def test_nobody_promises_to_ask_again_for_a_job_that_is_over(board: Board, clock: FakeClock) -> None:
    await board.answered(KEY, Snapshot(JobState.SUCCEEDED, "done"), lambda _: NextAsk())
    await board.failed(KEY, AskError(ProblemKind.UNREACHABLE, "x"), later(clock))
    job = board.job(KEY)
    assert job.problem is not None
    assert (job.problem.retry_at, job.next_check_at, job.state) == (None, None, JobState.SUCCEEDED)


async def test_a_job_that_is_unknown_three_times_is_expired_with_its_last_snapshot(
    board: Board, clock: FakeClock
) -> None:
    last = replace(RUNNING, title="Export", outputs=(Output("a.zip"),))
    await board.answered(KEY, last, plan)
    for _ in range(GONE_AFTER - 1):
        await board.failed(KEY, AskError(ProblemKind.GONE, "unknown"), later(clock))
        assert board.job(KEY).state is JobState.RUNNING
    await board.failed(KEY, AskError(ProblemKind.GONE, "unknown"), later(clock))
    job = board.job(KEY)
    assert (job.state, job.problem, job.next_check_at) == (JobState.EXPIRED, None, None)
    assert replace(job.snapshot, state=JobState.RUNNING, notice=None) == last


async def test_a_job_that_was_never_seen_is_given_up_not_expired(board: Board, clock: FakeClock) -> None:
    for number in range(1, GONE_AFTER + 2):
        await board.failed(KEY, AskError(ProblemKind.GONE, "unknown", hint="look at region"), later(clock))
        job = board.job(KEY)
        assert (job.state, job.is_given_up) == (JobState.UNKNOWN, number >= GONE_AFTER)
    assert job.problem is not None
    assert (job.problem.kind, job.problem.message) == (ProblemKind.GONE, "unknown; look at region")
    assert (job.problem.retry_at, job.next_check_at) == (None, None)
    await board.answered(KEY, RUNNING, plan)
    assert (board.job(KEY).state, board.job(KEY).problem) == (JobState.RUNNING, None)


async def test_a_job_that_was_started_here_is_asked_for_until_it_is_known(board: Board, clock: FakeClock) -> None:
    started = replace(board.job(KEY), ref=Reference("new"), order_body="{}")
    await board.add((started,), "started from here")
    for _ in range(GONE_AFTER + 2):
        await board.failed(started.key, AskError(ProblemKind.GONE, "unknown"), later(clock))
    job = board.job(started.key)
    assert (job.state, job.is_given_up, job.next_check_at) == (JobState.UNKNOWN, False, later(clock))


async def test_only_three_in_a_row_count(board: Board, clock: FakeClock) -> None:
    for _ in range(4):
        await board.failed(KEY, AskError(ProblemKind.GONE, "unknown"), later(clock))
        await board.failed(KEY, AskError(ProblemKind.GONE, "unknown"), later(clock))
        await board.answered(KEY, RUNNING, plan)
    assert board.job(KEY).state is JobState.RUNNING


async def test_a_word_that_nobody_documents_keeps_the_state(board: Board) -> None:
    await board.answered(KEY, RUNNING, plan)
    await board.answered(KEY, Snapshot(JobState.UNKNOWN, "STATE_NEW"), plan)
    assert (board.job(KEY).state, board.job(KEY).snapshot.vendor_status) == (JobState.RUNNING, "STATE_NEW")


async def test_tracking_again_keeps_what_is_known_and_takes_what_is_said(board: Board, tmp_path: Path) -> None:
    await board.answered(KEY, RUNNING, plan)
    first = Reference("A", url="https://h/a", outputs=("b/1",), expires_at=START)
    await board.add((replace(JOB, ref=first, given_title=Safe("First")),), "again")
    await board.add((replace(JOB, ref=Reference("A", outputs=("b/2", "b/1"))),), "and again")
    job = board.job(KEY)
    assert (job.snapshot, job.given_title) == (RUNNING, "First")
    assert job.ref == Reference("A", "https://h/a", ("b/1", "b/2"), START)
    await board.add((replace(JOB, given_title=Safe("Second")),), "renamed")
    assert board.job(KEY).title == "Second"
    assert [line for line in await events(tmp_path) if line.startswith("tracked")] == [
        "tracked: tracked as A",
        "tracked: again",
        "tracked: and again",
        "tracked: renamed",
    ]


async def test_history_tells_what_happened_once(board: Board, clock: FakeClock, tmp_path: Path) -> None:
    await board.answered(KEY, RUNNING, plan)
    await board.answered(KEY, RUNNING, plan)
    for _ in range(3):
        await board.failed(KEY, AskError(ProblemKind.UNREACHABLE, "no answer in 20 s"), later(clock))
    await board.answered(KEY, Snapshot(JobState.SUCCEEDED, "STATE_SUCCEEDED"), plan)
    await board.note(KEY, "cancel", "sent to the vendor")
    await board.remove((KEY,))
    assert await events(tmp_path) == [
        "tracked: tracked as A",
        "state: running (STATE_RUNNING)",
        "problem: unreachable: no answer in 20 s",
        "state: succeeded (STATE_SUCCEEDED)",
        "answer: the vendor answers again",
        "cancel: sent to the vendor",
        "untracked: taken off the board",
    ]


async def test_what_was_taken_off_stays_off_and_can_be_put_back(board: Board, clock: FakeClock, tmp_path: Path) -> None:
    await board.answered(KEY, RUNNING, plan)
    (job,) = await board.remove((KEY, JobKey("plant:none")))
    await board.answered(KEY, RUNNING, plan)  # an answer that was on its way
    await board.failed(KEY, AskError(ProblemKind.TLS, "x"), None)
    await board.keep_report(KEY, "late")
    assert not board.jobs
    assert not (await on_disk(tmp_path, clock)).jobs
    with pytest.raises(UsageError, match="plant:A is not on the board"):
        board.job(KEY)
    await board.add((job,), "put back")
    assert board.job(KEY) == job
    assert (await on_disk(tmp_path, clock)).jobs == {KEY: job}


async def test_a_report_is_kept_harmless(board: Board, tmp_path: Path) -> None:
    assert await board.keep_report(KEY, "line\n\x1b[2J ü") == "line\n␛[2J ü"
    info = board.job(KEY).report
    assert info is not None
    assert info.size == len("line\n␛[2J ü".encode())
    store = inline_store(tmp_path / "board.sqlite")
    assert await store.report(KEY) == "line\n␛[2J ü"
    await store.close()


async def test_downloads_hang_on_their_job(board: Board, clock: FakeClock, tmp_path: Path) -> None:
    heard: list[BoardChange] = []
    board.listen(heard.append)
    download = Download(1, KEY, Safe("a.zip"), Path("/x"), DownloadState.RUNNING, bytes=1)
    await board.put_download(download, "a.zip: started")
    board.show_progress(replace(download, bytes=5))
    assert [change.downloads[0].bytes for change in heard] == [1, 5]
    assert heard[-1].jobs[0].downloads == (replace(download, bytes=5),)
    assert (await on_disk(tmp_path, clock)).downloads == {1: download}  # the disk is told less often
    assert (await on_disk(tmp_path, clock)).job(KEY).downloads == (download,)


async def test_whoever_listens_hears_of_what_is_on_the_disk_already(board: Board, tmp_path: Path) -> None:
    states: list[JobState] = []

    def hear(change: BoardChange) -> None:
        database = Database(tmp_path / "board.sqlite")
        states.extend(job.state for job in database.load().jobs)
        database.close()

    board.listen(hear)
    await board.answered(KEY, RUNNING, plan)
    await board.remove((KEY,))
    assert states == [JobState.RUNNING]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60, deadline=None
)
@given(
    st.lists(
        st.one_of(
            st.sampled_from([kind for kind in ProblemKind if kind is not ProblemKind.GONE]), st.sampled_from(JobState)
        ),
        max_size=12,
    )
)
async def test_the_state_is_always_the_last_word_of_the_vendor(
    tmp_path_factory: pytest.TempPathFactory, happened: list[ProblemKind | JobState]
) -> None:
    store, clock = inline_store(tmp_path_factory.mktemp("board") / "board.sqlite"), FakeClock()
    board = Board(store, clock)
    await board.add((JOB,), "")
    last = JobState.UNKNOWN
    for one in happened:
        clock.jump(1)
        if isinstance(one, JobState):
            last = last if one is JobState.UNKNOWN else one
            await board.answered(KEY, Snapshot(one, str(one)), plan)
            assert board.job(KEY).problem is None
        else:
            await board.failed(KEY, AskError(one, "x"), later(clock))
            problem = board.job(KEY).problem
            assert problem is not None
            assert problem.kind is one
        assert board.job(KEY).state is last
    await store.close()


async def test_what_was_fetched_of_the_run_before_is_not_of_this_one(
    board: Board, clock: FakeClock, tmp_path: Path
) -> None:
    def fetched(at: datetime) -> Download:
        return Download(int(at.timestamp() * 1_000_000), KEY, Safe("out.zip"), tmp_path, DownloadState.DONE)

    await board.put_download(fetched(clock.now()))
    clock.jump(10)
    await board.reopened(KEY)
    assert board.job(KEY).downloads == ()
    clock.jump(10)
    new = fetched(clock.now())
    await board.put_download(new)
    assert board.job(KEY).downloads == (await on_disk(tmp_path, clock)).job(KEY).downloads == (new,)
    assert len(board.downloads) == 2
