"""What a half-typed filter may go on with."""

from __future__ import annotations

import pytest

from tui.filter import FilterError, keys, parse
from tui.widgets.completion import Words, candidates, completed

WORDS = Words(
    connections=("plant", "aps-prod", "aps-test"),
    vendors=("octoplant", "autodesk"),
    saved={"failed-today": "state:failed age:<1d", "mine": "plant"},
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ()),
        ("line ", ()),
        ("st", ("state:",)),
        ("-s", ("-state:", "-seen:")),
        ("zz", ()),
        ("x state:f", ("state:failed",)),
        ("state:failed", ()),
        ("state:failed,e", ("state:failed,expired",)),
        ("state:failed,f", ()),
        ("connection:APS", ("connection:aps-prod", "connection:aps-test")),
        ("vendor:", ("vendor:autodesk", "vendor:octoplant")),
        ("is:ma", ("is:marked",)),
        ("@", ("@failed-today", "@mine")),
        ("-@m", ("-@mine",)),
        ("@mine", ()),
        ("age:<", ("age:<1h", "age:<1d")),
        ("id:0", ()),
        ('"two st', ()),
    ],
)
def test_what_may_come_next(text: str, wanted: tuple[str, ...]) -> None:
    assert candidates(text, WORDS) == wanted


def test_the_likeliest_takes_the_place_of_the_last_term() -> None:
    assert completed("line -state:wai", WORDS) == "line -state:waiting"
    assert completed("line ", WORDS) is None


def test_every_whole_candidate_is_a_good_term() -> None:
    offered = [one for key in keys() for one in candidates(f"{key}:", WORDS)] + list(candidates("@", WORDS))
    assert len(offered) > 20
    for term in offered:
        try:
            parse(term, WORDS.saved)
        except FilterError as error:
            pytest.fail(f"{term}: {error}")
