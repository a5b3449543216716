"""What is sent leaves on a terminal exactly what Textual would have left there, in fewer bytes."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip

from tests.board.demo import demo_door
from tests.board.glass import Glass
from tui.app import Board, BoardOptions
from tui.widgets.cells import NARROW
from tui.widgets.frames import KNOWN_UPDATES, Frames, Update
from tui.widgets.pen import PLAIN, Pen, pen_of

WIDTH, HEIGHT = 24, 3
STYLES = [
    None,
    Style.parse("bold"),
    Style.parse("dim red"),
    Style.parse("#d6dae0 on #14171c"),
    Style.parse("reverse #d6dae0 on #14171c"),
    Style.parse("bright_blue on bright_black"),
]
LETTERS = ["a", "b", " ", "│", "✓", "◐", "夜", "間", "e\u0301", "☀", "한", "ع"]


def strip_of(pieces: Sequence[tuple[str, Style | None]], width: int) -> Strip:
    return Strip([Segment(text, style) for text, style in pieces]).adjust_cell_length(width)


pieces = st.lists(
    st.tuples(st.lists(st.sampled_from(LETTERS), max_size=9).map("".join), st.sampled_from(STYLES)), max_size=5
)


@st.composite
def updates(draw: st.DrawFn) -> list[Update]:
    """A whole screen, then parts of it: whole lines, or one of two panes."""
    whole = LayoutUpdate([[strip_of(draw(pieces), WIDTH)] for _ in range(HEIGHT)], Region(0, 0, WIDTH, HEIGHT))
    found: list[Update] = [whole]
    for _ in range(draw(st.integers(1, 4))):
        y, cut = draw(st.integers(0, HEIGHT - 1)), draw(st.sampled_from([0, 8, WIDTH]))
        ends = sorted({0, cut, WIDTH})
        panes = {left: strip_of(draw(pieces), right - left) for left, right in pairwise(ends)}
        chops: list[dict[int, Strip | None]] = [dict.fromkeys(ends[:-1]) for _ in range(HEIGHT)]
        chops[y].update(panes)
        start = draw(st.sampled_from(ends[:-1]))
        found.append(ChopsUpdate(chops, [(y, start, WIDTH)], [ends[1:]] * HEIGHT))
    return found


def _strips_of(update: Update) -> list[Strip]:
    lines = update.strips if isinstance(update, LayoutUpdate) else [line.values() for line in update.chops]
    return [strip for line in lines for strip in line if strip]


def stock(update: Update) -> bytes:
    """What Textual would send in 256 colours. A style remembers the codes of the colours that it was drawn in last."""
    for strip in _strips_of(update):
        strip._render_cache = None
        for style in (segment.style for segment in strip if segment.style):
            style._ansi = None
    return update.render_segments(Console(color_system="256", force_terminal=True, _environ={})).encode()


@given(updates(), st.lists(st.booleans(), min_size=5, max_size=5))
@settings(max_examples=40, deadline=None)
def test_the_screen_is_as_textual_would_have_left_it(made: list[Update], left_out: list[bool]) -> None:
    theirs, ours, frames = Glass(WIDTH, HEIGHT), Glass(WIDTH, HEIGHT), Frames()
    for update, without in zip(made, left_out, strict=False):
        theirs.feed(stock(update))
        frames.take(update, ColorSystem.EIGHT_BIT)
        if not without:
            ours.feed(frames.frame().encode())
            assert ours.cells == theirs.cells
    ours.feed(frames.frame().encode())
    assert ours.cells == theirs.cells
    assert not frames.frame()


def whole(*lines: str, style: Style | None = None) -> LayoutUpdate:
    width = max(map(len, lines))
    return LayoutUpdate([[strip_of([(text, style)], width)] for text in lines], Region(0, 0, width, len(lines)))


def frame(frames: Frames, update: Update) -> str:
    frames.take(update, ColorSystem.EIGHT_BIT)
    return frames.frame()


def test_only_what_differs_is_sent() -> None:
    frames = Frames()
    frame(frames, whole("one job runs", "another one "))
    assert frame(frames, whole("one job runs", "another one ")) == ""
    assert frame(frames, whole("one job ends", "another one ")) == "\x1b[1;9Hend"
    assert frame(frames, whole("One job endS", "another one ")) == "\x1b[1;1HO\x1b[10CS"


def test_all_is_sent_again_when_nobody_knows_what_stands_there() -> None:
    frames = Frames()
    first = frame(frames, whole("one", "two"))
    assert not frames.frame()
    frames.forget()
    assert frames.frame() == first == "\x1b[1;1Hone\x1b[2;1Htwo"


def test_another_size_is_another_screen() -> None:
    frames = Frames()
    frame(frames, whole("one", "two"))
    assert frame(frames, whole("one", "two", "six")) == "\x1b[1;1Hone\x1b[2;1Htwo\x1b[3;1Hsix"


def test_behind_what_terminals_may_measure_otherwise_the_cursor_is_placed_anew() -> None:
    assert frame(Frames(), whole("a☀b")) == "\x1b[1;1Ha☀\x1b[1;3Hb"


def test_a_wide_sign_that_a_terminal_gives_one_cell_leaves_nothing_old_beside_it() -> None:
    assert frame(Frames(), whole("a🚀b ", "夜夜")) == "\x1b[1;1Ha  \x1b[1;2H🚀\x1b[1;4Hb\x1b[2;1H夜夜"


def test_who_draws_no_more_sends_no_more() -> None:
    frames = Frames()
    frame(frames, whole("one"))
    frames.drop()
    frames.forget()
    assert not frames.frame()


def test_no_control_character_gets_through() -> None:
    assert frame(Frames(), whole("a\x1b]0;x\x07\x9bb")) == "\x1b[1;1Ha?]0;x??b"


def test_a_pen_says_no_more_than_what_changes() -> None:
    grey, red = pen_of(STYLES[3], ColorSystem.EIGHT_BIT), pen_of(Style.parse("dim red"), ColorSystem.EIGHT_BIT)
    assert grey.after(grey) == ""
    assert red == Pen("2", "31", "")
    assert PLAIN.after(red) == "\x1b[0m"
    assert Pen("", "31", "44").after(Pen("", "31", "")) == "\x1b[44m"
    assert Pen("", "31", "").after(Pen("", "32", "44")) == "\x1b[31;49m"


class Watched(Board):
    """A board that keeps what Textual wanted to be sent."""

    def __init__(self) -> None:
        super().__init__(demo_door(), options=BoardOptions())
        self.seen: list[RenderableType | None] = []

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        self.seen.append(renderable)
        super()._display(screen, renderable)


async def test_a_whole_board_looks_the_same_for_a_tenth_of_the_bytes() -> None:
    app = Watched()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("j", "j", "slash", "a", "escape", "question_mark", "escape", "space", "G")
        await pilot.pause()
    seen = [update for update in app.seen if update is not None]
    assert len(seen) > 8
    assert all(isinstance(update, KNOWN_UPDATES) for update in seen), "Textual draws otherwise than we know"
    theirs, ours, frames, sizes = Glass(100, 30), Glass(100, 30), Frames(), [0, 0]
    for update in seen:
        assert isinstance(update, KNOWN_UPDATES)
        frames.take(update, ColorSystem.EIGHT_BIT)
        for at, (glass, sent) in enumerate([(theirs, stock(update)), (ours, frames.frame().encode())]):
            glass.feed(sent)
            sizes[at] += len(sent)
        assert ours.text == theirs.text
        assert ours.cells == theirs.cells
    assert sizes[1] < sizes[0] / 4


@pytest.mark.parametrize("name", ["_display", "_driver", "_running", "_batch_count"])
def test_textual_still_draws_through_what_we_take_over(name: str) -> None:
    assert list(inspect.signature(App._display).parameters) == ["self", "screen", "renderable"]
    assert "app._display(self, update)" in inspect.getsource(Screen._compositor_refresh)
    assert hasattr(App(), name)


def test_what_is_taken_for_one_cell_a_character_is() -> None:
    """All of the Basic Multilingual Plane that passes for it."""
    taken = [chr(number) for number in range(0x10000) if NARROW.fullmatch(chr(number))]
    assert len(taken) > 1000
    assert all(cell_len(character) == 1 for character in taken)
