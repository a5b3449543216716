"""The board looks as it was recorded: every cell and its style in four sizes and four looks, and the pictures.

When it shall look otherwise: `python -m tests.make_screenshots`, then read the difference before it is kept.
"""

from __future__ import annotations

import pytest

from tests.board.scenes import RECORD, SIZES, Look, draw, plain_terminal


@pytest.mark.parametrize("look", Look)
async def test_the_board_looks_as_recorded(look: Look) -> None:
    with plain_terminal():
        screens = [drawn async for drawn in draw(look)]
    assert len(screens) == len(SIZES)
    for drawn, (width, height) in zip(screens, SIZES, strict=True):
        assert drawn.widths == [width] * height
        assert drawn.snapshot.read_text("utf-8") == drawn.cells, f"{drawn.name} has changed; {RECORD} records it"
        if drawn.picture is not None:
            assert drawn.svg.read_text("utf-8") == drawn.picture, f"{drawn.svg.name} is old; {RECORD} draws it"
