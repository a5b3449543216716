"""The file behind the board: what goes in comes out, two programs on one file, and files that cannot be used."""

from __future__ import annotations

import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine import strategies
from tui.engine.border import inert
from tui.engine.storage.batch import Batch, News
from tui.engine.storage.database import Database
from tui.errors import ExitCode, StateError
from tui.model import (
    Download,
    DownloadState,
    Event,
    Job,
    JobKey,
    JobState,
    Output,
    Reference,
    ReportInfo,
    Safe,
    Snapshot,
)

NOW = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
KEY = JobKey("plant:A")
JOB = Job("plant", "octoplant", Reference("A"), NOW)
RUNNING = replace(JOB, snapshot=inert(Snapshot(JobState.RUNNING, "STATE_RUNNING")), checked_at=NOW)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "board.sqlite"


def test_jobs_and_downloads_come_out_as_they_went_in(path: Path) -> None:
    one = Database(path)

    @given(st.lists(strategies.jobs, unique_by=lambda job: job.key, max_size=3), strategies.downloads)
    def round_trip(jobs: list[Job], download: Download) -> None:
        one.write([Batch(added=tuple(jobs), downloads=(download,))])
        news = one.load()
        assert {job.key: job for job in jobs}.items() <= {job.key: job for job in news.jobs}.items()
        assert download in news.downloads

    round_trip()
    one.close()


def test_downloads_are_kept_beside_their_job_not_in_it(path: Path) -> None:
    database = Database(path)
    download = Download(1, KEY, Safe("out.zip"), Path("/x"), DownloadState.DONE)
    database.write([Batch(added=(replace(JOB, downloads=(download,)),), downloads=(download,))])
    assert database.load() == News(jobs=(JOB,), downloads=(download,))
    database.close()


def test_history_and_reports(path: Path) -> None:
    database = Database(path)
    events = tuple(Event(NOW, KEY, "state", Safe(f"{number}")) for number in range(3))
    database.write([Batch(events=events), Batch(report=(KEY, "first\n")), Batch(report=(KEY, "second\n"))])
    assert database.events(KEY) == events
    assert database.events(JobKey("plant:B")) == ()
    assert (database.report(KEY), database.report(JobKey("plant:B"))) == ("second\n", None)
    database.close()


def test_everything_is_readable_by_its_owner_alone(path: Path) -> None:
    database = Database(path)
    database.write([Batch(added=(JOB,))])
    modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {0o600}
    database.close()


def test_what_one_program_writes_the_other_hears_once(path: Path) -> None:
    one, other = Database(path), Database(path)
    other.load()
    one.write([Batch(added=(JOB,), downloads=(Download(1, KEY, Safe("x"), Path("/x"), DownloadState.QUEUED),))])
    news = other.news()
    assert (news.jobs, len(news.downloads)) == ((JOB,), 1)
    assert other.news() == News()
    other.write([Batch(removed=(KEY,))])
    assert one.news().removed == (KEY,)
    one.close()
    other.close()


def test_a_programs_own_changes_are_no_news_to_it(path: Path) -> None:
    one, other = Database(path), Database(path)
    one.load()
    one.write([Batch(added=(JOB,))])
    one.write([Batch(updated=(RUNNING,))])
    assert one.news() == News()
    other.write([Batch(added=(replace(JOB, ref=Reference("B")),))])
    assert [job.ref.id for job in one.news().jobs] == ["B"]
    one.close()
    other.close()


def test_news_that_could_not_be_read_are_read_at_the_next_look(path: Path) -> None:
    one, other = Database(path), Database(path)
    other.load()
    one.write([Batch(added=(JOB,))])
    other._sql.set_authorizer(lambda what, *_: sqlite3.SQLITE_DENY if what == sqlite3.SQLITE_READ else 0)  # a fault
    with pytest.raises(StateError):
        other.news()
    other._sql.set_authorizer(None)
    assert other.news().jobs == (JOB,)
    one.close()
    other.close()


def test_untracked_is_not_brought_back_by_an_update(path: Path) -> None:
    one, other = Database(path), Database(path)
    one.write([Batch(added=(JOB,))])
    other.write([Batch(removed=(KEY,))])
    one.write([Batch(updated=(RUNNING,))])
    assert other.load() == News()
    assert one.news() == News(removed=(KEY,))
    one.write([Batch(added=(RUNNING,))])
    assert other.news().jobs == (RUNNING,)
    one.close()
    other.close()


def test_what_was_taken_off_is_not_kept_on_the_disk(path: Path) -> None:
    database = Database(path)
    database.write([Batch(added=(replace(JOB, snapshot=inert(Snapshot(raw="confidential"))),))])
    database.write([Batch(removed=(KEY,))])
    database.write([Batch(updated=(RUNNING,))])
    database.close()
    with sqlite3.connect(path) as plain:
        assert plain.execute("SELECT body FROM jobs").fetchall() == [(b"",)]
    plain.close()


def test_an_answer_does_not_undo_what_a_user_said_in_the_other_program(path: Path) -> None:
    board, command = Database(path), Database(path)
    board.write([Batch(added=(JOB,))])
    command.load()
    report = ReportInfo(NOW, 5)
    told = replace(JOB, given_title=Safe("Mine"), ref=Reference("A", outputs=("b/k",)), report=report)
    command.write([Batch(added=(told,))])
    attached = replace(RUNNING, ref=Reference("A", outputs=("b/own",)))
    board.write([Batch(updated=(attached,))])  # has not looked yet
    (job,) = command.news().jobs
    assert (job.state, job.given_title, job.report) == (JobState.RUNNING, "Mine", report)
    assert job.ref.outputs == ("b/k", "b/own")
    assert board.news().jobs == (job,)
    board.close()
    command.close()


def test_several_batches_are_written_together_or_not_at_all(path: Path) -> None:
    one, other = Database(path), Database(path)
    other.load()
    broken = replace(JOB, ref=Reference("\ud800"))  # cannot be encoded
    with pytest.raises(UnicodeEncodeError):
        one.write([Batch(added=(JOB,)), Batch(added=(broken,))])
    assert other.news() == News()
    one.write([Batch(added=(JOB,))])
    assert other.news().jobs == (JOB,)
    one.close()
    other.close()


def test_many_programs_may_start_on_a_new_folder_at_once(path: Path) -> None:
    def start(number: int) -> None:
        database = Database(path)
        database.write([Batch(added=(replace(JOB, ref=Reference(f"{number}")),))])
        database.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(start, range(24)))
    database = Database(path)
    assert len(database.load().jobs) == 24
    database.close()


def load(path: Path) -> News:
    database = Database(path)
    try:
        return database.load()
    finally:
        database.close()


def refused(path: Path) -> StateError:
    with pytest.raises(StateError) as caught:
        load(path)
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.hint
    assert str(path) in caught.value.message
    return caught.value


def test_a_newer_schema_is_refused_and_left_alone(path: Path) -> None:
    Database(path).close()
    plain = sqlite3.connect(path)
    plain.execute("PRAGMA user_version = 99")
    plain.commit()
    assert "newer jobdeck" in refused(path).message
    assert plain.execute("PRAGMA user_version").fetchone() == (99,)
    plain.close()


def test_a_damaged_file_is_told(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\x00" + b"nonsense" * 600)
    assert "is damaged" in refused(path).message
    path.write_text("not even that")
    error = refused(path)
    assert "is damaged" in error.message
    assert "jobdeck mend" in error.hint


@pytest.mark.parametrize("column", ["jobs", "downloads"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"connection": 1}', b"\xff"])
def test_rows_that_cannot_be_read_are_told(path: Path, column: str, body: bytes) -> None:
    database = Database(path)
    download = Download(1, KEY, Safe("x"), Path("/x"), DownloadState.QUEUED)
    database.write([Batch(added=(JOB,), downloads=(download,))])
    database.close()
    with sqlite3.connect(path) as plain:
        plain.execute(f"UPDATE {column} SET body = ?", (body,))
    plain.close()
    assert "is damaged" in refused(path).message


def test_a_folder_that_cannot_be_written_is_told(read_only_folder: Path, tmp_path: Path) -> None:
    assert "permissions" in refused(read_only_folder / "board.sqlite").hint
    assert "permissions" in refused(tmp_path / "none" / "board.sqlite").hint
    assert "permissions" in refused(tmp_path).hint


def test_a_file_that_another_program_holds_is_told(path: Path) -> None:
    database = Database(path, patience=0.01)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StateError, match="held by another program"):
        database.write([Batch(added=(JOB,))])
    holder.execute("ROLLBACK")
    holder.close()
    database.write([Batch(added=(JOB,))])
    assert database.load().jobs == (JOB,)
    database.close()


def test_a_full_disk_is_told_and_what_was_written_stays(small_disk: Path) -> None:
    database = Database(small_disk / "board.sqlite")
    database.write([Batch(added=(JOB,))])
    large = replace(
        JOB, ref=Reference("B"), snapshot=inert(Snapshot(raw="x" * 90_000, outputs=(Output("x" * 90_000),)))
    )
    with pytest.raises(StateError) as caught:
        database.write([Batch(added=tuple(replace(large, ref=Reference(f"B{number}")) for number in range(20)))])
    assert "make room" in caught.value.hint
    assert JOB in database.load().jobs
    database.close()


def test_a_renamed_connection_takes_everything_along_in_one_step(tmp_path: Path) -> None:
    database, other = Database(tmp_path / "board.sqlite"), Database(tmp_path / "board.sqlite")
    job = Job("a", "octoplant", Reference("1"), NOW)
    alike = Job("ab", "octoplant", Reference("1"), NOW)
    untracked = Job("a", "octoplant", Reference("2"), NOW)
    event = Event(NOW, job.key, "tracked", Safe("x"))
    file = Download(7, job.key, Safe("x.zip"), tmp_path, DownloadState.DONE)
    database.write([Batch(added=(job, alike, untracked), events=(event,), downloads=(file,), report=(job.key, "r"))])
    database.write([Batch(removed=(untracked.key,))])
    database.marks(frozenset({"auto a state:succeeded", "auto ab True"}), NOW)
    other.load()
    news = database.rename("a", "b")
    moved = replace(job, connection="b")
    assert (news.jobs, news.removed) == ((moved,), (job.key,))
    assert other.news() == news
    assert news.downloads == (replace(file, job=moved.key),)
    assert (database.report(moved.key), database.report(job.key)) == ("r", None)
    assert database.events(moved.key) == (replace(event, job=moved.key),)
    assert database.marks(frozenset({"auto b state:succeeded", "auto ab True"}), NOW + timedelta(1)) == {
        "auto b state:succeeded": NOW,
        "auto ab True": NOW,
    }
    assert {one.key for one in database.load().jobs} == {moved.key, alike.key}
    database.close()
    other.close()
