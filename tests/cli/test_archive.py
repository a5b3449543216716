"""What the command says of archived jobs and of a damaged board."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tui.cli.main import run
from tui.engine.batch import Batch
from tui.engine.database import Database
from tui.model import Inert, Job, JobState, Reference, Snapshot

NOW = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A board with one job, and three in the archive."""
    monkeypatch.setenv("JOBDECK_STATE", str(tmp_path))
    monkeypatch.setenv("JOBDECK_CONFIG", str(tmp_path / "config.toml"))
    database = Database(tmp_path / "board.sqlite")
    over = Inert(Snapshot(JobState.SUCCEEDED, "done"))
    jobs = tuple(Job("plant", "octoplant", Reference(name), NOW, snapshot=over) for name in ("here", "x1", "x2", "y"))
    database.write([Batch(added=jobs)])
    database.archive([job.key for job in jobs[1:]], NOW)
    database.close()
    return tmp_path / "board.sqlite"


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ([], {"plant:here"}),
        (["is:archived"], {"plant:x1", "plant:x2", "plant:y"}),
        (["is:archived", "x"], {"plant:x1", "plant:x2"}),
        (["is:active,archived", "-y"], {"plant:x1", "plant:x2"}),
        (["-is:archived"], {"plant:here"}),
        (["archived"], set()),
    ],
)
@pytest.mark.usefixtures("board")
def test_archived_jobs_are_listed_when_they_are_asked_for(
    words: list[str], keys: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["list", "--json", "--", *words]) == 0
    assert {job["key"] for job in json.loads(capsys.readouterr().out)} == keys


def test_to_mend_a_good_board_does_nothing(board: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = board.read_bytes()
    assert run(["mend"]) == 0
    assert "nothing was done" in capsys.readouterr().err
    assert board.read_bytes() == before


def test_a_damaged_board_names_the_command_that_mends_it(board: Path, capsys: pytest.CaptureFixture[str]) -> None:
    board.write_bytes(b"SQLite format 3\x00" + b"nonsense" * 600)
    assert run(["list"]) == 2
    assert "jobdeck mend" in capsys.readouterr().err
    assert run(["mend"]) == 0
    aside = Path(capsys.readouterr().out.strip())
    assert aside.parent == board.parent
    assert b"nonsense" in aside.read_bytes()
    assert run(["list"]) == 0
