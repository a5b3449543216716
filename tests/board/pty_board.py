"""A board on a fake engine in a real terminal; started by test_terminal.py. `crash` makes a key break it."""

from __future__ import annotations

import os
import sys

from tests.board.demo import demo_door
from tui.app import Board, BoardOptions
from tui.cli.terminal import has_colours
from tui.engine.facts.jobs import Action
from tui.model import Job, Safe


def main() -> int:
    door = demo_door(extra=20)
    if "crash" in sys.argv:

        def broken(action: Action, job: Job) -> Safe | None:
            secret_local = "hunter2" + "secret"
            if action is Action.REFRESH:
                raise KeyError(len(secret_local))
            return None

        door.why_not = broken  # type: ignore[method-assign]  # the engine's bug to be survived
    theme = next((name for name in ("ansi", "auto") if name in sys.argv), "jobdeck")
    no_color = not has_colours(os.environ)
    options = BoardOptions(
        theme=theme, ascii="ascii" in sys.argv, no_color=no_color, window_title=True, asks_background=True
    )
    app = Board(door, options=options)
    app.run()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
