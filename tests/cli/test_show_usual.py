"""`jobdeck show` tells how long a job may still run, for people and for programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tui.cli import show
from tui.cli.parser import make_parser
from tui.engine.border import inert
from tui.engine.storage.batch import Batch
from tui.engine.storage.database import Database
from tui.model import Job, JobState, Output, Reference, Snapshot, Usual
from tui.paths import find_paths


def shown(folder: Path, usual: Usual | None, *more: str) -> int:
    """Show a running job that stands in a state folder."""
    now = datetime.now(UTC)
    said = inert(Snapshot(JobState.RUNNING, "inprogress", started_at=now - timedelta(seconds=60)))
    paths = find_paths(str(folder / "none.toml"), str(folder))
    paths.make_state()
    database = Database(paths.database)
    database.write([Batch(added=(Job("home", "autodesk", Reference("1"), now, snapshot=said, usual=usual),))])
    database.close()
    words = ["--config", str(paths.config), "--state", str(folder), "show", "1", *more]
    return show.run(make_parser().parse_args(words))


@pytest.mark.parametrize(
    ("usual", "told"),
    [
        (Usual(9, 1000, 2000), "~20m left by an estimate; such jobs usually run 16m40s, nine of ten within 33m20s"),
        (Usual(9, 5, 8), "unusually slow; such jobs usually run 5.0s"),
        (Usual(9, 30, 50), "  pace       such jobs usually run 30s"),
    ],
)
def test_show_tells_the_pace(tmp_path: Path, capsys: pytest.CaptureFixture[str], usual: Usual, told: str) -> None:
    assert shown(tmp_path, usual) == 0
    assert told in capsys.readouterr().out


def test_json_tells_when_it_may_be_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(tmp_path, Usual(9, 1000, 2000), "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["usual_seconds"] == 1000
    left = datetime.fromisoformat(said["eta"]) - datetime.now(UTC)
    assert timedelta(seconds=900) < left < timedelta(seconds=942)


def test_a_job_of_an_unknown_kind_tells_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(tmp_path, None) == 0
    assert "pace" not in capsys.readouterr().out


@pytest.mark.parametrize(("state", "is_told"), [(JobState.RUNNING, True), (JobState.FAILED, False)])
def test_an_alert_is_told_until_the_end(state: JobState, *, is_told: bool) -> None:
    job = Job("o", "aspera", Reference("1"), datetime.now(UTC), snapshot=inert(Snapshot(state)), alert=True)
    told = "\n".join(show.show_lines(job, {}))
    assert ('alert      its end is told, also with notify.when = "alert"; not in quiet hours' in told) is is_told


def test_a_link_that_is_revealed_gives_the_terminal_no_orders(capsys: pytest.CaptureFixture[str]) -> None:
    job = Job("o", "aspera", Reference("1"), datetime.now(UTC), snapshot=inert(Snapshot(outputs=(Output("a"),))))
    told = "\n".join(show.show_lines(job, {"a": "fasp://h/?token=x\x1b[31m\u202e"}))
    assert "fasp://h/?token=x␛[31m\ufffd" in told
