"""The README's first command in a real terminal: what a stranger sees, and what is left afterwards."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import DEMO, OpenTerminal
from tests.terminal import CLEAN, Terminal, wait_for

SIZES = [(80, 24), (120, 40), (200, 60)]
NAMES = ("aps-prod", "windfarm", "orchestrator", "sourcing", "plant")
_FROZEN = 10.0
"""Seconds: half of what a vendor that says nothing is given. A screen that waited for one would stand for longer."""


def start(terminal: Terminal) -> Terminal:
    terminal.run(*DEMO)
    terminal.wait("acme.ExportFbx")
    return terminal


def left_behind(folder: str) -> list[str]:
    return [path.name for path in Path(folder).iterdir()]


def descendants(pid: int) -> Iterator[int]:
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield int(child)
        yield from descendants(int(child))


def process(terminal: Terminal, word: str) -> int:
    """The process under the terminal with this word in its command line."""
    for pid in descendants(terminal.pid()):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().strip("\0").split("\0")
        if word in words:
            return pid
    raise AssertionError(f"no process {word}")


def open_and_close_help(terminal: Terminal, seconds: float = 20) -> None:
    terminal.type("?")
    terminal.wait(" Keys ", seconds)
    terminal.type("Escape")  # until it is gone: a key right behind Escape would be Alt and that key
    wait_for(lambda: " Keys " not in terminal.screen(), "the end of the help", seconds)


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_a_stranger_looks_around_and_quits(
    columns: int, rows: int, open_terminal: OpenTerminal, environ: dict[str, str]
) -> None:
    terminal = start(open_terminal(columns, rows))
    seen: set[str] = set()

    def sees_all() -> bool:
        seen.update(name for name in NAMES if name[:8] in terminal.screen())
        terminal.type("NPage")
        is_narrow = columns < 100  # there is no room for names: how many connections are well is said
        return f"{len(NAMES)} ok" in terminal.screen() if is_narrow else seen == set(NAMES)

    wait_for(sees_all, f"all vendors, only {seen} on\n{terminal.screen()}")
    open_and_close_help(terminal)
    terminal.type("q")
    terminal.wait("EXIT 0")
    assert terminal.flags() == CLEAN
    wait_for(lambda: left_behind(environ["TMPDIR"]) == [], "an empty temporary folder")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_leaves_a_clean_terminal(
    number: signal.Signals, code: int, open_terminal: OpenTerminal, environ: dict[str, str]
) -> None:
    terminal = start(open_terminal(120, 40))
    os.kill(process(terminal, "--demo"), number)
    terminal.wait(f"EXIT {code}")
    assert terminal.flags() == CLEAN
    wait_for(lambda: left_behind(environ["TMPDIR"]) == [], "an empty temporary folder")


def shows_what_has_failed(screen: str) -> bool:
    """Whether the table holds as many jobs as the head counts: none has failed because we failed."""
    told = re.search(r"✗ (\d+)", screen)
    return f"Jobs {told[1] if told else 0} of" in screen


def test_vendors_that_hang_freeze_no_key_and_change_no_state(open_terminal: OpenTerminal) -> None:
    terminal = start(open_terminal(120, 40))
    vendors = process(terminal, "emulate")
    os.kill(vendors, signal.SIGSTOP)
    try:
        open_and_close_help(terminal, seconds=_FROZEN)
        terminal.type("/")
        terminal.type("state:failed")
        wait_for(lambda: shows_what_has_failed(terminal.screen()), "as many as have failed", seconds=_FROZEN)
        terminal.type("C-u")
        terminal.wait("acme.ExportFbx", seconds=_FROZEN)
        terminal.type("Enter")
        wait_for(lambda: "Esc back" not in terminal.screen(), "the end of the filter line", seconds=_FROZEN)
    finally:
        os.kill(vendors, signal.SIGCONT)
    terminal.type("q")
    terminal.wait("EXIT 0")


def test_resizing_keeps_the_board_whole(open_terminal: OpenTerminal) -> None:
    terminal = start(open_terminal(120, 40))
    for columns, rows in [(80, 24), (200, 60), (60, 15), (120, 40)]:
        terminal.resize(columns, rows)
        wait_for(lambda rows=rows: " q" in terminal.screen().splitlines()[rows - 1], "the footer")  # type: ignore[misc]
    terminal.type("q")
    terminal.wait("EXIT 0")


def test_no_colour_and_ascii(open_terminal: OpenTerminal) -> None:
    terminal = start(open_terminal(120, 40, NO_COLOR="1", LANG="C"))
    terminal.type("q")
    terminal.wait("EXIT 0")
    sent = terminal.bytes_sent()
    colours = [code for code in _sgr_codes(sent) if _is_colour(code)]
    assert colours == []
    assert [byte for byte in sent if byte >= 0x80] == []


def _sgr_codes(sent: bytes) -> list[list[bytes]]:
    codes = []
    for piece in sent.split(b"\x1b[")[1:]:
        end = next((index for index, byte in enumerate(piece) if 0x40 <= byte <= 0x7E), None)
        if end is not None and piece[end : end + 1] == b"m" and piece[:1] not in b"<>?=":
            codes.append(piece[:end].split(b";"))
    return codes


def _is_colour(code: list[bytes]) -> bool:
    return any(
        part.isdigit() and ((30 <= int(part) <= 49 and int(part) not in (39, 49)) or 90 <= int(part) <= 107)
        for part in code
    )


@pytest.mark.parametrize("term", ["dumb", ""])
def test_no_terminal_is_refused(term: str, open_terminal: OpenTerminal) -> None:
    terminal = open_terminal(80, 24, TERM=term)
    terminal.run(*DEMO)
    screen = terminal.wait("EXIT 2")
    assert "cannot be drawn on" in screen
