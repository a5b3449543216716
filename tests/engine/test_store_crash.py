"""The machine stops at any instant: what lies on the disk then is always a board that was there, and the last one told.

No process is killed here: the files are copied as a kill at that instant leaves them, the log cut anywhere as a power
cut may leave it.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clock import START
from tui.engine.border import inert
from tui.engine.storage.batch import Batch
from tui.engine.storage.database import Database
from tui.model import Download, DownloadState, Event, Job, JobKey, JobState, Reference, Safe, Snapshot

Board = dict[JobKey, tuple[str, int, int]]
"""What a board comes to: of each job its title, how many downloads and how many lines of history it has."""

JOBS = tuple(
    Job("plant", "octoplant", Reference(name), START, snapshot=inert(Snapshot(JobState.SUCCEEDED))) for name in "abc"
)
STEPS = st.lists(st.tuples(st.sampled_from(("put", "file", "remove", "archive", "back")), st.sampled_from(JOBS)))


def act(database: Database, number: int, step: str, job: Job) -> None:
    event = Event(START, job.key, step, Safe(f"{number}"))
    match step:
        case "put":
            database.write([Batch(added=(replace(job, given_title=Safe(f"{number}")),), events=(event,))])
        case "file":
            file = Download(number, job.key, Safe("x"), Path("/x"), DownloadState.DONE)
            database.write([Batch(downloads=(file,), events=(event,))])
        case "remove":
            database.write([Batch(removed=(job.key,), events=(event,))])
        case "archive":
            database.archive([job.key], START)
        case _:
            database.bring_back([job.key], START)


def board_of(database: Database) -> tuple[Board, Board]:
    """What is on the board, and in the archive."""
    news = database.load()
    files = [file.job for file in news.downloads]
    here: Board = {job.key: (job.title, files.count(job.key), len(database.events(job.key))) for job in news.jobs}
    shelved = database.archived(None, 10).jobs
    return here, {job.key: (job.title, len(job.downloads), len(database.events(job.key))) for job in shelved}


def after_the_crash(path: Path, cut: float) -> tuple[Board, Board]:
    with tempfile.TemporaryDirectory() as folder:
        copy, log = Path(folder, path.name), Path(folder, f"{path.name}-wal")
        shutil.copy(path, copy)
        if (written := path.with_name(log.name)).exists():
            log.write_bytes(written.read_bytes()[: int(written.stat().st_size * cut)])
        database = Database(copy)
        try:
            return board_of(database)
        finally:
            database.close()


@settings(max_examples=12)
@given(STEPS, st.floats(0, 1))
def test_a_crash_at_any_instant_leaves_a_board_that_was_there(steps: list[tuple[str, Job]], cut: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "board.sqlite")
        database = Database(path)
        told = [board_of(database)]
        for number, (step, job) in enumerate(steps, 1):
            act(database, number, step, job)
            told.append(board_of(database))
        assert after_the_crash(path, 1.0) == told[-1]
        assert after_the_crash(path, cut) in told
        database.close()


def test_a_log_that_was_cut_off_before_the_schema_is_a_new_board(tmp_path: Path) -> None:
    path = tmp_path / "board.sqlite"
    database = Database(path)
    database.write([Batch(added=JOBS)])
    assert after_the_crash(path, 0.0) == ({}, {})
    database.close()
