"""Copying a link's command: asked for on purpose, and the toast names the way that it went."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.board.conftest import Open
from tests.board.fakes import CONNECTIONS, FakeDoor, make_job
from tui.errors import JobdeckError
from tui.model import JobKey, JobState, Output, OutputKind
from tui.screens.confirm import Confirm

KEY = JobKey("orchestrator:id-0001")
LINK = Output("package", OutputKind.LINK, value="fasp://host/***")
TEXT = " TS=token-canary ascli download"


def the_door(*outputs: Output) -> FakeDoor:
    job = make_job(1, JobState.SUCCEEDED, connection="orchestrator", vendor="aspera", outputs=outputs or (LINK,))
    return FakeDoor([job], CONNECTIONS)


def asked(door: FakeDoor) -> list[object]:
    return [wish for name, wish in door.calls if name == "hand_over_command"]


async def test_it_is_asked_and_goes_to_the_terminal(lab: Open) -> None:
    async with lab(the_door()) as one:
        await one.press("o")
        assert "y copies its command" in one.screen_text()
        await one.press("y")
        assert one.is_open(Confirm)
        assert "It holds the link's token" in one.screen_text()
        assert asked(one.door) == []
        await one.press("y")
        assert asked(one.door) == [(KEY, "package", None)]
        assert one.app.clipboard == TEXT
        assert "the ascli command was sent to the terminal's clipboard (OSC 52)" in one.toasts()
        assert "canary" not in one.toasts() + one.screen_text()


async def test_no_copies_nothing(lab: Open) -> None:
    async with lab(the_door()) as one:
        await one.press("o", "y", "escape")
        assert asked(one.door) == []
        assert one.app.clipboard == ""


async def test_what_is_no_link_has_no_command(lab: Open) -> None:
    async with lab(the_door(Output("a.zip"))) as one:
        await one.press("o", "y")
        assert "Only a link has a command to copy." in one.screen_text()


async def test_an_error_is_told_and_nothing_is_copied(lab: Open) -> None:
    door = the_door()
    door.refuses = JobdeckError("the vendor names no link package any more", hint="refresh the job")
    async with lab(door) as one:
        await one.press("o", "y", "y")
        assert "names no link package any more\nrefresh the job" in one.toasts()
        assert one.app.clipboard == ""


@pytest.mark.parametrize(("ends", "by_tmux"), [(0, True), (1, False)])
async def test_inside_tmux_it_goes_through_tmux_and_not_as_an_argument(
    lab: Open, tmp_path: Path, ends: int, *, by_tmux: bool
) -> None:
    tmux = tmp_path / "tmux"
    tmux.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/argv\ncat > {tmp_path}/stdin\nexit {ends}\n')
    tmux.chmod(0o755)
    async with lab(the_door(), tmux=str(tmux)) as one:
        await one.press("o", "y", "y")
        await one.app.workers.wait_for_complete()
        assert ("went into tmux's paste buffer" in one.toasts()) is by_tmux
        assert ("(OSC 52)" in one.toasts()) is not by_tmux
        assert one.app.clipboard == ("" if by_tmux else TEXT)
    assert (tmp_path / "argv").read_text() == "load-buffer -w -\n"
    assert (tmp_path / "stdin").read_text() == TEXT


async def test_a_tmux_that_is_gone_is_no_error(lab: Open, tmp_path: Path) -> None:
    async with lab(the_door(), tmux=str(tmp_path / "none")) as one:
        await one.press("o", "y", "y")
        await one.app.workers.wait_for_complete()
        assert one.app.clipboard == TEXT
