"""How figures are said to people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.wording import age, and_more, duration, left, size, when

NOW = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-3, "0s"), (0.9, "0s"), (59.9, "59s"), (60, "1m00s"), (3599, "59m59s"), (3720, "1h02m"), (273_600, "3d04h")],
)
def test_durations_have_two_units_at_most(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_what_is_left_out_of_a_list_is_counted() -> None:
    assert [and_more(rest) for rest in (-2, 0, 1, 30)] == ["", "", "and 1 more", "and 30 more"]


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (None, ""),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (7_340_032, "7.3 MB"),
        (10**15, "1.0 PB"),
    ],
)
def test_sizes_are_in_powers_of_a_thousand(count: int | None, said: str) -> None:
    assert size(count) == said


@given(st.integers(0, 10**15 - 10**11))
def test_no_size_shows_more_than_three_digits_before_the_point(count: int) -> None:
    assert float(size(count).split()[0]) < 1000


def test_ages_and_moments() -> None:
    assert age(NOW - timedelta(seconds=131), NOW) == "2m11s"
    assert age(None, NOW) == when(None) == ""
    assert when(NOW.astimezone(timezone(timedelta(hours=5)))) == "2026-03-02 08:15:00Z"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "~10s left"),
        (15, "~20s left"),
        (39, "~40s left"),
        (41, "~1m left"),
        (100, "~2m left"),
        (400, "~10m left"),
        (4000, "~1h10m left"),
        (90_000, "~1d01h left"),
    ],
)
def test_what_is_left_is_told_as_coarsely_as_it_is_sure(seconds: float, said: str) -> None:
    assert left(seconds) == said


@given(st.floats(0, 10**7))
def test_what_is_left_is_never_told_too_short(seconds: float) -> None:
    """A step later it says the same or less: the words never promise more than the figure."""
    assert len(left(seconds)) <= 14
    assert len({left(max(seconds - step, 0)) for step in range(3)}) <= 2
