"""What a signal does to a command that is at work."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from io import BytesIO, TextIOWrapper

import pytest

from tests.cli.warm import ROOT
from tui.cli.confirming import confirm
from tui.cli.context import complete
from tui.cli.ending import SIGNALS, end_now, on_signals
from tui.cli.main import run

CODES = [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]


@pytest.mark.parametrize(("number", "code"), CODES)
def test_a_signal_in_the_step_of_another_task_closes_what_is_open(number: signal.Signals, code: int) -> None:
    steps: list[str] = []

    async def other() -> None:
        os.kill(os.getpid(), number)
        steps.append("the step was not cut in half")

    async def work() -> None:
        beside = asyncio.create_task(other())
        try:
            await asyncio.Event().wait()
        finally:
            await beside
            await asyncio.sleep(0)
            steps.append("closed")

    before = [signal.getsignal(one) for one in SIGNALS]
    with pytest.raises(SystemExit) as caught:
        complete(work())
    assert caught.value.code == code
    assert steps == ["the step was not cut in half", "closed"]
    assert [signal.getsignal(one) for one in SIGNALS] == before


TWICE = """
import asyncio, os, signal
from tui.cli.context import complete

async def stuck():
    os.kill(os.getpid(), signal.SIGTERM)
    try:
        await asyncio.Event().wait()
    finally:
        print("closing", flush=True)
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()

complete(stuck())
"""


def test_a_second_signal_ends_at_once() -> None:
    words = [sys.executable, "-W", "error", "-c", TWICE]
    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "closing\n", "")


class Asked(TextIOWrapper):
    """A terminal on which a signal comes before the answer."""

    def isatty(self) -> bool:
        return True

    def readline(self, _: int = -1, /) -> str:  # type: ignore[override]  # typeshed has that of bytes here
        os.kill(os.getpid(), signal.SIGTERM)
        return "yes\n"


def test_a_signal_at_a_question_is_no_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Asked(BytesIO()))
    steps: list[str] = []

    async def work() -> None:
        try:
            confirm("Cancel everything")
            steps.append("cancelled it")
        finally:
            await asyncio.sleep(0)
            steps.append("closed")

    with pytest.raises(SystemExit) as caught:
        complete(work())
    assert (caught.value.code, steps) == (143, ["closed"])


def test_what_nohup_ignores_stays_ignored() -> None:
    async def work() -> int:
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.sleep(0)
        return 7

    with on_signals(end_now):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with pytest.raises(SystemExit):
            run(["--version"])
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert complete(work()) == 7
