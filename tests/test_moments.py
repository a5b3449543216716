"""Times from strangers: hostile ones, and those that only mean "never"."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui.link_life import dies_at
from tui.moments import http_date, span_of, usable
from tui.vendors._read import moment_of

AT = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
EAST = timezone(timedelta(hours=14))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Mon, 02 Mar 2026 08:15:00 GMT", AT),
        ("Mon, 02 Mar 2026 22:15:00 +1400", AT),
        ("Mon, 02 Mar 2026 08:15:00 -0000", AT),
        ("Mon, 99999999999999999999 Jan 2026 00:00:00 GMT", None),
        ("Mon, 02 Mar 2026 08:15:00 +9999999999999", None),
        ("Tue, 31 Feb 2026 08:15:00 GMT", None),
        ("soon", None),
        ("", None),
    ],
)
def test_what_a_header_says(text: str, moment: datetime | None) -> None:
    assert http_date(text) == moment


@given(st.text(max_size=60))
@example("Mon, 1 Jan 1 1:1:1 " + "9" * 5000)
def test_no_header_breaks_it(text: str) -> None:
    assert http_date(text) is None or http_date(text) >= datetime(1900, 1, 1, tzinfo=UTC)  # type: ignore[operator]


@given(st.datetimes(timezones=st.sampled_from([None, UTC, EAST, timezone(-timedelta(hours=14))])))
def test_what_is_usable_has_a_local_time_everywhere(moment: datetime) -> None:
    told = usable(moment)
    if told is not None:
        assert told.tzinfo is UTC
        for hours in (-14, 14):
            told.astimezone(timezone(timedelta(hours=hours)))


@pytest.mark.parametrize("never", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999Z"])
def test_never_is_no_time(never: str) -> None:
    assert moment_of(never) is None
    assert dies_at(f"https://a/x?se={never.replace('+', '%2B')}") is None


def test_never_in_seconds_is_no_time() -> None:
    assert dies_at("https://a/x?Expires=253402300799") is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("1.5m", 90),
        ("2h", 7200),
        ("30d", 2_592_000),
        ("2w", 1_209_600),
        ("1y", 31_536_000),
        ("0s", 0),
        ("", None),
        ("5", None),
        ("d", None),
        ("-1d", None),
        ("1 d", None),
        ("1e3s", None),
        ("1D", None),
        ("1d2h", None),
        ("\u0663d", None),
    ],
)
def test_lengths_of_time(text: str, seconds: float | None) -> None:
    assert span_of(text) == seconds
