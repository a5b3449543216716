"""Two programs on one state folder, and a disk that takes nothing: no change is lost, none comes back from the dead."""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.clock import START, FakeClock, settle
from tests.engine.inline import Inline, inline_store
from tui.engine.board import GONE_AFTER, Board, BoardChange
from tui.engine.next_ask import NextAsk
from tui.engine.storage.store import Store
from tui.errors import AskError, StateError
from tui.model import Download, DownloadState, Job, JobKey, JobState, ProblemKind, Reference, Safe, Sent, Snapshot

KEY = JobKey("plant:A")
JOB = Job("plant", "octoplant", Reference("A"), START)
RUNNING = Snapshot(JobState.RUNNING, "STATE_RUNNING")
DOWNLOAD = Download(1, KEY, Safe("a.zip"), Path("/x"), DownloadState.RUNNING)


def plan(_: Job) -> NextAsk:
    return NextAsk(START + timedelta(seconds=9), START + timedelta(seconds=20))


class SlowAnswers(Executor):
    """A disk that works at once, while its answers come when the test lets them."""

    def __init__(self) -> None:
        self.is_slow = False
        self._held: list[tuple[Future[Any], Future[Any]]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        done = Inline().submit(fn, *args, **kwargs)
        if not self.is_slow:
            return done
        told: Future[Any] = Future()
        self._held.append((told, done))
        return told

    async def answer(self) -> None:
        """Let all answers out that were held."""
        self.is_slow = False
        for told, done in self._held:
            told.set_result(done.result())
        await settle()


class Both:
    """Two programs on one file; the disk of `ours` can be slow."""

    def __init__(self, path: Path, clock: FakeClock) -> None:
        self.disk = SlowAnswers()
        self.stores = (Store(path, self.disk), inline_store(path))
        self.ours, self.theirs = (Board(store, clock) for store in self.stores)

    async def close(self) -> None:
        for store in self.stores:
            await store.close()


@pytest.fixture
async def both(tmp_path: Path, clock: FakeClock) -> Any:
    both = Both(tmp_path / "board.sqlite", clock)
    await both.ours.add((JOB,), "tracked")
    await both.theirs.look()
    yield both
    await both.close()


GONE = AskError(ProblemKind.GONE, "no such order")


async def _is_unknown(board: Board, times: int) -> Job:
    for _ in range(times):
        await board.failed(KEY, GONE, START)
    return board.job(KEY)


async def test_what_the_vendor_told_another_program_ends_a_row_of_unknowns(both: Both, clock: FakeClock) -> None:
    await _is_unknown(both.ours, GONE_AFTER - 1)
    clock.jump(1)
    await both.theirs.answered(KEY, RUNNING, plan)
    await both.ours.look()
    assert (await _is_unknown(both.ours, GONE_AFTER - 1)).state is JobState.RUNNING
    assert (await _is_unknown(both.ours, 1)).state is JobState.EXPIRED


async def test_nothing_is_left_of_a_job_that_another_program_took_off(both: Both) -> None:
    await _is_unknown(both.ours, GONE_AFTER - 1)
    await both.theirs.remove((KEY,))
    await both.ours.look()
    await both.theirs.add((JOB,), "tracked")
    await both.ours.look()
    assert not (await _is_unknown(both.ours, GONE_AFTER - 1)).is_given_up
    assert (await _is_unknown(both.ours, 1)).is_given_up


async def test_what_one_does_is_on_the_others_screen_after_a_look(both: Both) -> None:
    heard: list[BoardChange] = []
    both.ours.listen(heard.append)
    await both.theirs.answered(KEY, RUNNING, plan)
    await both.theirs.put_download(DOWNLOAD)
    assert both.ours.job(KEY).state is JobState.UNKNOWN
    await both.ours.look()
    assert both.ours.job(KEY) == both.theirs.job(KEY)
    assert both.ours.job(KEY).downloads == (DOWNLOAD,)
    await both.theirs.remove((KEY,))
    await both.ours.look()
    assert not both.ours.jobs
    assert heard == [BoardChange((heard[0].jobs[0],), (), (DOWNLOAD,)), BoardChange(gone=(KEY,))]
    await both.ours.look()
    assert len(heard) == 2


async def test_what_is_removed_while_the_disk_is_read_stays_removed(both: Both) -> None:
    await both.theirs.answered(KEY, RUNNING, plan)
    both.disk.is_slow = True
    looking = asyncio.create_task(both.ours.look())
    await settle()
    removing = asyncio.create_task(both.ours.remove((KEY,)))
    await settle()
    await both.disk.answer()
    await asyncio.gather(looking, removing)
    assert not both.ours.jobs
    await both.theirs.look()
    assert not both.theirs.jobs


async def test_an_answer_that_comes_while_the_disk_is_read_is_not_undone(both: Both) -> None:
    await both.theirs.add((replace(JOB, given_title=Safe("Mine")),), "renamed")
    both.disk.is_slow = True
    looking = asyncio.create_task(both.ours.look())
    await settle()
    answering = asyncio.create_task(both.ours.answered(KEY, RUNNING, plan))
    await settle()
    await both.disk.answer()
    await asyncio.gather(looking, answering)
    job = both.ours.job(KEY)
    assert (job.state, job.title) == (JobState.RUNNING, "Mine")


async def test_what_the_other_wrote_over_our_answer_gives_way_to_the_next_one_on_the_disk_too(both: Both) -> None:
    second = replace(JOB, ref=Reference("B"))
    await both.ours.add((second,), "tracked")
    await both.theirs.look()
    said = [(KEY, RUNNING), (second.key, RUNNING)]
    both.disk.is_slow = True
    answering = asyncio.create_task(both.ours.all_answered(said, plan))
    await settle()
    await both.theirs.all_answered([(KEY, Snapshot(JobState.WAITING, "pending"))], plan)
    looking = asyncio.create_task(both.ours.look())
    await settle()
    await both.disk.answer()
    await asyncio.gather(looking, answering)
    await both.ours.all_answered(said, plan)
    assert {job.key: job for job in (await both.stores[0].load()).jobs} == both.ours.jobs


async def test_a_download_that_ends_while_the_disk_is_read_stays_ended(both: Both) -> None:
    await both.ours.put_download(DOWNLOAD)
    await both.theirs.answered(KEY, RUNNING, plan)
    await both.ours.put_download(DOWNLOAD)
    both.disk.is_slow = True
    looking = asyncio.create_task(both.ours.look())
    await settle()
    done = replace(DOWNLOAD, state=DownloadState.DONE)
    putting = asyncio.create_task(both.ours.put_download(done))
    await settle()
    await both.disk.answer()
    await asyncio.gather(looking, putting)
    assert both.ours.job(KEY).downloads == (done,)


async def test_news_that_nobody_waits_for_any_more_are_taken_over_all_the_same(both: Both) -> None:
    """A cancel at a vendor looks first, and may be called back meanwhile: what was read is told only once."""
    await both.theirs.answered(KEY, RUNNING, plan)
    both.disk.is_slow = True
    looking = asyncio.create_task(both.ours.look())
    await settle()
    looking.cancel()
    await settle()
    await both.disk.answer()
    assert looking.cancelled()
    assert both.ours.job(KEY).state is JobState.RUNNING


async def test_what_comes_back_from_the_archive_is_seen_also_where_nobody_waits(both: Both) -> None:
    over = replace(RUNNING, state=JobState.SUCCEEDED)
    await both.ours.answered(KEY, over, plan)
    await both.ours.archive((KEY,))
    both.disk.is_slow = True
    back = asyncio.create_task(both.ours.bring_back((KEY,)))
    await settle()
    back.cancel()
    await settle()
    await both.disk.answer()
    assert back.cancelled()
    assert KEY in both.ours.jobs


async def test_an_ask_that_is_taken_over_is_so_here_too_where_nobody_waits(both: Both) -> None:
    until = START + timedelta(hours=2)
    both.disk.is_slow = True
    stepping = asyncio.create_task(both.ours.step_in({KEY: both.ours.job(KEY)}, until))
    await settle()
    stepping.cancel()
    await settle()
    await both.disk.answer()
    assert stepping.cancelled()
    assert both.ours.job(KEY).next_check_at == until


async def test_two_looks_at_once_undo_nothing(both: Both) -> None:
    await both.ours.put_download(DOWNLOAD)
    await both.theirs.answered(KEY, RUNNING, plan)
    await both.ours.put_download(DOWNLOAD)
    both.disk.is_slow = True
    looking = [asyncio.create_task(both.ours.look()) for _ in range(2)]
    await settle()
    done = replace(DOWNLOAD, state=DownloadState.DONE)
    putting = asyncio.create_task(both.ours.put_download(done))
    await settle()
    await both.disk.answer()
    await asyncio.gather(*looking, putting)
    assert both.ours.job(KEY).downloads == (done,)


async def test_untracked_there_and_answered_here_is_gone(both: Both) -> None:
    await both.theirs.remove((KEY,))
    await both.ours.answered(KEY, RUNNING, plan)
    await both.ours.look()
    assert not both.ours.jobs
    await both.theirs.look()
    assert not both.theirs.jobs


async def test_what_the_other_has_sent_is_not_lost_to_an_answer_and_settled_once(both: Both) -> None:
    sent = Sent("cancel", START)
    await both.theirs.mark_sent(KEY, sent, "sent", "cancel sent")
    await both.ours.answered(KEY, RUNNING, plan)  # has not looked yet
    await both.theirs.look()
    assert both.theirs.job(KEY).sent == sent
    await both.ours.look()
    await both.ours.answered(KEY, RUNNING, plan)
    await both.theirs.mark_sent(KEY, None, "taken", None, "cancel")
    await both.ours.look()
    assert both.ours.job(KEY).sent is both.theirs.job(KEY).sent is None


async def test_an_answer_of_the_run_before_does_not_undo_the_others_reset(both: Both) -> None:
    await both.theirs.reopened(KEY)
    await both.ours.answered(KEY, Snapshot(JobState.SUCCEEDED, "done"), plan)
    for board in (both.ours, both.theirs):
        await board.look()
        job = board.job(KEY)
        assert (job.begun_anew_at, job.state, job.next_check_at) == (START, JobState.UNKNOWN, None)


async def test_to_track_a_job_again_takes_nothing_back_that_the_other_did(both: Both) -> None:
    await both.theirs.answered(KEY, RUNNING, plan)
    await both.theirs.set_alert((KEY,), on=True)
    await both.ours.add((replace(JOB, given_title=Safe("Mine")),), "tracked")
    await both.theirs.look()
    for board in (both.ours, both.theirs):
        job = board.job(KEY)
        assert (job.title, job.alert, job.state) == ("Mine", True, JobState.RUNNING)


async def test_a_job_that_the_other_archived_is_tracked_again_and_no_more_archived(both: Both) -> None:
    await both.ours.answered(KEY, Snapshot(JobState.SUCCEEDED, "done"), plan)
    await both.theirs.look()
    await both.theirs.archive((KEY,))
    await both.ours.add((replace(JOB, given_title=Safe("Mine")),), "tracked")
    assert (await both.stores[1].archived(None, 9)).jobs == ()
    await both.theirs.look()
    assert (both.theirs.job(KEY).title, both.theirs.job(KEY).brought_back_at) == ("Mine", START)


async def test_a_disk_that_takes_nothing_leaves_the_board_as_it_was(tmp_path: Path, clock: FakeClock) -> None:
    store = inline_store(tmp_path / "board.sqlite")
    board = Board(store, clock)
    await board.add((JOB,), "tracked")
    heard: list[BoardChange] = []
    board.listen(heard.append)
    await store.close()
    other = replace(JOB, ref=Reference("B"))
    for change in (board.add((other,), "x"), board.remove((KEY,)), board.answered(KEY, RUNNING, plan)):
        with pytest.raises(StateError):
            await change
    with pytest.raises(StateError):
        await board.failed(KEY, AskError(ProblemKind.TLS, "x"), None)
    assert set(board.jobs) == {KEY}
    assert not heard


async def test_a_start_becomes_its_job_in_one_step_or_stays_as_it_was(tmp_path: Path, clock: FakeClock) -> None:
    store = inline_store(tmp_path / "board.sqlite")
    board = Board(store, clock)
    line, job = replace(JOB, ref=Reference("sent"), outcome_unknown=True), replace(JOB, given_title=Safe("Mine"))
    await board.add((line, JOB), "tracked")
    heard: list[BoardChange] = []
    board.listen(heard.append)
    sql = store._database._sql
    sql.set_authorizer(lambda what, *_: sqlite3.SQLITE_DENY if what == sqlite3.SQLITE_INSERT else 0)  # a fault
    with pytest.raises(StateError):
        await board.become(line.key, job, "found")
    assert (board.job(line.key), board.job(KEY), heard) == (line, JOB, [])
    sql.set_authorizer(None)
    await board.become(line.key, job, "found")
    assert heard == [BoardChange(jobs=(job,), gone=(line.key,))]
    assert [event.text for event in await store.events(KEY)] == ["tracked", "tracked", "found"]
    await store.close()
