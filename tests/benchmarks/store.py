"""What the board's file costs: `python -m tests.benchmarks.store --help`.

Changes of jobs as the board makes them, against bare `executemany` of the same rows into a table of the same shape; and
a board whose archive and history are large: its start, one change, a search, its size.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import statistics
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.benchmarks.measure import Measured, measured_here, tell
from tui.clock import SystemClock
from tui.config import Retention
from tui.engine.board import Board
from tui.engine.border import inert
from tui.engine.next_ask import NextAsk
from tui.engine.retention import Archivist
from tui.engine.storage.batch import Batch
from tui.engine.storage.database import Database
from tui.engine.storage.store import Store
from tui.engine.storage.stored import job_body
from tui.filter import parse
from tui.model import Event, Job, JobState, Reference, Safe, Snapshot

START = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
TICK = 0.25
"""Answers come in bursts of so many seconds' worth."""
LINES = 20
"""Lines of history of one job."""


def job(number: int, state: JobState = JobState.RUNNING, age: timedelta = timedelta()) -> Job:
    raw = f'{{"status":"inprogress","stats":{{"timeQueued":"2026-03-02T08:15:00.1Z"}},"id":"{number:032x}"}}'
    snapshot = inert(Snapshot(state, "inprogress", f"acme.ExportFbx+prod {number}", submitted_at=START - age, raw=raw))
    then = START - age
    return Job("aps", "autodesk", Reference(f"{number:032x}"), then, snapshot=snapshot, changed_at=then)


def bare(path: Path, jobs: list[Job], rounds: int, each: int) -> Measured:
    """The same rows by hand: what SQLite itself takes."""
    sql = sqlite3.connect(path, isolation_level=None)
    sql.executescript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
        "CREATE TABLE jobs (key TEXT PRIMARY KEY, body BLOB, revision INTEGER); CREATE INDEX r ON jobs (revision)"
    )
    rows = [(one.key, job_body(one), 0) for one in jobs]
    sql.executemany("INSERT INTO jobs VALUES (?, ?, ?)", rows)
    with measured_here() as measured:
        for turn in range(rounds):
            first = turn * each % len(rows)
            sql.execute("BEGIN IMMEDIATE")
            changed = [(body, turn, key) for key, body, _ in rows[first : first + each]]
            sql.executemany("UPDATE jobs SET body = ?, revision = ? WHERE key = ?", changed)
            sql.execute("COMMIT")
            time.sleep(TICK)
    sql.close()
    return measured


async def ours(path: Path, jobs: list[Job], rounds: int, each: int) -> Measured:
    """Answers to a board: judged, masked, written with their line of history, told."""
    store = Store(path)
    board = Board(store, SystemClock())
    await store.write(Batch(added=tuple(jobs)))
    await board.load()
    keys, words = [one.key for one in jobs], (JobState.RUNNING, JobState.WAITING)
    with measured_here() as measured:
        for turn in range(rounds):
            first = turn * each % len(keys)
            answers = []
            for key in keys[first : first + each]:
                told: Snapshot = board.job(key).snapshot
                told = replace(told, state=words[turn % 2], vendor_status=f"word {turn}")
                answers.append(board.answered(key, told, lambda _: NextAsk(START, START)))
            await asyncio.gather(*answers)
            await asyncio.sleep(TICK)
    await store.close()
    return measured


async def only_stored(path: Path, jobs: list[Job], rounds: int, each: int) -> Measured:
    """Changes as a board hands them over, each with its line of history."""
    store = Store(path)
    await store.write(Batch(added=tuple(jobs)))
    with measured_here() as measured:
        for turn in range(rounds):
            first = turn * each % len(jobs)
            some = jobs[first : first + each]
            batches = (
                Batch(updated=(one,), events=(Event(START, one.key, "state", Safe(f"word {turn}")),)) for one in some
            )
            await asyncio.gather(*map(store.write, batches))
            await asyncio.sleep(TICK)
    await store.close()
    return measured


def changes(folder: Path, rate: int, seconds: float, rounds: int) -> None:
    jobs, turns, each = [job(number) for number in range(10_000)], int(seconds / TICK), int(rate * TICK)
    ratios: list[float] = []
    for number in range(rounds):
        low = bare(folder / f"bare{number}", jobs, turns, each)
        high = asyncio.run(ours(folder / f"ours{number}", jobs, turns, each))
        stored = asyncio.run(only_stored(folder / f"stored{number}", jobs, turns, each))
        parts = {"bare SQLite": low, "stored": stored, "judged, stored, told": high}
        shares = ", ".join(f"{name} {100 * one.cpu / one.wall:.1f} %" for name, one in parts.items())
        tell(f"  {rate} changes/s, of a core: {shares}")
        ratios.append(stored.cpu / low.cpu)
    tell(f"  stored / bare: {statistics.median(ratios):.1f} [{min(ratios):.1f}..{max(ratios):.1f}]\n")


def make_large(path: Path, rows: int) -> None:
    """A file with so many lines of history, nearly all of archived jobs."""
    count = rows // LINES
    began = time.perf_counter()
    database = Database(path)
    for first in range(0, count, 1000):
        some = tuple(job(number, JobState.SUCCEEDED, timedelta(days=40)) for number in range(first, first + 1000))
        lines = tuple(
            Event(START, one.key, "state", Safe(f"running ({line} of {LINES}, the vendor's own word for it)"))
            for one in some
            for line in range(LINES)
        )
        database.write([Batch(added=some, events=lines)])
        if first < count - 1000:
            database.archive([one.key for one in some], START)
    database.close()
    took, size = time.perf_counter() - began, path.stat().st_size
    tell(f"  {rows} lines of history of {count} jobs, {count - 1000} archived; made in {took:.0f} s")
    tell(f"  {size / 1e6:.0f} MB, {size / rows:.0f} bytes a line")


async def use_large(path: Path) -> None:
    """Its start, one change, two searches, one step of tidying."""
    began = time.perf_counter()
    store = Store(path)
    board = Board(store, SystemClock())
    await board.load()
    tell(f"  start: {1000 * (time.perf_counter() - began):.0f} ms for {len(board.jobs)} jobs on the board")
    key, times = next(iter(board.jobs)), []
    for number in range(50):
        began = time.perf_counter()
        await board.note(key, "state", f"{number}")
        times.append(time.perf_counter() - began)
    tell(f"  one change: {1000 * statistics.median(times):.1f} ms, at most {1000 * max(times):.1f} ms")
    archivist = Archivist(board, store, SystemClock(), Retention)
    for text in ("is:archived", f"is:archived id:{17:032x}"):
        began = time.perf_counter()
        found = await archivist.find(parse(text))
        tell(f"  {text}: {len(found)} found in {1000 * (time.perf_counter() - began):.0f} ms")
    began = time.perf_counter()
    await store.tidy(START, None)
    tell(f"  one step of tidying: {1000 * (time.perf_counter() - began):.0f} ms")
    await store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rate", type=int, default=1000, help="changes a second")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each round")
    parser.add_argument("--rows", type=int, default=1_000_000, help="lines of history")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        changes(Path(folder), options.rate, options.seconds, options.rounds)
        make_large(Path(folder, "board.sqlite"), options.rows)
        asyncio.run(use_large(Path(folder, "board.sqlite")))


if __name__ == "__main__":
    main()
