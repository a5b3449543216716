"""Remote text is inert: no control character survives, the length is bounded, ordinary text stays."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.text import is_safe_line, safe_block, safe_line

any_text = st.text(st.characters(exclude_categories=()), max_size=60)  # lone surrogates too


@given(any_text, st.integers(1, 40))
def test_no_control_character_survives_in_a_line(text: str, limit: int) -> None:
    safe = safe_line(text, limit)
    assert not [one for one in safe if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp")]
    assert len(safe) <= limit
    safe.encode()


@given(any_text)
def test_a_block_keeps_only_line_breaks_and_tabs(text: str) -> None:
    safe = safe_block(text, 40)
    assert {one for one in safe if unicodedata.category(one) in ("Cc", "Cs")} <= {"\n", "\t"}
    assert len(safe) <= 40


@given(any_text)
def test_making_safe_twice_changes_nothing(text: str) -> None:
    assert safe_line(safe_line(text)) == safe_line(text)


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\r\nb", "a␍␊b"),
        ("\x9b31m", "�31m"),
        ("invoice\u202etxt.exe", "invoice�txt.exe"),
        ("pl\u200bant\ufeff\u2060", "pl�ant��"),
        ("col\tumn", "col umn"),
        ("\U000e0041", "�"),
        ("\ufffe\ufdd0", "��"),
        ("👩‍👩‍👧 👍🏽 ❤️ 1️⃣", "👩👩👧 👍 ❤ 1"),  # no two terminals agree on their widths
        ("👩\u200d\u200d👧", "👩👧"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_instead(hostile: str, shown: str) -> None:
    assert safe_line(hostile) == shown


@pytest.mark.parametrize("text", ["Überprüfung №7 ✓", "日本語", "👩 crew", "क्‍ष", "نسخه‌ها", "[/nope] $x {y}"])
def test_ordinary_text_of_any_script_stays(text: str) -> None:
    assert safe_line(text) == text
    assert safe_block(f"{text}\r\n\t{text}\n") == f"{text}\n\t{text}\n"


def test_what_was_cut_says_so() -> None:
    assert safe_line("abcdef", 4) == "abc…"
    assert safe_block("abcdef", 4) == "abc…"


@pytest.mark.parametrize("text", ["", "plain", "夜間", "é", "\N{BULLET}"])
def test_a_line_that_nothing_has_to_be_changed_in_is_safe(text: str) -> None:
    assert is_safe_line(text)


@pytest.mark.parametrize("text", ["\x1b", "a\tb", "a\nb", "\u202e", "\u200b", "\x85", "x" * 501])
def test_a_line_that_something_has_to_be_changed_in_is_not(text: str) -> None:
    assert not is_safe_line(text)


def test_a_long_text_is_the_same_as_its_parts() -> None:
    line = "abc\x1b\r\n"
    assert safe_block(line * 100_000) == "abc␛\n" * 100_000
