"""`list` for people: aligned, cut to a terminal's width and coloured there, whole and plain anywhere else; CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.cli.conftest import Command
from tests.cli.many import Line, run_many
from tests.cli.test_progress import Terminal
from tests.clock import START
from tui.cli.columns import cells
from tui.cli.listing import job_table
from tui.cli.show import show_lines
from tui.engine.border import inert
from tui.model import Job, JobState, Problem, ProblemKind, Reference, Snapshot
from tui.text import safe_line

LONG = "; ".join(["nobody answers"] * 9)
SAID = Snapshot(state=JobState.FAILED, vendor_status="failedInstructions", title="夜間バックアップ acme.RenderDwg+prod")
JOBS = [
    Job("plant", "octoplant", Reference("0c5b9c1e-77aa-4f0e-9a53-3f1d2b6c8e10"), START, snapshot=inert(SAID)),
    Job("aps", "autodesk", Reference("f" * 32), START, problem=None),
]
JOBS[1] = replace(JOBS[1], problem=Problem(ProblemKind.UNREACHABLE, safe_line(LONG), START))
NOW = START + timedelta(hours=2)


def test_a_pipe_gets_everything_and_no_colour() -> None:
    lines = list(job_table(JOBS, NOW, io.StringIO()))
    assert "0c5b9c1e-77aa-4f0e-9a53-3f1d2b6c8e10" in lines[1]
    assert lines[2].endswith(LONG)
    assert not any("\x1b" in line or line.endswith(" ") for line in lines)
    starts = {cells(line[: line.index(word)]) for line, word in zip(lines, ("STATE", "failed", "unknown"), strict=True)}
    assert len(starts) == 1


def test_a_progress_is_never_a_hundred_too_early() -> None:
    almost = replace(JOBS[0], snapshot=inert(replace(SAID, state=JobState.RUNNING, progress=0.996)))
    assert "99%" in list(job_table([almost], NOW, io.StringIO()))[1]
    assert "  progress   99%" in show_lines(almost, {})


@pytest.mark.parametrize("columns", [60, 80, 100, 120])
def test_a_terminal_is_not_overrun(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("LC_ALL", "C")
    lines = list(job_table(JOBS, NOW, Terminal()))
    assert all(cells(line) <= columns for line in lines)
    assert "~" in lines[1] + lines[2]
    assert "…" not in "".join(lines)


def test_a_narrow_terminal_leaves_out_what_can_be_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    jobs = [replace(JOBS[0], snapshot=replace(JOBS[0].snapshot, progress=0.5)), JOBS[1]]
    heads = {}
    for columns in (200, 80, 70):
        monkeypatch.setenv("COLUMNS", str(columns))
        heads[columns] = next(job_table(jobs, NOW, Terminal())).split()
    assert heads[200] == ["KEY", "TITLE", "STATE", "VENDOR", "SAYS", "PROGRESS", "AGE", "SEEN", "NOTE"]
    assert heads[80] == ["KEY", "TITLE", "STATE", "PROGRESS", "AGE", "NOTE"]
    assert heads[70] == ["KEY", "TITLE", "STATE", "AGE", "NOTE"]


def test_colours_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    head, first, second = job_table(JOBS, NOW, Terminal())
    assert head.startswith("\x1b[1mKEY\x1b[0m ")
    assert "\x1b[31mfailed\x1b[0m" in first
    assert "\x1b[31mnobody answers" in second


def test_csv_is_for_spreadsheets(jobdeck: Command) -> None:
    jobdeck.config.write_text(
        '[connections.plant]\nvendor = "octoplant"\nbase_url = "https://127.0.0.1:9"\nusername = "ops"\n'
    )
    ref = "0c5b9c1e-77aa-4f0e-9a53-3f1d2b6c8e10"
    track = Line(("track", "--no-check", ref, "--title", '=HYPERLINK("x"),"y"'), keeps=True)
    _, listed, none = run_many(jobdeck, [track, Line(("list", "--csv")), Line(("list", "--csv", "state:failed"))])
    (row,) = csv.DictReader(io.StringIO(listed.out))
    assert (row["key"], row["title"]) == (f"plant:{ref}", '\'=HYPERLINK("x"),"y"')
    assert none.out.startswith("key,title,")
    assert none.out.count("\n") == 1
