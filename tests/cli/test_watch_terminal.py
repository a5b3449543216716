"""`watch` in a real terminal, and run again and again: one picture in its place, and each file fetched once."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
import time
from dataclasses import replace
from pathlib import Path

from tests.cli.conftest import Command, World
from tests.clock import START
from tests.documented import passing
from tui.cli.outcome import reasons
from tui.engine.border import inert
from tui.engine.fetching.missing import not_in_folder
from tui.model import (
    Download,
    DownloadState,
    Job,
    JobKey,
    JobState,
    Output,
    OutputKind,
    Problem,
    ProblemKind,
    Reference,
    Safe,
    Snapshot,
)
from tui.text import safe_line

PATIENCE = 100.0
KEY = JobKey("plant:1")


def watch_on_a_terminal(jobdeck: Command, *words: str) -> tuple[int, str]:
    """Run `watch` on a terminal of 80x24 until it ends; gives its exit code and what it sent."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tui", "watch", *words],
        env=jobdeck.environment() | {"TERM": "xterm-256color", "LANG": "C.UTF-8"},
        cwd=jobdeck.folder,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    sent, end = b"", time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            got = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not got:
            break
        sent += got
    os.close(ours)
    return process.wait(PATIENCE), sent.decode()


def test_a_watch_in_a_terminal(connected: Command, world: World) -> None:
    key = connected("track", "-c", "octoplant", world.description["octoplant"].cast["quick"]).strip()
    with passing(world):
        code, sent = watch_on_a_terminal(connected, "--download", "got", "--timeout", "90")
    assert code == 0
    shown = sent.replace("\r\n", "\n")
    assert "STATE" in shown
    assert "\x1b[J" in shown
    assert f"Z  {key}  " in shown
    assert f"Z  {key}  fetched {connected.folder}/got/" in shown
    assert "\x1b[32msucceeded\x1b[0m" in shown
    assert "\x1b[?1049h" not in sent, "it never takes the whole screen"
    files = [path.name for path in (connected.folder / "got").iterdir()]
    assert len(files) == 1
    again = connected("watch", "--download", "got", "--timeout", "90")
    assert "succeeded" in again
    assert "fetched" not in again
    assert [path.name for path in (connected.folder / "got").iterdir()] == files
    assert f"Z  {key}  fetched {connected.folder}/other/" in connected("watch", "--download", "other")


def test_very_many_reasons_are_not_all_told() -> None:
    problems = [Problem(ProblemKind.BAD_REPLY, safe_line(f"order {number} is odd"), START) for number in range(9)]
    jobs = [Job("plant", "octoplant", Reference("1"), START, problem=one) for one in (*problems, *problems)]
    assert reasons(jobs)[-2:] == ["plant: order 4 is odd", "and 4 more reasons: jobdeck list shows them"]
    assert reasons(jobs[:5]) == [f"plant: order {number} is odd" for number in range(5)]


def test_only_what_is_not_in_the_folder_is_fetched_again(tmp_path: Path) -> None:
    outputs = tuple(Output(name) for name in ("here.zip", "gone.zip", "elsewhere.zip", "failed.zip", "new.zip"))
    more = (Output("log.txt", only_by_name=True), Output("link", OutputKind.LINK))
    here, gone, failed = (Download(1, KEY, Safe("x"), tmp_path, DownloadState.DONE, tmp_path / "x.zip"),) * 3
    (tmp_path / "x.zip").touch()
    downloads = (
        replace(here, output=Safe("here.zip")),
        replace(gone, output=Safe("gone.zip"), path=tmp_path / "y.zip"),
        replace(here, output=Safe("elsewhere.zip"), folder=tmp_path / "other"),
        replace(failed, output=Safe("failed.zip"), state=DownloadState.FAILED),
    )
    said = inert(Snapshot(state=JobState.SUCCEEDED, outputs=(*outputs, *more)))
    job = Job("plant", "octoplant", Reference("1"), START, snapshot=said, downloads=downloads)
    assert not_in_folder(job, tmp_path) == ("gone.zip", "elsewhere.zip", "failed.zip", "new.zip")
