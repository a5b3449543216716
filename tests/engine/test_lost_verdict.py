"""What a vendor's list means for a start whose reply was lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.clock import START
from tui.engine.lost.verdict import Verdict, judge
from tui.model import Connection, Reference
from tui.vendors.contract.lost_starts import Lookalike, Lookalikes, settles_in

PLACE = Connection("orc", "aspera", "https://orc.example")
SETTLED = settles_in(PLACE)
SURE, LIKE = Lookalike(Reference("7"), is_sure=True), Lookalike(Reference("8"))
EARLY, LATE = START + SETTLED - timedelta(seconds=1), START + SETTLED


def verdict(*found: Lookalike, gap: str | None = None, at: datetime = LATE, has_twin: bool = False) -> Verdict:
    return judge(Lookalikes(found, gap), PLACE, START, at, has_twin=has_twin)


def test_one_sure_find_of_a_whole_list_is_it_even_early() -> None:
    assert verdict(SURE).is_it == verdict(SURE, at=EARLY).is_it == Reference("7")


@pytest.mark.parametrize(
    "told",
    [
        verdict(LIKE),
        verdict(SURE, gap="its list has no end"),
        verdict(SURE, has_twin=True),
        verdict(SURE, Lookalike(Reference("9"), is_sure=True)),
        verdict(SURE, LIKE),
    ],
)
def test_what_is_not_proved_is_offered_and_never_taken(told: Verdict) -> None:
    assert (told.is_it, told.not_started) == (None, False)
    assert all(one in told.notice for one in told.candidates)
    assert "jobdeck track -c orc" in told.notice


def test_nothing_found_is_not_started_only_in_a_whole_and_late_list() -> None:
    assert verdict().not_started
    assert "send it again" not in verdict(gap="its list has no end").notice.partition("before you send it again")[0]
    for told in (verdict(at=EARLY), verdict(gap="its list has no end"), verdict(LIKE)):
        assert not told.not_started


def test_whatever_came_early_is_looked_at_once_more() -> None:
    assert verdict(at=EARLY).again_at == verdict(LIKE, at=EARLY).again_at == START + SETTLED
    assert verdict().again_at is verdict(LIKE).again_at is verdict(gap="x").again_at is None


def test_where_replies_are_waited_for_longer_it_takes_longer_to_be_sure() -> None:
    patient = replace(PLACE, timeout=600.0)
    assert not judge(Lookalikes(), patient, START, LATE, has_twin=False).not_started
    assert judge(Lookalikes(), patient, START, START + timedelta(minutes=20), has_twin=False).not_started
