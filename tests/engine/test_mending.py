"""A damaged board is put aside and never thrown away; what can be read of it is on the new one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.clock import START
from tui.engine.batch import Batch
from tui.engine.database import Database
from tui.engine.mending import mend
from tui.errors import DamagedError, StateError
from tui.model import Download, DownloadState, Inert, Job, Reference, Snapshot

JOB = Job("plant", "octoplant", Reference("A"), START)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "board.sqlite"


def fill(path: Path, count: int) -> None:
    database = Database(path)
    jobs = tuple(
        replace(JOB, ref=Reference(f"{number}"), snapshot=Inert(Snapshot(raw="x" * 3000))) for number in range(count)
    )
    files = tuple(Download(number, job.key, "x", Path("/x"), DownloadState.DONE) for number, job in enumerate(jobs, 1))
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
