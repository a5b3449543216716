"""Jobs as CSV and Markdown: what other programs read back, and what they must not reckon with."""

from __future__ import annotations

import csv
import io

import pytest

from tests.clock import START
from tui.engine.border import inert
from tui.model import Job, JobState, Problem, ProblemKind, Reference, Safe, Snapshot
from tui.tables import COLUMNS, as_csv, as_markdown, harmless


def job(title: str = "Nightly", notice: str | None = None) -> Job:
    snapshot = Snapshot(
        JobState.RUNNING, vendor_status="3 (PRODUCING)", progress=0.5, submitted_at=START, notice=notice
    )
    problem = Problem(ProblemKind.UNREACHABLE, Safe("503, again"), START, None)
    return Job("plant", "octoplant", Reference("a,b"), START, Safe(title), inert(snapshot), problem=problem)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_is_read_back_as_it_was() -> None:
    (row,) = read(as_csv([job('He said "no", twice', notice="line 1\nline 2")]))
    assert tuple(row) == COLUMNS
    assert row["title"] == 'He said "no", twice'
    assert row["notice"] == "line 1␊line 2"
    assert row["key"] == "plant:a,b"
    assert row["submitted_at"] == "2026-03-02T08:15:00.000000Z"
    assert (row["state"], row["vendor_status"], row["progress"]) == ("running", "3 (PRODUCING)", "0.500")
    assert (row["finished_at"], row["problem"]) == ("", "unreachable: 503, again")


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@x", '=HYPERLINK("https://evil")'])
def test_no_cell_is_a_formula(title: str) -> None:
    (row,) = read(as_csv([job(title)]))
    assert row["title"] == f"'{title}"


@pytest.mark.parametrize(("cell", "kept"), [("\t=1", "'\t=1"), ("\r=1", "'\r=1"), ("1=1", "1=1"), ("", "")])
def test_what_a_spreadsheet_reckons_with(cell: str, kept: str) -> None:
    assert harmless(cell) == kept


def test_controls_become_visible() -> None:
    text = as_csv([job("\x1b]52;c;x\x07\u202e")]) + as_markdown([job("\x1b]52;c;x\x07")])
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_markdown_is_neither_split_nor_read() -> None:
    head, rule, row = as_markdown([job("a|b [x](y) <i>")]).splitlines()
    assert head.startswith("| title | connection |")
    assert set(rule) <= set("| -")
    assert row.startswith(r"| a\|b \[x\](y) \<i\> | plant |")
    assert len(head.split(" | ")) == len(row.split(" | "))
