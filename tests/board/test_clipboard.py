"""Copying a link's command: asked for on purpose, and the toast names the way that it went."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.board.conftest import SMALL, Open
from tests.board.fakes import CONNECTIONS, FakeDoor, make_job
from tui.errors import JobdeckError
from tui.model import JobKey, JobState, Output, OutputKind
from tui.screens.clipboard import Clipboard, CopyWays, takes_osc52
from tui.screens.confirm import Confirm

KEY = JobKey("orchestrator:id-0001")
KEY_1 = "aps-prod:id-0001"
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
    async with lab(the_door(), copy_ways=CopyWays(str(tmux))) as one:
        await one.press("o", "y", "y")
        await one.app.workers.wait_for_complete()
        assert ("went into tmux's paste buffer" in one.toasts()) is by_tmux
        assert ("(OSC 52)" in one.toasts()) is not by_tmux
        assert one.app.clipboard == ("" if by_tmux else TEXT)
    assert (tmp_path / "argv").read_text() == "load-buffer -w -\n"
    assert (tmp_path / "stdin").read_text() == TEXT


async def test_a_tmux_that_is_gone_is_no_error(lab: Open, tmp_path: Path) -> None:
    async with lab(the_door(), copy_ways=CopyWays(str(tmp_path / "none"))) as one:
        await one.press("o", "y", "y")
        await one.app.workers.wait_for_complete()
        assert one.app.clipboard == TEXT


async def test_each_thing_is_copied_by_its_key_as_it_is_shown(lab: Open) -> None:
    door = FakeDoor([make_job(1, title="=1+1"), make_job(2)], CONNECTIONS)
    async with lab(door, SMALL, row_json=lambda job: f'{{"key":"{job.key}"}}') as one:
        texts: dict[str, str] = {}
        for key in "ikc123456":
            await one.press("y", key)
            await one.app.workers.wait_for_complete()
            texts[key] = one.app.clipboard
        assert "the table of 2 rows was sent to the terminal's clipboard (OSC 52)" in one.toasts()
    assert [texts[key] for key in "ikc"] == ["id-0001", KEY_1, f"curl https://vendor.example/{KEY_1}"]
    assert texts["2"] == f'[\n{{"key":"{KEY_1}"}}\n]\n'
    assert texts["5"] == f'[\n{{"key":"{KEY_1}"}},\n{{"key":"aps-prod:id-0002"}}\n]\n'
    assert [len(texts[key].splitlines()) for key in "1346"] == [2, 3, 3, 4]
    assert [("'=1+1" in texts[key], "job 0002" in texts[key]) for key in "14"] == [(True, False), (True, True)]


async def test_marked_rows_go_together(lab: Open) -> None:
    async with lab(FakeDoor([make_job(1), make_job(2), make_job(3)], CONNECTIONS), SMALL) as one:
        await one.press("space", "space", "y", "k")
        await one.app.workers.wait_for_complete()
        assert one.app.clipboard == "aps-prod:id-0001\naps-prod:id-0002"
        assert "the keys of 2 jobs" in one.toasts()


async def test_a_link_is_asked_for_and_never_shown_or_written_down(lab: Open, tmp_path: Path) -> None:
    async with lab(the_door(), SMALL, copy_ways=CopyWays(osc52=False, folder=tmp_path / "copied")) as one:
        await one.press("y", "l")
        assert one.is_open(Confirm)
        await one.press("escape")
        assert "link" not in one.door.names()
        await one.press("y", "l", "y")
        await one.app.workers.wait_for_complete()
        assert one.door.calls[-1] == ("link", (KEY, "package"))
        assert "canary" not in one.toasts() + one.screen_text()
        assert "a secret is not written to a file" in one.toasts()
        assert not (tmp_path / "copied").exists()


async def test_what_cannot_be_had_says_why(lab: Open) -> None:
    async with lab(FakeDoor([make_job(1)], CONNECTIONS), SMALL) as one:
        await one.press("y")
        assert "not now: its vendor gives no link" in one.screen_text()
        await one.press("l")
        assert one.top is not one.board
        await one.press("p", "escape")
        assert one.door.names() == []


class Terminal:
    """What a terminal was sent."""

    def __init__(self) -> None:
        self.text = ""

    def copy_to_clipboard(self, text: str) -> None:
        self.text = text


@pytest.mark.parametrize(("osc52", "length", "why"), [(False, 5, "takes no clipboard text"), (True, 80_000, "80.0 kB")])
async def test_what_the_terminal_does_not_take_goes_to_a_private_file(
    tmp_path: Path, length: int, why: str, *, osc52: bool
) -> None:
    terminal, folder = Terminal(), tmp_path / "copied"
    way = await Clipboard(terminal, CopyWays(osc52=osc52, folder=folder)).put("é" * (length // 2))
    (file,) = folder.iterdir()
    assert file.read_text() == "é" * (length // 2)
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert way.startswith(f"is in {file}: ")
    assert why in way
    assert terminal.text == ""


async def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "copied").touch()
    way = await Clipboard(Terminal(), CopyWays(osc52=False, folder=tmp_path / "copied")).put("x")
    assert way.startswith("went nowhere: this terminal takes no clipboard text, and no file can be written: ")


async def test_the_part_of_the_report_on_the_screen(lab: Open) -> None:
    door = FakeDoor([make_job(1, JobState.SUCCEEDED, has_report=True)], CONNECTIONS)
    async with lab(door) as one:
        await one.press("r")
        await one.press("y", "p")
        await one.app.workers.wait_for_complete()
        assert one.app.clipboard.splitlines()[0].strip() == "[03/02/2026 08:15:05] Job information:"
        assert 2 < len(one.app.clipboard.splitlines()) < 20


@pytest.mark.parametrize(
    ("environ", "takes"),
    [({"TERM": "xterm"}, True), ({"TERM": "linux"}, False), ({"TERM": "screen", "STY": "1"}, False)],
)
def test_where_osc_52_is_dropped(environ: dict[str, str], *, takes: bool) -> None:
    assert takes_osc52(environ) is takes
