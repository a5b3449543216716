"""A damaged board is put aside and never thrown away; what can be read of it is on the new one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.clock import START
from tui.engine.border import inert
from tui.engine.storage.batch import Batch
from tui.engine.storage.database import Database
from tui.engine.storage.mending import mend
from tui.engine.storage.rounds import Round
from tui.errors import DamagedError, StateError
from tui.model import (
    Download,
    DownloadState,
    Event,
    Job,
    JobKey,
    JobState,
    Reference,
    Safe,
    Snapshot,
    UsualStage,
)
from tui.usual import Kind, Run

JOB = Job("plant", "octoplant", Reference("A"), START)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "board.sqlite"


def fill(path: Path, count: int) -> None:
    database = Database(path)
    jobs = tuple(
        replace(JOB, ref=Reference(f"{number}"), snapshot=inert(Snapshot(JobState.SUCCEEDED, raw="x" * 3000)))
        for number in range(count)
    )
    files = tuple(
        Download(number, job.key, Safe("x"), Path("/x"), DownloadState.DONE) for number, job in enumerate(jobs, 1)
    )
    database.write([Batch(added=jobs, downloads=files)])
    database.close()


def keys(path: Path) -> int:
    database = Database(path)
    try:
        return len(database.load().jobs)
    finally:
        database.close()


def test_a_good_board_is_left_alone(path: Path) -> None:
    fill(path, 3)
    assert mend(path, START) is None
    assert mend(path.with_name("none-yet.sqlite"), START) is None
    assert keys(path) == 3


def test_what_is_no_board_at_all_is_kept_aside(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\x00" + b"nonsense" * 600)
    before = path.read_bytes()
    mended = mend(path, START)
    assert mended is not None
    assert mended.aside.name == "board.sqlite.damaged-20260302T081500Z"
    assert mended.aside.read_bytes() == before
    assert (mended.jobs, keys(path)) == (0, 0)


def test_a_broken_page_costs_its_own_rows_alone(path: Path) -> None:
    fill(path, 200)
    damaged = bytearray(path.read_bytes())
    middle = len(damaged) // 2 // 4096 * 4096
    damaged[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(damaged)
    with pytest.raises(DamagedError, match="damaged"):
        keys(path)
    mended = mend(path, START)
    assert mended is not None
    assert 150 < mended.jobs == keys(path) < 200
    assert mended.downloads > 150
    assert mend(path, START) is None


def test_a_row_that_cannot_be_read_costs_itself(path: Path) -> None:
    fill(path, 5)
    database = Database(path)
    database._sql.execute("UPDATE jobs SET body = 'x' WHERE key = 'plant:2'")  # damage
    database.close()
    mended = mend(path, START)
    assert mended is not None
    assert (mended.jobs, mended.downloads) == (4, 5)


def test_what_is_wrong_otherwise_is_not_mended(read_only_folder: Path) -> None:
    with pytest.raises(StateError) as caught:
        mend(read_only_folder / "board.sqlite", START)
    assert not isinstance(caught.value, DamagedError)


def test_histories_reports_and_the_archive_are_kept_too(path: Path) -> None:
    fill(path, 4)
    database = Database(path)
    board, archived = JobKey("plant:0"), JobKey("plant:1")
    events = {key: Event(START, key, "state", Safe("running")) for key in (board, archived)}
    for key, event in events.items():
        database.write([Batch(events=(event,), report=(key, f"log of {key}"))])
    database.archive([archived, JobKey("plant:3")], START)
    database._sql.execute("UPDATE archive SET history = x'00' WHERE key = 'plant:3'")  # damage
    database.close()
    mended = mend(path, START)
    assert mended is not None
    assert (mended.jobs, mended.archived) == (2, 1)
    database = Database(path)
    assert database.events(board) == (
        events[board],
        Event(START, board, "mended", Safe(f"read from {mended.aside.name}")),
    )
    assert database.events(archived) == (events[archived],)
    assert [database.report(key) for key in events] == ["log of plant:0", "log of plant:1"]
    assert [job.key for job in database.archived(None, 9).jobs] == [archived]
    database.close()
    assert mend(path, START) is None


def test_a_time_that_is_none_is_damage(path: Path) -> None:
    fill(path, 1)
    database = Database(path)
    database.write([Batch(events=(Event(START, JobKey("plant:0"), "state", Safe("running")),))])
    database._sql.execute("UPDATE events SET at = 'soon'")  # damage
    with pytest.raises(DamagedError):
        database.events(JobKey("plant:0"))
    database.close()
    mended = mend(path, START)
    assert mended is not None
    assert mended.jobs == 1


@pytest.mark.parametrize(
    "damage", ["UPDATE jobs SET body = 'x' WHERE key = 'plant:2'", "UPDATE rounds SET fresh_until = 'x'"]
)
def test_the_times_of_jobs_that_are_asked_together_are_kept(path: Path, damage: str) -> None:
    fill(path, 3)
    then = START + timedelta(hours=1)
    database = Database(path)
    asked = [replace(job, checked_at=then, next_check_at=then, fresh_until=then) for job in database.load().jobs]
    database.write([Batch(rounds=(Round({job.key: job for job in asked}),))])
    database.close()
    assert mend(path, START) is None
    spoil(path, damage)
    mended = mend(path, START)
    assert mended is not None
    database = Database(path)
    kept = database.load().jobs
    database.close()
    assert {(job.checked_at, job.next_check_at, job.fresh_until) for job in kept} == (
        {(then, then, then)} if "jobs" in damage else {(None, None, None)}
    )


def test_of_a_damaged_board_that_knows_no_rounds_yet_the_jobs_are_kept(path: Path) -> None:
    fill(path, 3)
    for statement in (
        "DROP INDEX jobs_by_round",
        "ALTER TABLE jobs DROP COLUMN round",
        "DROP TABLE rounds",
        "CREATE INDEX jobs_by_round ON jobs (revision)",  # damage: the way to the newer schema ends here
        "PRAGMA user_version = 5",
    ):
        spoil(path, statement)
    mended = mend(path, START)
    assert mended is not None
    assert (mended.jobs, keys(path)) == (3, 3)


def test_past_runs_are_kept(path: Path) -> None:
    fill(path, 1)
    kind = Kind("plant", "octoplant")
    runs = tuple(
        Run(JobKey(f"plant:{number}"), kind, 60.0 + number, (UsualStage(Safe("x"), 9.0),)) for number in range(3)
    )
    database = Database(path)
    database.write([Batch(runs=runs)])
    database.close()
    assert mend(path, START) is None
    spoil(path, "UPDATE runs SET stages = 'x' WHERE job = 'plant:1'")
    assert mend(path, START) is not None
    database = Database(path)
    assert database.runs() == (runs[0], runs[2])
    database.close()


@pytest.mark.parametrize(
    "damage",
    [
        "INSERT INTO marks VALUES ('auto plant True', 'soon')",
        "UPDATE archive SET report = x'789cfb0f0001000100'",  # no UTF-8 in it
        "UPDATE archive SET body = (SELECT body FROM archive WHERE key = 'plant:1') WHERE key = 'plant:0'",
        "INSERT INTO reports VALUES ('plant:2', x'00ff')",
    ],
)
def test_damage_anywhere_is_found_and_gone_afterwards(path: Path, damage: str) -> None:
    fill(path, 3)
    database = Database(path)
    database.write([Batch(report=(JobKey("plant:0"), "")), Batch(report=(JobKey("plant:1"), "log"))])
    database.archive([JobKey("plant:0"), JobKey("plant:1")], START)
    database.close()
    assert mend(path, START) is None
    spoil(path, damage)
    assert mend(path, START) is not None
    assert mend(path, START) is None


def spoil(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as sql:
        sql.execute(statement)
        sql.commit()


def test_what_another_program_has_open_is_left_where_it_is(path: Path) -> None:
    fill(path, 3)
    other = Database(path)
    other._sql.execute("UPDATE jobs SET body = 'x' WHERE key = 'plant:2'")  # damage
    with pytest.raises(StateError, match="another program has it open"):
        mend(path, START)
    assert [file.name for file in path.parent.iterdir() if "damaged" in file.name] == []
    other.close()
    assert mend(path, START) is not None
