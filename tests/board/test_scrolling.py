"""A key held down in a list costs little: lines that scroll are not made anew, nor is the scroll bar."""

from __future__ import annotations

import inspect

from textual._styles_cache import StylesCache
from textual.geometry import Region
from textual.widget import Widget

from tests.board.conftest import Lab, Open
from tests.board.fakes import FakeDoor, make_jobs
from tui.widgets.glyphs import UNICODE
from tui.widgets.paint import thumb_at


def thumb_seen(lab: Lab) -> tuple[int, int]:
    bar = lab.table.vertical_scrollbar
    rows = [strip.text for strip in bar.render_lines(Region(0, 0, 1, bar.size.height))]
    return rows.index(UNICODE.thumb), rows.count(UNICODE.thumb)


async def test_the_scroll_bar_shows_where_one_is(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(100))) as one:
        bar, places = one.table.vertical_scrollbar, []
        for place in (0, 19, 20, 60, 99):
            one.table.move_to(place)
            await one.settle()
            assert bar.position == one.table.scroll_y
            places.append(thumb_seen(one))
            assert places[-1] == thumb_at(bar.size.height, bar.window_virtual_size, bar.window_size, bar.position)
        assert places[0][0] == 0
        assert sum(places[-1]) == bar.size.height


async def test_a_line_that_scrolls_is_not_made_anew(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(100))) as one:
        whole = Region(0, 0, one.table.region.width, one.table.region.height)
        before = one.table.render_lines(whole)
        one.table.scroll_to(y=2, animate=False, force=True)
        await one.settle()
        after = one.table.render_lines(whole)
        head, cursor = 1, 1
        kept = before[head + 2 + cursor :]
        assert len(kept) > 5
        assert all(old is new for old, new in zip(kept, after[head + cursor :], strict=False))


def test_textual_still_draws_lines_through_what_is_taken_over() -> None:
    names = list(inspect.signature(StylesCache.render_line).parameters)
    assert names.index("y") == 1 + 1
    assert names.index("content_size") == 1 + 3
    assert names.index("base_background") == 1 + 5
    assert names.index("background") == 1 + 6
    assert names.index("render_content_line") == 1 + 7
    assert isinstance(Widget()._styles_cache, StylesCache)
