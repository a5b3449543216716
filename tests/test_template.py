"""Texts with named fields."""

from __future__ import annotations

import pytest

from tui.template import filled, wrong_field


@pytest.mark.parametrize("text", ["{a}/{b}", "plain", "{{a}} {a}", ""])
def test_what_is_right(text: str) -> None:
    assert wrong_field(text, ("a", "b")) is None


@pytest.mark.parametrize("text", ["{c}", "{}", "{0}", "{a!r}", "{a:>9}", "{a.b}", "{a[0]}", "{a", "a}"])
def test_what_is_wrong_names_what_may_stand_there(text: str) -> None:
    assert "{a} {b}" in (wrong_field(text, ("a", "b")) or "")


def test_values_are_put_in_as_they_are() -> None:
    assert filled("{a}-{{x}}-{b}", {"a": "{b}", "b": "%s"}) == "{b}-{x}-%s"
