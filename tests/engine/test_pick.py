"""Which job a text means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.clock import START
from tui.engine.pasting.pick import pick
from tui.errors import UsageError
from tui.model import Job, Reference, Safe

A = Job("plant", "octoplant", Reference("0c5b-1"), START, given_title=Safe("Nightly export"))
B = Job("plant", "octoplant", Reference("0c5b-2"), START, given_title=Safe("Nightly"))
C = Job("lab", "octoplant", Reference("0c5b-2"), START)
JOBS = (A, B, C)


@pytest.mark.parametrize(
    ("text", "job"),
    [
        ("plant:0c5b-1", A),
        ("0c5b-1", A),
        ("plant:0c5b-2", B),
        ("NIGHTLY E", A),
        ("nightly", B),
        ("lab", C),
        ("lab:0c", C),
        ("plant:0C5B-1", A),
    ],
)
def test_a_name_or_an_unambiguous_prefix_is_enough(text: str, job: Job) -> None:
    assert pick(text, JOBS) is job


@pytest.mark.parametrize("text", ["0c5b", "plant", "0c5b-2", "night"])
def test_what_could_mean_several_names_them(text: str) -> None:
    with pytest.raises(UsageError, match=f"{text} could mean .*0c5b-2") as caught:
        pick(text, JOBS)
    assert "whole key" in caught.value.hint


def test_of_very_many_only_some_are_named() -> None:
    jobs = [replace(A, ref=Reference(f"job{number}")) for number in range(40)]
    with pytest.raises(UsageError, match="and 35 more"):
        pick("job", jobs)


@pytest.mark.parametrize("text", ["export", "x", "", "  "])
def test_what_means_none_is_told(text: str) -> None:
    with pytest.raises(UsageError):
        pick(text, JOBS)
