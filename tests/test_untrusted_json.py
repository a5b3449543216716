"""JSON from strangers: as `json` reads it, but for what is only there to do harm."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.untrusted_json import DEEPEST, read_json
from tui.vendors._read import raw_json

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=30,
)


@given(values)
def test_it_is_read_as_json_reads_it(value: object) -> None:
    text = json.dumps(value)
    assert read_json(text) == read_json(text.encode()) == value


FORGIVEN = [
    *(b"[-Infinity, 1e400, -0, -0.0]", b'{"a": 1, "a": 2}', b"9" * 4_000, b"18446744073709551616"),
    *(rb'"\ud800"', b'"\xed\xa0\x80"', b'\xef\xbb\xbf{"a": 1}', '"ä"'.encode("utf-16"), '"ä"'.encode("utf-32-be")),
]


@pytest.mark.parametrize("text", FORGIVEN, ids=repr)
def test_what_is_not_json_to_the_letter_is_read_as_json_reads_it_too(text: bytes) -> None:
    assert repr(read_json(text)) == repr(json.loads(text))


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_what_nests_too_deeply_is_refused(opening: str, closing: str) -> None:
    levels = opening.count("[") + opening.count("{")
    most = DEEPEST // levels
    read_json(opening * most + "1" + closing * most)
    for times in (most + 1, 900, 5_000, 100_000):
        with pytest.raises(ValueError, match="nested too deeply"):
            read_json(opening * times + "1" + closing * times)


def test_many_brackets_are_no_depth() -> None:
    wide = [{"a": [index]} for index in range(5 * DEEPEST)]
    assert read_json(json.dumps(wide)) == wide
    assert read_json(json.dumps("[" * 5 * DEEPEST)) == "[" * 5 * DEEPEST


@pytest.mark.parametrize("text", ["", "{", "<html>", b"\xff", "9" * 5_000])
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # each of Python's own sentences will do
        read_json(text)


@pytest.mark.parametrize("leaf", ["1", r'"\ud800"', "18446744073709551616"])
def test_the_raw_text_of_a_small_answer_stays_small(leaf: str) -> None:
    deep = DEEPEST - 1
    hostile = read_json("[" * deep + ",".join([leaf] * 200_000) + "]" * deep)
    assert len(raw_json(hostile)) < 8_000_000
    assert raw_json([read_json(leaf)]).startswith("[\n  ")
