from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.widgets.lines import Tone, fit, fit_line, line, spread, toned, width_of, wrap, wrap_words

texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60)


@given(texts, st.integers(1, 40))
def test_fit_fills_exactly_the_width(text: str, width: int) -> None:
    assert cell_len(fit(text, width, "…")) == width


def test_fit_cuts_wide_characters_by_cells() -> None:
    assert fit("夜間バックアップ", 7, "…") == "夜間バ…"
    assert fit("夜間バックアップ", 8, "…") == "夜間バ …"
    assert fit("short", 8, "…") == "short   "
    assert fit("too long a title", 8, "~") == "too lon~"
    assert fit("x", 0, "…") == ""


@given(st.lists(st.tuples(texts, st.sampled_from(Tone)), max_size=6), st.integers(1, 60))
def test_a_line_fills_exactly_the_width(pieces: list[tuple[str, Tone]], width: int) -> None:
    line = tuple(toned(text, tone) for text, tone in pieces)
    assert width_of(fit_line(line, width, "…")) == width


@given(st.text(max_size=200), st.integers(2, 30))
def test_wrapping_keeps_every_character_and_the_width(text: str, width: int) -> None:
    text = text.replace("\t", " ")
    rows = wrap(text, width)
    assert "".join(rows) == text.replace("\n", "")
    assert all(cell_len(row) <= width for row in rows if len(row) > 1)


@given(texts, st.integers(2, 30))
def test_wrapping_words_keeps_the_width(text: str, width: int) -> None:
    assert all(cell_len(row) <= width for row in wrap_words(text, width) if len(row) > 1)


def test_words_break_between_words() -> None:
    assert wrap_words("the vendor answered 503", 12) == ["the vendor", "answered 503"]
    assert wrap_words("a\nb", 12) == ["a", "b"]
    assert wrap_words("abcdefghijklmnop", 6) == ["abcdef", "ghijkl", "mnop"]


def test_spread_lets_the_end_go_first() -> None:
    start, end = (toned("left"),), (toned("right"),)
    assert "".join(piece.text for piece in spread(start, end, 12, "…")) == "left   right"
    assert "".join(piece.text for piece in spread(start, end, 8, "…")) == "left    "


def test_no_terminal_obeys_a_piece() -> None:
    assert toned("a\x1b[2J\nb\u202e", Tone.BAD) == ("a␛[2J␊b\ufffd", Tone.BAD)
    assert line("\x9b31m") == (toned("\ufffd31m"),)
    assert len(toned("x" * 100_000).text) == 4000
