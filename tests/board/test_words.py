from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.board.fakes import make_job
from tests.clock import START
from tui.model import Download, DownloadState, JobKey, JobState, Safe
from tui.underway import left_text, percent_text, ratio
from tui.widgets.glyphs import UNICODE
from tui.widgets.rows import view_of
from tui.widgets.words import seen_text
from tui.wording import coarse_age, span
from tui.wording import size as size_text

DOWNLOAD = Download(1, JobKey("a:b"), Safe("x"), Path("/tmp"), DownloadState.RUNNING)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "now"),
        (4.9, "now"),
        (5, "5s"),
        (19, "10s"),
        (44, "30s"),
        (59, "45s"),
        (60, "1m"),
        (3599, "59m"),
        (3600, "1h00"),
        (3600 * 2 + 59 * 60, "2h50"),
        (3600 * 12, "12h"),
        (3600 * 47, "47h"),
        (3600 * 48, "2d"),
        (3600 * 24 * 400, "400d"),
    ],
)
def test_age(seconds: float, text: str) -> None:
    assert coarse_age(seconds) == text


@given(st.floats(0, 10**9))
def test_an_age_fits_its_column(seconds: float) -> None:
    assert len(coarse_age(seconds)) <= 6


@given(st.integers(0, 24 * 3600))
def test_an_age_steps_seldom(second: int) -> None:
    """Never more than once in five seconds: the next seconds of a step show the same or the next word only."""
    assert len({coarse_age(second + more) for more in range(5)}) <= 2


def test_seen_tells_stale_in_words() -> None:
    job = make_job(1, checked=125, fresh=-60)
    assert seen_text(job, START) == "2m stale"
    assert seen_text(make_job(1, checked=9), START) == "now"
    assert seen_text(make_job(1, checked=31), START) == "30s"
    assert seen_text(make_job(1, checked=7300), START) == "2h00"
    assert seen_text(replace(job, checked_at=None), START) == "never"
    assert seen_text(make_job(1, JobState.FAILED, checked=125, fresh=-60), START) == "2m"


@given(st.integers(0, 10**7), st.booleans())
def test_seen_fits_its_column(seconds: int, stale: bool) -> None:
    job = make_job(1, checked=seconds, fresh=-1 if stale else 60)
    assert len(seen_text(job, START)) <= 10


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (99_950, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (7_340_032, "7.3 MB"),
        (312 * 10**6, "312 MB"),
        (5 * 10**18, "5000 PB"),
    ],
)
def test_size(size: int, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(-1, "0.0s"), (4.3, "4.3s"), (59.6, "1m00s"), (95, "1m35s"), (7500, "2h05m")]
)
def test_span(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_a_percentage_is_never_a_hundred_too_early() -> None:
    assert [percent_text(part) for part in (0, 0.626, 0.9999, 1.0)] == ["0%", "62%", "99%", "100%"]


def test_whole_percents_stand_as_they_were_told() -> None:
    assert [percent_text(whole / 100) for whole in range(101)] == [f"{whole}%" for whole in range(101)]
    jobs = (make_job(1, progress=whole / 100) for whole in range(101))
    assert [view_of(job, START, UNICODE).part for job in jobs] == [whole / 100 for whole in range(101)]


def test_what_is_left() -> None:
    assert left_text(DOWNLOAD) == ""
    assert left_text(replace(DOWNLOAD, size=100, bytes=40, speed=1.0)) == "1:00"
    assert left_text(replace(DOWNLOAD, size=10_000, bytes=0, speed=1.0)) == "2:50:00"
    assert ratio(DOWNLOAD) is None
    assert ratio(replace(DOWNLOAD, size=10, bytes=20)) == 1.0
    assert seen_text(make_job(1), START + timedelta(days=3)).endswith("stale")
