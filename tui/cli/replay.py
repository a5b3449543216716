"""`jobdeck --replay FILE`: the board as it was recorded. Asks nobody; needs no state, no keyring, no network."""

from __future__ import annotations

from argparse import Namespace
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli import garbage
from tui.cli.board import preload, refuse_without_terminal, refuse_wrong_keys
from tui.cli.board_end import block_signals, end_on_signals
from tui.cli.board_look import options_for
from tui.cli.context import paths_of, whole_path
from tui.cli.notes import note
from tui.clock import SystemClock
from tui.errors import ConfigError
from tui.wording import size

if TYPE_CHECKING:
    from tui.config import Config
    from tui.paths import Paths

_TICK_SECONDS = 1.0
"""How often the recorded time moves on the screen."""
_LONG = 5_000_000
"""Bytes of a recording from which on to look through it takes more than a second."""


def run(options: Namespace) -> int:
    """Look through the recording, then open the board on it."""
    from tui.engine.recording.player import Player  # noqa: PLC0415  # only for who replays
    from tui.engine.recording.reader import read_recording  # noqa: PLC0415
    from tui.engine.recording.replay import ReplayDoor  # noqa: PLC0415

    refuse_without_terminal()
    garbage.hold()
    path = whole_path(options.replay)
    say_if_long(options, path)
    recording = read_recording(path)
    preload()
    from tui.app import Board  # noqa: PLC0415  # Textual, for the board alone
    from tui.config import Notify  # noqa: PLC0415

    paths = paths_of(options)
    config = _own_look(paths)
    player = Player(recording, SystemClock(), options.speed or 1.0)
    look = options_for(config, paths, player)
    silent = Notify(bell=False, desktop="off")
    block_signals()
    app = Board(ReplayDoor(player), options=replace(look, replay=player, notify=silent, tick_seconds=_TICK_SECONDS))
    end_on_signals(app, lambda: None)
    result = app.run(mouse=not options.no_mouse and config.ui.mouse)
    return app.return_code or result or 0


def say_if_long(options: Namespace, path: Path) -> None:
    """To look through a large recording takes its time."""
    with suppress(OSError):  # told by who reads it
        if (length := path.stat().st_size) > _LONG:
            note(options, f"looking through {size(length)} of recording")


def _own_look(paths: Paths) -> Config:
    """The user's theme and keys, where there is a config that can be read: a replay needs none."""
    from tui.config import Config, load  # noqa: PLC0415

    try:
        config = load(paths.config)
        refuse_wrong_keys(config, paths.config)
    except ConfigError:
        return Config()
    return config
