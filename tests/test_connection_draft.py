"""A connection that is typed: what is no value of a setting is told in the setting's own words."""

from __future__ import annotations

import pytest

from tui.config.draft import mistakes

GOOD = (("base_url", "https://plant.example"), ("username", "ops"))
SECONDS = "must be a number of seconds, e.g. 20"
WHOLE = "must be a whole number, e.g. 240"


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("timeout", "soon", SECONDS),
        ("timeout", "nan", SECONDS),
        ("timeout", "-NaN", SECONDS),
        ("timeout", "inf", "must be at most 3600"),
        ("timeout", "1e999", "must be at most 3600"),
        ("timeout", "-inf", "must be at least 0.1"),
        ("timeout", "-1", "must be at least 0.1"),
        ("min_interval", "nan", SECONDS),
        ("min_interval", "inf", "must be at most 86400"),
        ("min_interval", "1e999", "must be at most 86400"),
        ("min_interval", "-1", "must be at least 0.2"),
        ("max_requests_per_minute", "nan", WHOLE),
        ("max_requests_per_minute", "inf", WHOLE),
        ("max_requests_per_minute", "1e999", WHOLE),
        ("max_requests_per_minute", "-1", "must be at least 1"),
    ],
)
def test_what_is_no_number_of_a_setting(key: str, text: str, said: str) -> None:
    assert [(one, error.message) for one, error in mistakes("plant", "octoplant", (*GOOD, (key, text)))] == [
        (key, f"{key} {said}")
    ]
