"""Whatever a vendor calls its jobs: nothing is markup, nothing crashes, nothing escapes to the terminal.

The last two tests show it in real terminals: what a board full of naughty strings sends, and how wide they are there.
"""

from __future__ import annotations

import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
from dataclasses import replace
from pathlib import Path

from tests.board.conftest import SMALL, WIDE, Open
from tests.board.fakes import FakeDoor, ago, make_job
from tests.board.naughty import PAYLOAD, naughty_strings
from tests.realparts import require
from tests.terminal import Terminal
from tui.errors import JobdeckError
from tui.model import (
    Condition,
    ConnectionHealth,
    Download,
    DownloadState,
    Event,
    Job,
    JobState,
    Output,
    Problem,
    ProblemKind,
    Safe,
    Stage,
    Stat,
)
from tui.text import safe_line
from tui.widgets.detail_tabs import Tab
from tui.widgets.plain import plain

NAMES = [
    "job [/nope] failed",
    "[@click=app.pwn]x[/]",
    "[link=https://evil.example]y[/link]",
    "[bold red]loud",
    safe_line("esc \x1b[31m csi \x9b31m osc \x1b]52;c;aGk=\x07"),
    "夜間バックアップ検証 👩‍👩‍👧 é é ﷽",
    "\\[x] {y} %s $z",
    " ",
]


def hostile_job(name: str, number: int = 1) -> Job:
    key = make_job(number).key
    download = Download(number, key, Safe(name), Path("/tmp") / "x", DownloadState.RUNNING, message=Safe(name))
    job = make_job(
        number,
        JobState.SUCCEEDED,
        title=name,
        status=name,
        notice=name,
        stages=(Stage(name, ago(10), ago(5)),),
        stats=(Stat(name, name),),
        outputs=(Output(name), Output(name + "2", value=name)),
        has_report=True,
        raw=name,
    )
    problem = Problem(ProblemKind.UNREACHABLE, Safe(name), ago(9), ago(-9))
    return replace(job, problem=problem, downloads=(download,))


async def test_hostile_names_are_harmless_on_a_small_screen(lab: Open) -> None:
    jobs = [hostile_job(name, number) for number, name in enumerate(NAMES)]
    health = [ConnectionHealth(name, "autodesk", Safe(name), Condition.DOWN, Safe(name)) for name in NAMES]
    door = FakeDoor(jobs, health)
    door.report_text = "\n".join(NAMES)
    door.events = {job.key: (Event(ago(1), job.key, "state", Safe(job.title)),) for job in jobs}
    async with lab(door, SMALL) as one:
        await one.press("enter")
        for job in jobs[::4]:
            one.table.select(job.key)
            for _ in Tab:
                await one.press("l")
        await one.press("escape")
        door.refuses = JobdeckError(NAMES[0], hint=NAMES[1])
        await one.press("d", "t", *"x", "enter", "escape", "o", "escape", "q", "escape", "ctrl+p", "escape")
        assert one.app.is_running
        text = one.screen_text()
        assert not any(ord(character) < 32 and character != "\n" for character in text)
        assert not any(0x7F <= ord(character) < 0xA0 for character in text)


async def test_brackets_are_shown_as_they_are(lab: Open) -> None:
    async with lab(FakeDoor([hostile_job("[@click=app.pwn]x[/]")]), WIDE) as one:
        assert "[@click=app.pwn]x[/]" in one.screen_text()
        await one.press("d")
        await one.pilot.pause()
        assert "queued: [@click=app.pwn]x[/]" in one.toasts()


async def test_what_textual_draws_is_harmless_and_no_markup(lab: Open) -> None:
    async with lab(FakeDoor([make_job(1)]), WIDE) as one:
        one.app.notify("[/nope] \x1b[31mred\u202e\nand more", markup=True)
        await one.pilot.pause()
        assert one.toasts() == "[/nope] ␛[31mred\ufffd\nand more"
        assert "[/nope] ␛[31mred" in one.screen_text()
    assert plain("[/nope] \x1b[31m\u202e").plain == "[/nope] ␛[31m\ufffd"


async def test_any_size_is_survived(lab: Open) -> None:
    async with lab(FakeDoor([hostile_job("夜間バックアップ検証")]), (20, 5)) as one:
        for size in ((20, 5), (1, 1), (40, 10)):
            await one.pilot.resize_terminal(*size)
            await one.press("t", "escape", "enter", "escape", "w", "question_mark", "escape")
        await one.pilot.resize_terminal(300, 100)
        assert one.app.is_running


# ── in real terminals ──

ROOT = Path(__file__).parents[2]
ORDER = re.compile(r"\x1b(?:\[[0-9:;<=>?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\\\)|[()][0-9A-B]|[=>78])")
"""What a terminal obeys, as the board sends it: CSI, OSC, character sets, keypad modes."""
STYLES = re.compile(r"\x1b\[([\d;]*)m")
_STYLE = r"(?:[0-47]|2[2-47]|[34]9|[34]8;2;\d+;\d+;\d+)"
OURS = re.compile(rf"{_STYLE}(?:;{_STYLE})*|")
"""The styles that the board draws with; the naughty strings ask for others."""


def sent_by_the_tour() -> str:
    """What a board full of naughty strings sends to its terminal while everything on it is looked at."""
    main, side = os.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 140, 0, 0))
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    words = [sys.executable, "-m", "tests.board.naughty.tour"]
    with subprocess.Popen(words, cwd=ROOT, env=environ, stdin=side, stdout=side, stderr=side) as tour:
        os.close(side)
        sent = bytearray()
        while piece := _read(main):
            sent += piece
        assert tour.wait(60) == 0, sent[-2000:]
    os.close(main)
    return sent.decode()


def _read(main: int) -> bytes:
    try:
        return os.read(main, 65536)
    except OSError:  # Linux's way to say that the other side is closed
        return b""


def test_no_order_of_a_vendors_reaches_the_terminal() -> None:
    sent = sent_by_the_tour()
    orders = ORDER.findall(sent)
    assert [order for order in orders if PAYLOAD in order or "evil" in order] == []
    assert {codes for codes in STYLES.findall(sent) if not OURS.fullmatch(codes)} == set()
    rest = ORDER.sub("", sent)
    assert {one for one in rest if ord(one) < 32 or 0x7F <= ord(one) < 0xA0} <= set("\r\n")
    assert not re.findall("[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\u2028\u2029\ufeff]", rest)
    assert rest.count(PAYLOAD) > 100  # it was all there to be seen
    assert "[@click=app.quit]PWNED[/]" in rest


def test_every_naughty_string_is_as_wide_as_we_think(tmp_path: Path) -> None:
    require("tmux")
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
    terminal = Terminal(tmp_path / "tmux", 100, 30, environ)
    try:
        terminal.run(sys.executable, "-m", "tests.board.naughty.widths")
        screen = terminal.wait("EXIT 0")
    finally:
        terminal.close()
    assert "strings, 0 wrong" in screen, screen
    assert len(naughty_strings()) > 515


async def test_our_words_are_ascii_where_signs_are_whoever_worded_them(lab: Open) -> None:
    """Rooms that know no terminal write an ellipsis too, and controls of a vendor's are made visible by signs."""
    job = make_job(1, title="bell \a and far too long for this " * 40, status="30 × 20")
    async with lab(FakeDoor([job]), SMALL, ascii=True) as one:
        one.board.wishes.say("https://host/path?… cannot be reached; bytes \x1b[31m")
        await one.settle()
        assert "https://host/path?~ cannot be reached; bytes ?[31m" in one.screen_text()
        assert " x 20" in one.screen_text()
        await one.press("enter", "c")
        assert one.screen_text().isascii()
