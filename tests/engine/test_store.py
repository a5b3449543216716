"""The database behind its thread: grouped writes, errors to whoever waits, and a board that survives kill -9."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.engine.inline import Inline
from tui.engine.border import inert
from tui.engine.storage.batch import Batch
from tui.engine.storage.database import Database
from tui.engine.storage.store import Store
from tui.errors import StateError
from tui.model import Event, Job, JobKey, Reference, Safe, Secret, Snapshot
from tui.redact import remember

NOW = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
KEY = JobKey("plant:A")
ROOT = Path(__file__).parent.parent.parent


def job(number: int, raw: str = "") -> Job:
    return Job("plant", "octoplant", Reference(f"{number}"), NOW, snapshot=inert(Snapshot(raw=raw)))


async def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    store = Store(tmp_path / "board.sqlite")
    await store.write(Batch(added=(job(1),), events=(Event(NOW, KEY, "k", Safe("t")),), report=(KEY, "log")))
    await store.close()
    again = Store(tmp_path / "board.sqlite")
    assert (await again.load()).jobs == (job(1),)
    assert await again.events(KEY) == (Event(NOW, KEY, "k", Safe("t")),)
    assert await again.report(KEY) == "log"
    await again.close()


async def test_two_stores_hear_of_each_other(tmp_path: Path) -> None:
    one, other = Store(tmp_path / "board.sqlite"), Store(tmp_path / "board.sqlite")
    await one.write(Batch(added=(job(1),)))
    assert (await other.news()).jobs == (job(1),)
    await other.write(Batch(removed=(job(1).key,)))
    assert (await one.news()).removed == (job(1).key,)
    await one.close()
    await other.close()


async def test_what_gathers_meanwhile_is_written_together(tmp_path: Path) -> None:
    thread = Inline()
    store = Store(tmp_path / "board.sqlite", thread)
    writing = [asyncio.create_task(store.write(Batch(added=(job(number),)))) for number in range(100)]
    await asyncio.gather(*writing)
    assert thread.done <= 2
    assert len((await store.load()).jobs) == 100
    await store.close()


async def test_a_writer_that_gives_up_does_not_take_its_change_along(tmp_path: Path) -> None:
    store = Store(tmp_path / "board.sqlite")
    given_up = asyncio.create_task(store.write(Batch(added=(job(1),))))
    await asyncio.sleep(0)
    given_up.cancel()
    await store.write(Batch(added=(job(2),)))
    assert len((await store.load()).jobs) == 2
    await store.close()


async def test_closing_writes_what_waits_and_takes_no_more(tmp_path: Path) -> None:
    store = Store(tmp_path / "board.sqlite")
    waiting = [asyncio.create_task(store.write(Batch(added=(job(number),)))) for number in range(5)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*waiting)
    with pytest.raises(StateError, match="closed already"):
        await store.write(Batch(added=(job(9),)))
    database = Database(tmp_path / "board.sqlite")
    assert len(database.load().jobs) == 5
    database.close()


async def test_a_disk_that_takes_nothing_is_told_to_everybody_who_waits(small_disk: Path) -> None:
    store = Store(small_disk / "board.sqlite")
    results = await asyncio.gather(
        *(store.write(Batch(added=(job(number, raw="x" * 90_000),))) for number in range(10)), return_exceptions=True
    )
    assert any(isinstance(result, StateError) for result in results)
    assert all(result is None or isinstance(result, StateError) for result in results)
    await store.write(Batch(added=(job(99),)))  # there is room for a small one
    assert job(99) in (await store.load()).jobs
    await store.close()


WRITER = """
import asyncio, sys
from pathlib import Path
from tests.engine.test_store import job
from tui.engine.storage.batch import Batch
from tui.engine.storage.store import Store

async def main():
    store = Store(Path(sys.argv[1]))
    for number in range(100_000):
        await store.write(Batch(added=(job(number, raw="x" * 2000),)))
        print(number, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("lines", [1, 40, 300])
async def test_kill_9_leaves_a_readable_board_with_everything_that_was_told(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "board.sqlite"
    writer = subprocess.Popen(  # noqa: ASYNC220  # nothing else runs meanwhile
        [sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    told = [int(writer.stdout.readline()) for _ in range(lines)]
    writer.send_signal(signal.SIGKILL)
    told += [int(line) for line in writer.stdout.read().split("\n")[:-1]]
    writer.stdout.close()
    assert writer.wait() == -signal.SIGKILL
    store = Store(path)
    kept = {one.ref.id for one in (await store.load()).jobs}
    assert {str(number) for number in told} <= kept
    assert len(kept) <= len(told) + 1
    await store.write(Batch(updated=(replace(job(0), given_title=Safe("goes on")),)))
    await store.close()


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_no_live_secret_gets_into_the_history(tmp_path: Path) -> None:
    remember(Secret("canary-of-history"))
    store = Store(tmp_path / "board.sqlite")
    await store.write(
        Batch(added=(job(1),), events=(Event(NOW, KEY, "outputs", Safe("attached a canary-of-history b")),))
    )
    assert [event.text for event in await store.events(KEY)] == ["attached a *** b"]
    await store.close()
    assert b"canary" not in everything_in(tmp_path)
