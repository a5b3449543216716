"""The terminal says whether it is dark or light: however its answer comes, it is no key, and keys stay keys."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events
from textual._parser import ParseTimeout
from textual._xterm_parser import XTermParser
from textual.message import Message

from tests.board.conftest import SMALL, Open
from tests.board.fakes import FakeDoor
from tui.screens.background import Answer, Background, is_light

DARK, LIGHT = "\x1b]11;rgb:1414/1717/1c1c\x1b\\", "\x1b]11;rgba:ff/ff/ff/ff\x07"


def parsed(*chunks: str) -> list[Message]:
    """What Textual makes of these, with a long silence behind each."""
    parser, found = XTermParser(), list[Message]()
    for chunk in chunks:
        found += parser.feed(chunk)
        if parser._timeout_time is not None:
            parser._awaiting = parser._gen.throw(ParseTimeout())
            parser._timeout_time = None
            found += parser._tokens
            parser._tokens.clear()
    return found


def taken(messages: list[Message]) -> tuple[list[str], list[bool]]:
    answer, keys, told = Answer(), list[str](), list[bool]()
    for message in messages:
        handed_on, found = answer.take(message)
        keys += [one.key for one in handed_on if isinstance(one, events.Key)]
        told += [found.is_light] if found else []
    return keys, told


@given(st.sampled_from([(DARK, False), (LIGHT, True)]), st.lists(st.integers(1, 27), max_size=4))
@settings(max_examples=15)
def test_an_answer_in_any_pieces_is_no_key(case: tuple[str, bool], cuts: list[int]) -> None:
    text, light = case
    edges = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    chunks = [text[first:last] for first, last in pairwise(edges)]
    keys, told = taken(parsed("j", *chunks, "k"))
    assert (keys, told) == (["j", "k"], [light])


@given(st.text("^]1;rgb:f/\\jk", min_size=1, max_size=12))
@settings(max_examples=25)
def test_what_is_no_answer_is_typed_as_it_was(text: str) -> None:
    typed = [one.key for one in parsed(text) if isinstance(one, events.Key)]
    keys, told = taken(parsed(text, "x"))
    assert (keys, told) == ([*typed, "x"], [])


@pytest.mark.parametrize("ahead", ["]", "^", "]]1", "^]11;rgb:ff"])
@pytest.mark.parametrize("behind", ["\x1b[B", "\x1b[I", "k"])
def test_keys_right_before_and_behind_an_answer_are_told_from_it(ahead: str, behind: str) -> None:
    own = [one.key for chunk in (ahead, behind) for one in parsed(chunk) if isinstance(one, events.Key)]
    assert taken(parsed(ahead + DARK + behind)) == (own, [False])


def test_what_only_begins_like_an_answer_is_let_go_in_a_silence() -> None:
    answer = Answer()
    (key,) = parsed("]")
    assert answer.take(key) == ([], None)
    assert answer.is_holding
    assert [*answer.let_go(), *answer.let_go()] == [key]
    (escape,) = parsed("\x1b")
    assert answer.take(escape) == ([], None)
    assert answer.let_go() == [escape]
    assert taken(parsed("\x1b", DARK[1:])) == ([], [False])
    assert taken(parsed("]", DARK)) == (["right_square_bracket"], [False])


def test_without_an_answer_the_environment_tells() -> None:
    assert not is_light({})
    assert not is_light({"COLORFGBG": "15;0"})
    assert is_light({"COLORFGBG": "0;default;15"})


async def test_the_theme_follows_until_the_user_chooses_one(lab: Open) -> None:
    async with lab(FakeDoor(), SMALL, theme="auto", is_light=True) as one:
        assert one.app.theme == "jobdeck-light"
        one.app.post_message(Background(is_light=False))
        await one.settle()
        assert one.app.theme == "jobdeck"
        await one.press("T", "T")
        one.app.post_message(Background(is_light=True))
        await one.settle()
        assert one.app.theme == "ansi-dark"
