"""Records how the board looks: `screenshots/` and `tests/board/snapshots/`.

`python -m tests.make_screenshots` draws one morning at five vendors, with a clock that stands still, so that the same
board gives the same bytes; `tests/board/test_snapshots.py` compares. It takes a few seconds.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.board.scenes import PICTURES, SNAPSHOTS, draw_all, plain_terminal


async def record() -> None:
    """Write everything anew."""
    SNAPSHOTS.mkdir(exist_ok=True)
    PICTURES.mkdir(exist_ok=True)
    async for drawn in draw_all():
        _write(drawn.snapshot, drawn.cells)
        if drawn.picture is not None:
            _write(drawn.svg, drawn.picture)


def _write(path: Path, text: str) -> None:
    is_new = not path.exists() or path.read_text("utf-8") != text
    path.write_text(text, "utf-8")
    print(f"{'changed' if is_new else 'as it was'}  {path.name}")  # noqa: T201


def main() -> None:
    """Record, and say what has changed."""
    with plain_terminal():
        asyncio.run(record())


if __name__ == "__main__":
    main()
