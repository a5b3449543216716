"""A board on a fake engine in a real terminal; started by test_terminal.py. `crash` makes a key break it."""

from __future__ import annotations

import ctypes
import signal
import sys

from tests.board.demo import demo_door
from tui.app import Board, BoardOptions
from tui.engine.facts.jobs import Action
from tui.model import Job


def end_with_the_test() -> None:
    """Without its terminal Textual spins for ever: a test run that is killed must take its board along (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def main() -> int:
    end_with_the_test()
    door = demo_door(extra=20)
    if "crash" in sys.argv:

        def broken(action: Action, job: Job) -> str | None:
            secret_local = "hunter2" + "secret"
            if action is Action.REFRESH:
                raise KeyError(len(secret_local))
            return None

        door.why_not = broken  # type: ignore[method-assign]  # the engine's bug to be survived
    theme = "ansi" if "ansi" in sys.argv else "jobdeck"
    app = Board(door, options=BoardOptions(theme=theme, ascii="ascii" in sys.argv))
    app.run()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
