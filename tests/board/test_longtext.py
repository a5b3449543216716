"""A text of any length as a sheet: rows, what is found in them, and which lines tell of errors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.model import Safe
from tui.widgets.error_lines import is_error_line, may_hold_errors
from tui.widgets.lines import Line, Tone, toned
from tui.widgets.longtext import LongText, error_after, error_before, lines_with
from tui.widgets.sheet import Rows, Wanted, lit

TEXT = st.text(st.sampled_from("ab \t\néЖ日é́\U0001f600e"), max_size=80)


def go_on() -> bool:
    return False


def said(pieces: Line) -> str:
    return "".join(piece.text for piece in pieces)


@given(TEXT, st.integers(3, 20), st.booleans())
def test_rows_hold_all_of_the_text_and_none_is_too_wide(text: str, width: int, wraps: bool) -> None:
    sheet = LongText(Safe(text), wraps=wraps)
    sheet.lay(width)
    rows = [said(sheet.row(at))[1:] for at in range(sheet.height)]
    assert sheet.lines == max(len(text.splitlines()), 1)
    if wraps:
        assert "".join(rows) == text.expandtabs(8).replace("\n", "")
        room = max(width - 2, 2)  # a wide character takes two cells wherever it stands
        assert all(cell_len(row) <= room for row in rows)
    else:
        assert len(rows) == sheet.lines
    assert [sheet.line_at(sheet.row_of(line)) for line in range(sheet.lines)] == list(range(sheet.lines))
    assert said(sheet.row(sheet.height)) == ""


def test_many_wide_lines_are_broken_without_being_measured() -> None:
    sheet = LongText(Safe("日本語日本語x\n" * 6000 + "plain"))
    sheet.lay(8)
    assert [said(sheet.row(at)) for at in range(3)] == [" 日本語", " 日本語", " x"]
    assert said(sheet.row(sheet.height - 1)) == " plain"


def test_what_is_wanted_is_found_across_the_end_of_a_row() -> None:
    sheet = LongText(Safe("0123456789abc\nxx Abc"))
    sheet.lay(12)
    assert [said(sheet.row(at)) for at in range(3)] == [" 0123456789", " abc", " xx Abc"]
    assert sheet.found(0, Wanted("89ab")) == [(9, 11)]
    assert sheet.found(1, Wanted("89ab")) == [(1, 3)]
    assert sheet.found(2, Wanted("abc")) == [(4, 7)]
    assert sheet.found(1, Wanted("Abc")) == [], "an upper-case letter counts"
    assert lines_with(sheet, Wanted("abc"), 10, go_on) == [0, 1]
    assert lines_with(sheet, Wanted("abc"), 1, go_on) == [0]
    assert lines_with(sheet, Wanted("abc"), 10, lambda: True) == []


@given(TEXT)
def test_lines_are_given_as_they_came(text: str) -> None:
    sheet, lines = LongText(Safe(text)), text.splitlines() or [""]
    assert [sheet.given(range(number, number + 1)) for number in range(sheet.lines)] == lines
    assert sheet.given(range(sheet.lines)) == "\n".join(lines)


@given(TEXT, st.text(st.sampled_from("abéЖe日A"), min_size=1, max_size=3))
def test_lines_are_found_as_python_finds_them(text: str, wanted: str) -> None:
    sheet = LongText(Safe(text))
    folds = wanted == wanted.lower()
    lines = [sheet.line(number) for number in range(sheet.lines)]
    expected = [n for n, line in enumerate(lines) if wanted in (line.lower() if folds else line)]
    assert lines_with(sheet, Wanted(wanted), 99, go_on) == expected


def test_what_is_found_stands_out() -> None:
    pieces = (toned("ab", Tone.DIM), toned("cdef"))
    assert lit(pieces, [(1, 4)], Tone.FOUND) == (
        toned("a", Tone.DIM),
        toned("b", Tone.FOUND),
        toned("cd", Tone.FOUND),
        toned("ef"),
    )
    rows = Rows(lambda _width: [pieces])
    rows.lay(10)
    assert rows.found(0, Wanted("BC".lower())) == [(1, 3)]


@pytest.mark.parametrize(
    "line",
    [
        "[03/02/2026 08:15:57] Error: optional file plot.pdf was not produced",
        "ERROR 42",
        "java.lang.NullPointerException: null",
        "Traceback (most recent call last):",
        "job failed with 3 warnings",
        "FATAL: disk is full",
        "access denied for user",
        "2 errors, 0 warnings",
        "connection timed out",
        "3 failed, 0 errors",
    ],
)
def test_lines_that_tell_of_an_error(line: str) -> None:
    assert is_error_line(line)
    assert may_hold_errors(f"fine\n{line}\nfine")


@pytest.mark.parametrize(
    "line",
    [
        "finished with 0 errors",
        "no errors found",
        "completed without any error",
        'result {"errors": [], "failed": 0}',
        "error: none",
        "errors=0, warnings=2",
        "12 passed, 0 failed",
        "loading failsafe.dll",
        "terrorbird layer exported",
        "layer 4 exported",
    ],
)
def test_lines_that_do_not(line: str) -> None:
    assert not is_error_line(line)


@pytest.mark.parametrize("count", [40, 60_000])
def test_one_goes_from_error_to_error(count: int) -> None:
    lines = [f"line {number}" for number in range(count)]
    last = count - 1
    lines[0] = lines[7] = lines[last] = "Error: it broke"
    sheet = LongText(Safe("\n".join(lines)), marks=True)
    sheet.lay(80)
    assert [error_after(sheet, line, go_on) for line in (-1, 0, 6, 7, last)] == [0, 7, 7, last, None]
    assert [error_before(sheet, line, go_on) for line in (last, 7, 1, 0)] == [7, 0, 0, None]
    assert error_after(sheet, -1, lambda: True) is None
    assert sheet.row(7)[1].tone is Tone.BAD
    assert sheet.row(8)[1].tone is Tone.PLAIN
    assert lines_with(sheet, Wanted(f"line {last - 1}"), 9, go_on) == [last - 1]
