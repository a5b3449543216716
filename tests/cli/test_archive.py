"""What the command says of archived jobs and of a damaged board."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tui.cli.main import run
from tui.engine.border import inert
from tui.engine.storage.batch import Batch
from tui.engine.storage.database import Database
from tui.model import Job, JobKey, JobState, Reference, Snapshot

NOW = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A board with one job, and three in the archive."""
    monkeypatch.setenv("JOBDECK_STATE", str(tmp_path))
    monkeypatch.setenv("JOBDECK_CONFIG", str(tmp_path / "config.toml"))
    database = Database(tmp_path / "board.sqlite")
    over = inert(Snapshot(JobState.SUCCEEDED, "done"))
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


@pytest.mark.parametrize(("text", "name"), [("plant:x1", "x1"), ("x2", "x2"), ("her", "here"), ("Y", "y")])
@pytest.mark.usefixtures("board")
def test_one_is_shown_wherever_it_is(text: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "--json", text]) == 0
    job = json.loads(capsys.readouterr().out)
    assert (job["id"], job["archived_at"]) == (name, None if name == "here" else "2026-03-02T08:15:00Z")
    assert job["alert"] is False


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["x"], "x could mean plant:x2, plant:x1"),
        (["none"], "no job on the board is called none"),
        (["y", "--refresh"], "plant:y is in the archive: its vendor is not asked"),
        (["y", "--report"], "plant:y is in the archive: no report of it was kept"),
    ],
)
@pytest.mark.usefixtures("board")
def test_what_cannot_be_shown_is_told(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", *words]) == 2
    assert told in capsys.readouterr().err


def test_an_archived_job_has_its_kept_report(board: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = Database(board)
    database.write([Batch(report=(JobKey("plant:here"), "all of the log"))])
    database.archive([JobKey("plant:here")], NOW)
    database.close()
    assert run(["show", "here", "--report"]) == 0
    assert capsys.readouterr().out == "all of the log\n"
    assert run(["show", "here"]) == 0
    assert "archived   2026-03-02 08:15:00Z" in capsys.readouterr().out


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
