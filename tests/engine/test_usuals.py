"""Usual durations: taken from finished jobs, kept in the database, told with each answer."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

from tests.clock import START, FakeClock
from tests.engine.inline import inline_store
from tui.engine.board import Board
from tui.engine.border import inert
from tui.engine.next_ask import NextAsk
from tui.engine.storage.migrations import SCHEMA
from tui.engine.storage.past_runs import MOST, read_runs, write_runs
from tui.engine.storage.usuals import MOST_OF_A_KIND, Usuals
from tui.model import Job, JobKey, JobState, Reference, Safe, Snapshot, Stage, UsualStage
from tui.usual import Kind, Run

FBX = "acme.ExportFbx+prod"


def plan(_: Job) -> NextAsk:
    return NextAsk(START, START)


def a_job(number: int, connection: str = "home") -> Job:
    return Job(connection, "autodesk", Reference(f"{number}"), START)


def said(state: JobState, seconds: float | None = None) -> Snapshot:
    end = None if seconds is None else START + timedelta(seconds=seconds)
    stages = (Stage("run", START, end),)
    return Snapshot(state, state.value, title=FBX, started_at=START, finished_at=end, stages=stages)


async def run_through(board: Board, number: int, seconds: float) -> None:
    job = a_job(number)
    await board.add((job,), "tracked")
    await board.answered(job.key, said(JobState.RUNNING), plan)
    await board.answered(job.key, said(JobState.SUCCEEDED, seconds), plan)


async def usual_seconds(board: Board, job: Job) -> float | None:
    """What a new job of the kind is told at its first answer."""
    await board.add((job,), "tracked")
    await board.answered(job.key, said(JobState.RUNNING), plan)
    usual = board.job(job.key).usual
    return usual.seconds if usual else None


async def test_finished_jobs_tell_how_long_the_next_one_takes(tmp_path: Path, clock: FakeClock) -> None:
    store = inline_store(tmp_path / "board.sqlite")
    board = Board(store, clock)
    for number, seconds in enumerate((10, 30)):
        await run_through(board, number, seconds)
    assert await usual_seconds(board, a_job(7)) is None, "two runs are too few"
    await run_through(board, 2, 20)
    assert await usual_seconds(board, a_job(8)) == 20
    usual = board.job(JobKey("home:8")).usual
    assert usual is not None
    assert usual.stages == (UsualStage(Safe("run"), 20),)
    assert await usual_seconds(board, a_job(9, "elsewhere")) is None
    await store.close()


async def test_they_outlast_the_run_and_the_jobs_and_follow_a_renamed_connection(
    tmp_path: Path, clock: FakeClock
) -> None:
    store = inline_store(tmp_path / "board.sqlite")
    board = Board(store, clock)
    for number in range(3):
        await run_through(board, number, 20)
    await board.rename("home", "house")
    assert await usual_seconds(board, a_job(7, "house")) == 20
    await board.remove(tuple(board.jobs))
    await store.close()
    store = inline_store(tmp_path / "board.sqlite")
    later = Board(store, clock)
    await later.load()
    await later.load_usual()
    assert await usual_seconds(later, a_job(8, "house")) == 20
    await store.close()


async def test_another_programs_finished_jobs_count_too(tmp_path: Path, clock: FakeClock) -> None:
    stores = [inline_store(tmp_path / "board.sqlite") for _ in range(2)]
    ours, theirs = (Board(store, clock) for store in stores)
    for number in range(3):
        await run_through(theirs, number, 20)
    await ours.look()
    assert await usual_seconds(ours, a_job(7)) == 20
    for store in stores:
        await store.close()


def lasting(number: int, name: str, seconds: float) -> Run:
    return Run(JobKey(f"home:{number}"), Kind("home", name), seconds, (UsualStage(Safe("run"), seconds),))


def test_only_the_latest_runs_are_kept() -> None:
    sql = sqlite3.connect(":memory:")
    for statement in _table().split(";"):
        sql.execute(statement)
    write_runs(sql, [lasting(number, "a", number) for number in range(MOST_OF_A_KIND + 5)])
    write_runs(sql, [lasting(3, "a", 99)])
    kept = read_runs(sql)
    assert [run.seconds for run in kept] == [*range(6, MOST_OF_A_KIND + 5), 99]
    write_runs(sql, [lasting(1000, "b", 1)])
    sql.execute("UPDATE runs SET id = id + ? WHERE kind = 'b'", (MOST,))
    write_runs(sql, [lasting(1001, "c", 1)])
    assert [run.kind.name for run in read_runs(sql)] == ["b", "c"], "where kinds are many, old ones go"
    sql.close()


def test_a_job_that_ran_twice_counts_once() -> None:
    usuals = Usuals()
    usuals.take([lasting(1, FBX, 10), lasting(2, FBX, 10), lasting(1, FBX, 50)])
    job = Job("home", "autodesk", Reference("9"), START, snapshot=inert(said(JobState.RUNNING)))
    assert usuals.of(job) is None
    usuals.take(lasting(number, FBX, 30) for number in range(3, 3 + MOST_OF_A_KIND))
    usual = usuals.of(job)
    assert usual is not None
    assert (usual.runs, usual.seconds) == (MOST_OF_A_KIND, 30)


def _table() -> str:
    return next(script for script in SCHEMA if "CREATE TABLE runs" in script)
