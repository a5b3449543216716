"""What stands in a row, and which columns a width has room for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.board.demo import demo_jobs
from tests.board.fakes import ago, make_job
from tests.clock import START
from tui.model import Download, DownloadState, Job, JobKey, JobState, Output, OutputKind, Problem, ProblemKind, Safe
from tui.widgets.columns import GAP, LIMITS, Column, chosen_columns, place_columns
from tui.widgets.glyphs import ASCII, UNICODE, Glyphs
from tui.widgets.lines import Tone, width_of
from tui.widgets.row_line import PREFIX, row_line
from tui.widgets.rows import RowSigns, state_word, view_of

FILE = Output("a.zip", size=5)


def text_of(job: Job, width: int, glyphs: Glyphs = UNICODE) -> str:
    line = row_line(view_of(job, START, glyphs), place_columns(width, word=len(state_word(job))), glyphs)
    return "".join(piece.text for piece in line)


def download(number: int, state: DownloadState, **more: object) -> Download:
    made = Download(number, JobKey("a:b"), Safe(f"{'abc'[number]}.zip"), Path("/tmp"), state)
    return replace(made, **more)  # type: ignore[arg-type]  # any field of a download


@given(st.integers(20, 300), st.sets(st.sampled_from(Column)), st.integers(0, 24))
def test_columns_fill_the_width_and_none_is_below_its_least(width: int, chosen: set[Column], word: int) -> None:
    placed = place_columns(width, chosen_columns([column.value for column in chosen]), word)
    shown = [one.column for one in placed]
    assert Column.JOB in shown
    assert Column.STATE in shown
    if width >= 44:
        state = shown.index(Column.STATE)
        lent = placed[state + 1].width if shown[state + 1 : state + 2] == [Column.PROGRESS] else 0
        assert placed[state].width + lent >= word
        assert sum(one.width for one in placed) + GAP * (len(placed) - 1) == width
        assert all(one.width >= LIMITS[one.column].least for one in placed)


def test_narrow_screens_drop_the_least_needed_columns() -> None:
    assert [one.column for one in place_columns(115)] == list(Column)
    assert [one.column.value for one in place_columns(76)] == ["Job", "Connection", "State", "Progress", "Seen"]
    assert [one.column.value for one in place_columns(76, word=18)] == ["Job", "State", "Progress", "Seen"], "the title"
    assert [one.column.value for one in place_columns(50)] == ["Job", "State", "Progress"]
    assert [one.column.value for one in place_columns(34)] == ["Job", "State"]


@pytest.mark.parametrize("job", demo_jobs(), ids=lambda job: job.title)
@pytest.mark.parametrize("width", [40, 76, 115, 180])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_every_row_is_as_wide_as_its_columns(job: Job, width: int, glyphs: Glyphs) -> None:
    line = row_line(view_of(job, START, glyphs), place_columns(width), glyphs)
    assert width_of(line) == width + PREFIX


def test_a_problem_stands_beside_the_vendors_word_and_changes_it_not() -> None:
    job = make_job(1, status="inprogress", progress=0.5)
    trouble = replace(job, problem=Problem(ProblemKind.UNREACHABLE, Safe("the vendor answered 503"), ago(60)))
    view, well = view_of(trouble, START, UNICODE), view_of(job, START, UNICODE)
    assert (view.word, view.glyph, view.tone) == (well.word, well.glyph, well.tone) == ("inprogress", "◐", Tone.RUN)
    assert "unreachable: the vendor answered 503" in text_of(trouble, 220)
    assert "50%" in text_of(job, 115)


def test_a_bare_number_is_explained() -> None:
    assert "running (1)" in text_of(make_job(1, status="1"), 115)
    assert "waiting" in text_of(make_job(1, JobState.WAITING, status=""), 115)


def test_a_long_word_borrows_from_the_note_beside_it_in_its_own_row_alone() -> None:
    long = make_job(1, JobState.FAILED, status="failedUploadOptional", notice="one file is missing")
    short = make_job(2, JobState.FAILED, status="failed", notice="one file is missing")
    columns = place_columns(76, word=len("failedUploadOptional"))
    told = [
        "".join(piece.text for piece in row_line(view_of(job, START, UNICODE), columns, UNICODE))
        for job in (long, short)
    ]
    assert "failedUploadOptional  one f" in told[0]
    assert "one file is" in told[1]
    assert told[1].index("one f") < told[0].index("one f"), "the others' notes begin where they began"


def test_a_long_note_takes_the_room_of_an_empty_output() -> None:
    notice = "FASPEX refused the package: the token is over"
    failed = make_job(1, JobState.FAILED, status="Error", notice=notice)
    assert notice[:28] in text_of(failed, 115)
    promised = make_job(1, JobState.FAILED, status="Error", notice=notice, outputs=(FILE,))
    assert notice[:28] in text_of(promised, 115), "what might have come says less than why it did not"
    brief = make_job(1, JobState.FAILED, status="Error", notice="refused", outputs=(FILE,))
    assert "1 file 5 B" in text_of(brief, 115)
    there = make_job(1, JobState.SUCCEEDED, notice=notice, outputs=(FILE,))
    assert "1 file 5 B" in text_of(there, 115)
    assert notice[:28] not in text_of(there, 115)


@pytest.mark.parametrize("status", ["STATE_SUCCEEDED", "failedInstructions", "failedUploadOptional"])
def test_a_long_word_of_the_vendor_is_whole_on_a_middle_screen(status: str) -> None:
    assert status in text_of(make_job(1, status=status), 116)


def test_a_notice_beside_a_bar_is_left_out_rather_than_cut_to_nothing() -> None:
    view = view_of(make_job(1, progress=0.5, notice="ends late and says so at length", outputs=(FILE,)), START, UNICODE)
    shown = set()
    for width in range(60, 300):
        line = row_line(view, place_columns(width), UNICODE)
        shown |= {len(piece.text) for piece in line if piece.tone is Tone.WARN and piece.text.strip()}
    assert min(shown) == 8


def test_the_stage_under_way_is_told_where_no_progress_is() -> None:
    assert " run " in text_of(demo_jobs()[0], 115)


@pytest.mark.parametrize(
    ("downloads", "words"),
    [
        ((), "2 files 12 B"),
        ((download(0, DownloadState.RUNNING, bytes=62, size=100),), "↓ 62%"),
        ((download(0, DownloadState.QUEUED),), "↓ fetching"),
        ((download(0, DownloadState.PAUSED, bytes=62, size=100),), "‖ paused 62%"),
        ((download(0, DownloadState.PAUSED), download(1, DownloadState.RUNNING)), "↓ fetching"),
        ((download(0, DownloadState.DONE),), "✓ 1 of 2"),
        ((download(0, DownloadState.DONE), download(1, DownloadState.DONE)), "✓ fetched"),
        ((download(0, DownloadState.FAILED),), "✗ not fetched"),
        ((download(0, DownloadState.FAILED), replace(download(0, DownloadState.DONE), id=9)), "✓ 1 of 2"),
        ((download(0, DownloadState.DONE), replace(download(0, DownloadState.FAILED), id=9)), "✓ 1 of 2"),
    ],
)
def test_output_tells_how_far_the_files_are(downloads: tuple[Download, ...], words: str) -> None:
    outputs = (FILE, Output("b.zip", size=7))
    job = make_job(1, JobState.SUCCEEDED, outputs=outputs, downloads=downloads)
    assert view_of(job, START, UNICODE).output.text == words
    assert words in text_of(job, 76), "without an Output column, Progress tells it"


def test_what_is_fetched_by_name_only_is_not_waited_for() -> None:
    debug = Output("b.zip", only_by_name=True)
    job = make_job(1, JobState.SUCCEEDED, outputs=(FILE, debug), downloads=(download(0, DownloadState.DONE),))
    assert view_of(job, START, UNICODE).output.text == "✓ fetched"
    assert view_of(replace(job, downloads=()), START, UNICODE).output.text == "1 file 5 B"
    alone = make_job(1, JobState.FAILED, outputs=(debug,))
    assert view_of(alone, START, UNICODE).output.text == "1 file"
    assert (
        view_of(replace(alone, downloads=(download(1, DownloadState.DONE),)), START, UNICODE).output.text == "✓ fetched"
    )


def test_outputs_that_are_no_files() -> None:
    link = Output("x", OutputKind.LINK, value="fasp://host")
    assert view_of(make_job(1, JobState.SUCCEEDED, outputs=(link,)), START, UNICODE).output.text == "1 link"
    both = (link, Output("y", OutputKind.PATH, value="D:\\x"))
    assert view_of(make_job(1, JobState.SUCCEEDED, outputs=both), START, UNICODE).output.text == "2 outputs"


def test_ascii_rows_are_ascii() -> None:
    for state in JobState:
        assert text_of(make_job(1, state, outputs=(FILE,), progress=0.5), 115, ASCII).isascii()


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_each_sign_in_front_of_a_row_has_a_cell_of_its_own(glyphs: Glyphs) -> None:
    job, columns = make_job(1), place_columns(60)
    for place, name in enumerate(("marked", "alert", "unseen")):
        signs = RowSigns(**{name: True})
        text = "".join(piece.text for piece in row_line(view_of(job, START, glyphs, signs), columns, glyphs))
        assert [at for at in range(3) if text[at] != " "] == [place]
        assert width_of(row_line(view_of(job, START, glyphs, signs), columns, glyphs)) == 60 + PREFIX
    assert len({glyphs.mark, glyphs.alert, glyphs.unseen}) == 3


def test_every_sign_is_one_cell() -> None:
    for glyphs in (UNICODE, ASCII):
        signs = [*glyphs.states.values(), *glyphs.conditions.values(), *glyphs.downloads.values()]
        assert {
            cell_len(sign) for sign in [*signs, glyphs.mark, glyphs.alert, glyphs.unseen, glyphs.thumb, glyphs.arrow]
        } == {1}
        assert len(set(glyphs.states.values())) == len(JobState)


@pytest.mark.parametrize("seconds", [30, 5_400, 36_600, 22_900_000])
def test_how_old_a_stale_row_is_is_never_cut(seconds: float) -> None:
    job = replace(make_job(1), checked_at=ago(seconds), fresh_until=ago(seconds - 20))
    assert " stale" in view_of(job, START, UNICODE).seen.text
    assert view_of(job, START, UNICODE).seen.text in text_of(job, 76)
