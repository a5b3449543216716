"""`jobdeck --replay` in a real terminal: no config that can be used, no state, no keyring."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.engine.recording.night import night
from tests.realparts import require
from tests.terminal import CLEAN, Terminal
from tui.cli.replay import say_if_long


def test_a_recording_is_played_without_anything_else(jobdeck: Command, tmp_path: Path) -> None:
    require("tmux")
    night(tmp_path / "night")
    jobdeck.config.write_text("this is no config")
    terminal = Terminal(
        tmp_path / "tmux", 80, 24, jobdeck.environment() | {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
    )
    try:
        terminal.run(sys.executable, "-m", "tui", "--replay", str(tmp_path / "night"), "--speed", "8")
        assert " 8x " in terminal.wait("replay ")
        terminal.type(">")
        terminal.wait("here the recording ends: the board was closed")
        terminal.type("q")
        terminal.wait("EXIT 0")
        assert terminal.flags() == CLEAN
    finally:
        terminal.close()
    assert not jobdeck.state.exists()


def test_a_large_recording_is_not_looked_through_in_silence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "night"
    for length, told in ((1000, ""), (7_300_000, "jobdeck: looking through 7.3 MB of recording\n")):
        path.touch()
        os.truncate(path, length)
        say_if_long(Namespace(quiet=False), path)
        assert capsys.readouterr().err == told
    say_if_long(Namespace(quiet=False), tmp_path / "nowhere")
