"""`jobdeck`: opens the board, and sees to it that every way out leaves a clean terminal (facts: SSH, section 2)."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.context import paths_of, surroundings
from tui.cli.terminal import board_trouble, has_colours, wants_ascii
from tui.errors import UsageError

if TYPE_CHECKING:
    from tui.app import Board
    from tui.config import Config
    from tui.engine.door import Door
    from tui.engine.surroundings import Surroundings
    from tui.model import Job
    from tui.paths import Paths
    from tui.screens.desktop import Desktop

_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_PATIENCE = 3.0
"""Seconds that a board is given to end by itself before the process is ended the hard way."""


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Opening:
    """How a board is to be opened.

    `on_door` is called when the board is read, `on_hard_exit` before `os._exit`, `on_demo` when all is closed and the
    user left for the demo.
    """

    config: Config
    paths: Paths
    around: Surroundings
    mouse: bool = True
    """Whether the board takes the mouse, as far as config.toml lets it."""
    demo_folder: Path | None = None
    on_door: Callable[[Door], None] = lambda _: None
    on_hard_exit: Callable[[], None] = _nothing
    on_demo: Callable[[], None] = _nothing


def run(options: Namespace) -> int:
    """Open the board on the user's own connections."""
    from tui import config  # noqa: PLC0415  # the refusal below is told without loading anything

    refuse_without_terminal()
    gc.disable()  # what is loaded now stays: to look through it again and again is a sixth of the start
    paths = paths_of(options)
    read = config.load(paths.config)
    refuse_wrong_keys(read, paths.config)
    opening = Opening(
        config=read,
        paths=paths,
        around=surroundings(options),
        mouse=not options.no_mouse,
        on_demo=lambda: become(demo_command(read_only=options.read_only)),
    )
    return open_board(opening)


def demo_command(*, read_only: bool) -> list[str]:
    """The command that opens the demo with the same Python."""
    return [sys.executable, "-m", "tui", *(["--read-only"] if read_only else []), "--demo"]


def become(command: list[str]) -> None:
    """Put another program in the place of this one, which hears signals as a new one does."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    os.execv(command[0], command)  # noqa: S606  # our own command


def refuse_without_terminal() -> None:
    """Raise UsageError where the board cannot be drawn."""
    if trouble := board_trouble():
        raise UsageError(trouble, hint="for scripts there are jobdeck list, watch and download; see --help")


def refuse_wrong_keys(read: Config, path: Path) -> None:
    """Raise ConfigError for `[keys]` that name no action, no key, or the key of another action."""
    if not read.keys:
        return
    from tui import config  # noqa: PLC0415
    from tui.widgets.rebinding import key_trouble  # noqa: PLC0415  # Textual, for the board alone

    if trouble := key_trouble(read.keys):
        raise config.wrong_key(path, trouble.name, trouble.message)


def preload() -> None:
    """Load the screen's rooms, a third of a second's work, while something else is waited for."""
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    import tui.app  # noqa: F401, PLC0415


def open_board(opening: Opening) -> int:
    """Run the engine and the board; returns the exit code."""
    gc.disable()
    preload()
    from tui.app import Board, BoardOptions  # noqa: PLC0415  # Textual, for the board alone
    from tui.cli.log import start_log  # noqa: PLC0415
    from tui.engine.late import LateEngine  # noqa: PLC0415
    from tui.screens.clipboard import CopyWays, takes_osc52  # noqa: PLC0415
    from tui.screens.window_title import has_title  # noqa: PLC0415

    opening.paths.make_state()
    start_log(opening.paths.log, with_requests=opening.paths.log_file is not None)
    # Blocked before any thread is made, so that all of them inherit it and only `sigwait` hears these signals: with
    # handlers, a line that stalled and then dropped leaves a process that spins for ever.
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    door = LateEngine(opening.config, opening.paths.database, opening.around)
    door.start()
    tmux = shutil.which("tmux") if os.environ.get("TMUX") else None
    try:
        app = Board(
            door,
            options=BoardOptions(
                theme=opening.config.ui.theme,
                ascii=wants_ascii(opening.config.ui.glyphs, os.environ, getattr(sys.__stderr__, "encoding", None)),
                no_color=bool(os.environ.get("NO_COLOR")) or not has_colours(os.environ),
                read_only=opening.around.read_only,
                notify=opening.config.notify,
                desktop=_desktop(opening, tmux),
                window_title=opening.config.ui.window_title and has_title(os.environ),
                key_map=opening.config.keys,
                demo_folder=opening.demo_folder,
                view_file=None if opening.demo_folder else opening.paths.view,
                columns=opening.config.ui.columns,
                copy_ways=CopyWays(tmux, takes_osc52(os.environ), opening.paths.state / "copied"),
                row_json=_row_json,
                on_painted=door.begin,
            ),
        )
        threading.Thread(target=_end_on_signal, args=(app, opening), name="signals", daemon=True).start()
        opening.on_door(door)
        gc.freeze()
        gc.enable()
        result = app.run(mouse=opening.mouse and opening.config.ui.mouse)
    finally:
        door.close()
    if app.board.wants_demo:
        opening.on_demo()
    return app.return_code or result or 0


def _row_json(job: Job) -> str:
    from tui.cli.as_json import job_json, one_line  # noqa: PLC0415  # only for who copies rows
    from tui.cli.context import now  # noqa: PLC0415

    return one_line(job_json(job, now()))


def _desktop(opening: Opening, tmux: str | None) -> Callable[[], Awaitable[Desktop | None]] | None:
    """What finds the way to the operator's own desktop; None where nothing is to be shown there."""
    from tui.screens.desktop import desktop_of  # noqa: PLC0415

    return None if opening.config.notify.desktop == "off" else lambda: desktop_of(os.environ, tmux)


def _end_on_signal(app: Board, opening: Opening) -> None:
    code = 128 + signal.sigwait(_SIGNALS)
    threading.Thread(target=_end_hard, args=(code, opening), name="hard exit", daemon=True).start()
    app.call_from_thread(app.exit, return_code=code)


def _end_hard(code: int, opening: Opening) -> None:
    """The screen's loop may be stuck writing to a dead terminal; everything that must survive is on the disk."""
    time.sleep(_PATIENCE)
    opening.on_hard_exit()
    os._exit(code)
