"""How long a signed address lives, as it says itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.link_life import dies_at, is_dying, s3_dies_at

AT = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
S3 = "https://s/x?X-Amz-Date=20260302T081500Z&X-Amz-Expires={}&X-Amz-Signature=a"


@pytest.mark.parametrize(
    ("url", "end", "is_s3"),
    [
        (S3.format(120), AT + timedelta(seconds=120), True),
        (S3.format(604_800), AT + timedelta(days=7), True),
        (S3.format(604_801), None, False),
        (S3.format("-5"), None, False),
        (S3.format("soon"), None, False),
        ("https://s/x?X-Amz-Expires=120", None, False),
        ("https://s/x?X-Amz-Date=yesterday&X-Amz-Expires=120", None, False),
        ("https://g/x?X-Goog-Date=20260302T081500Z&X-Goog-Expires=60", AT + timedelta(seconds=60), False),
        (f"https://cdn/x?Expires={int(AT.timestamp())}&Signature=a", AT, False),
        ("https://cdn/x?Expires=9999999999999999999", None, False),
        ("https://a/x?se=2026-03-02T08%3A15%3A00Z&sig=a", AT, False),
        ("https://a/x?se=never", None, False),
        ("https://plain/x", None, False),
        ("http://[", None, False),
    ],
)
def test_what_an_address_says(url: str, end: datetime | None, *, is_s3: bool) -> None:
    assert dies_at(url) == end
    assert s3_dies_at(url) == (end if is_s3 else None)


@given(st.text())
def test_any_address_is_survived(text: str) -> None:
    for url in (text, f"https://x/?{text}", f"https://x/?X-Amz-Date={text}&X-Amz-Expires={text}&se={text}"):
        assert s3_dies_at(url) is None or dies_at(url) is not None


@pytest.mark.parametrize(
    ("life", "left", "dying"), [(120, 61, False), (120, 59, True), (40, 21, False), (40, 19, True)]
)
def test_it_is_renewed_a_minute_ahead_or_after_half_of_a_short_life(life: int, left: int, *, dying: bool) -> None:
    assert is_dying(S3.format(life), AT, AT + timedelta(seconds=life - left)) is dying


def test_a_link_that_was_dead_when_it_was_made_tells_of_our_clock() -> None:
    assert not is_dying(S3.format(60), AT + timedelta(hours=1), AT + timedelta(hours=1))
