"""Notices for the operator's desktop: which way which terminal is told, and that no text breaks out of them."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tui.screens.desktop import Desktop, Way, desktop_of, way_of
from tui.screens.xterm import speaks_xterm

EVIL = "a;b\x1b]52;c;x\x07\x9c\x1b\\ \u202e"
PLAIN = "a,b␛]52,c,x␇�␛\\ �"


@pytest.mark.parametrize(
    ("environ", "way"),
    [
        ({"TERM_PROGRAM": "iTerm.app"}, Way.OSC_9),
        ({"LC_TERMINAL": "iTerm2", "TERM": "xterm-256color"}, Way.OSC_9),
        ({"TERM_PROGRAM": "WezTerm"}, Way.OSC_777),
        ({"TERM_PROGRAM": "ghostty"}, Way.OSC_777),
        ({"VTE_VERSION": "7203"}, Way.OSC_777),
        ({"WT_SESSION": "x"}, Way.OSC_777),
        ({"TERM": "foot-extra"}, Way.OSC_777),
        ({"TERM": "xterm-kitty"}, Way.OSC_99),
        ({"KITTY_WINDOW_ID": "1"}, Way.OSC_99),
        ({"TERM": "xterm-256color"}, None),
        ({"TERM_PROGRAM": "vscode"}, None),
        ({"ConEmuANSI": "ON", "WT_SESSION": "x"}, None),
        ({"STY": "1.pts", "TERM": "screen", "VTE_VERSION": "7203"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_each_terminal_is_told_its_way(environ: dict[str, str], way: Way | None) -> None:
    assert way_of(environ) is way


@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("in_tmux", [False, True])
def test_no_text_ends_a_sequence_or_begins_one(way: Way, *, in_tmux: bool) -> None:
    plain, evil = (Desktop(way, in_tmux).sequence(text, text) for text in (PLAIN, EVIL))
    assert plain == evil


def test_the_sequences() -> None:
    title, body = (base64.b64encode(text).decode() for text in (b"A", b"failed"))
    assert Desktop(Way.OSC_9).sequence("4;1", "failed") == "\x1b]9;jobdeck: 4,1: failed\x07"
    assert Desktop(Way.OSC_777).sequence("A", "failed") == "\x1b]777;notify;A;failed\x1b\\"
    kitty = f"\x1b]99;i=jobdeck:d=0:e=1;{title}\x1b\\\x1b]99;i=jobdeck:d=1:e=1:p=body;{body}\x1b\\"
    assert Desktop(Way.OSC_99).sequence("A", "failed") == kitty
    wrapped = "\x1bPtmux;\x1b\x1b]777;notify;A;failed\x1b\x1b\\\x1b\\"
    assert Desktop(Way.OSC_777, in_tmux=True).sequence("A", "failed") == wrapped


@pytest.mark.parametrize(
    ("answer", "way"),
    [
        ("1|foot(1.16.2)|xterm-256color", Way.OSC_777),
        ("1||xterm-kitty", Way.OSC_99),
        ("0|foot(1.16.2)|foot", None),
        ("1|XTerm(379)|xterm-256color", None),
        ("", None),
    ],
)
async def test_tmux_is_asked_what_it_lets_through(tmp_path: Path, answer: str, way: Way | None) -> None:
    tmux = tmp_path / "tmux"
    tmux.write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/argv\necho "{answer}"\n')
    tmux.chmod(0o755)
    environ = {"TERM_PROGRAM": "iTerm.app"}  # of the terminal that tmux was started in, maybe days ago
    assert await desktop_of(environ, str(tmux)) == (way and Desktop(way, in_tmux=True))
    assert (tmp_path / "argv").read_text().startswith("display-message -p #{allow-passthrough}|")


async def test_a_tmux_that_is_gone_has_no_desktop(tmp_path: Path) -> None:
    assert await desktop_of({}, str(tmp_path / "none")) is None
    assert await desktop_of({"TERM_PROGRAM": "WezTerm"}, None) == Desktop(Way.OSC_777)


@pytest.mark.parametrize(("term", "has"), [("xterm-256color", True), ("tmux", True), ("linux", False), ("", False)])
def test_which_terminals_take_what_xterm_takes(term: str, *, has: bool) -> None:
    assert speaks_xterm({"TERM": term}) is has
