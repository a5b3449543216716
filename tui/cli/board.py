"""`jobdeck`: opens the board on the engine, and writes it down where that is wished."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli import garbage
from tui.cli.board_end import block_signals, end_on_signals, unblock_signals
from tui.cli.board_look import options_for, tmux
from tui.cli.context import paths_of, surroundings, whole_path
from tui.cli.terminal import board_trouble
from tui.clock import SystemClock
from tui.errors import UsageError

if TYPE_CHECKING:
    from tui.config import Config
    from tui.engine.door import Door
    from tui.engine.late import LateEngine
    from tui.engine.recording.recorder import Recorder
    from tui.engine.surroundings import Surroundings
    from tui.paths import Paths
    from tui.screens.desktop import Desktop
    from tui.screens.options import BoardOptions


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
    record: Path | None = None
    """A new file that all is written into that the board is told."""
    on_door: Callable[[Door], None] = lambda _: None
    on_hard_exit: Callable[[], None] = _nothing
    on_demo: Callable[[], None] = _nothing


def run(options: Namespace) -> int:
    """Open the board on the user's own connections."""
    from tui import config  # noqa: PLC0415  # the refusal below is told without loading anything

    refuse_without_terminal()
    garbage.hold()
    paths = paths_of(options)
    read = config.load(paths.config)
    refuse_wrong_keys(read, paths.config)
    opening = Opening(
        config=read,
        paths=paths,
        around=surroundings(options),
        mouse=not options.no_mouse,
        record=recording_of(options),
        on_demo=lambda: become(demo_command(read_only=options.read_only)),
    )
    return open_board(opening)


def recording_of(options: Namespace) -> Path | None:
    """The file that `--record` names. Raises UsageError."""
    return whole_path(options.record) if options.record is not None else None


def demo_command(*, read_only: bool) -> list[str]:
    """The command that opens the demo with the same Python."""
    return [sys.executable, "-m", "tui", *(["--read-only"] if read_only else []), "--demo"]


def become(command: list[str]) -> None:
    """Put another program in the place of this one, which hears signals as a new one does."""
    unblock_signals()
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
    garbage.hold()
    preload()
    from tui.app import Board  # noqa: PLC0415  # Textual, for the board alone
    from tui.cli.log import start_log  # noqa: PLC0415
    from tui.engine.late import LateEngine  # noqa: PLC0415

    opening.paths.make_state()
    start_log(opening.paths.log, with_requests=opening.paths.log_file is not None)
    block_signals()
    door = LateEngine(opening.config, opening.paths.database, opening.around)
    recorder = _recorder(opening, door)
    try:
        door.start()
        app = Board(door, options=_options(opening, door, recorder))
        end_on_signals(app, opening.on_hard_exit)
        opening.on_door(door)
        result = app.run(mouse=opening.mouse and opening.config.ui.mouse)
    finally:
        door.close()
        if recorder is not None:
            recorder.close()
    if app.board.wants_demo:
        opening.on_demo()
    return app.return_code or result or 0


def _options(opening: Opening, door: LateEngine, recorder: Recorder | None) -> BoardOptions:
    look = options_for(opening.config, opening.paths, SystemClock())
    return replace(
        look,
        read_only=opening.around.read_only,
        notify=opening.config.notify,
        desktop=_desktop(opening),
        demo_folder=opening.demo_folder,
        view_file=None if opening.demo_folder else opening.paths.view,
        recording=None if recorder is None else lambda: recorder.is_on,
        on_painted=lambda: _begin(door),
    )


def _recorder(opening: Opening, door: LateEngine) -> Recorder | None:
    """What writes down all that the board is told; None where nobody wants that. Raises UsageError."""
    if opening.record is None:
        return None
    from tui.engine.recording.recorder import Recorder  # noqa: PLC0415  # only for who records

    recorder = Recorder(opening.record, opening.paths.database, opening.config.filters, SystemClock(), door.tell)
    door.copy_changes(recorder.outbox)
    recorder.start()
    return recorder


def _begin(door: LateEngine) -> None:
    """The first screen is painted."""
    garbage.begin()
    door.begin()


def _desktop(opening: Opening) -> Callable[[], Awaitable[Desktop | None]] | None:
    """What finds the way to the operator's own desktop; None where nothing is to be shown there."""
    from tui.screens.desktop import desktop_of  # noqa: PLC0415

    return None if opening.config.notify.desktop == "off" else lambda: desktop_of(os.environ, tmux(os.environ))
