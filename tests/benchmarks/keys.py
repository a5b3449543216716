"""How long the screen takes to answer a key, alone and beside a download of 1 Gbit a second."""

from __future__ import annotations

import fcntl
import os
import re
import select
import statistics
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import NamedTuple, Self

from tests.benchmarks.measure import tell
from tests.benchmarks.nginx import Nginx

ROOT = Path(__file__).parents[2]
PRESSES = 150
BETWEEN = 0.03
"""Seconds between an answer and the next key: a key that is held down."""
DOWN, UP = b"\x1b[B", b"\x1b[A"
_PATIENCE = 20.0
_TITLE = re.compile(rb"title-\d{4}")


class Used(NamedTuple):
    """Seconds on the clock, seconds of CPU, and bytes written."""

    at: float
    cpu: float
    written: int


class Run(NamedTuple):
    """Milliseconds from a key to its repaint, the share of a core, and the download's bytes a second."""

    took: list[float]
    cpu: float
    speed: float


class Screen:
    """A board in a pseudo-terminal."""

    def __init__(self, *arguments: str) -> None:
        self._main, side = os.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        words = [sys.executable, "-m", "tests.benchmarks.keys_board", *arguments]
        environ = {**os.environ, "TERM": "xterm-256color"}
        self._process = subprocess.Popen(words, cwd=ROOT, env=environ, stdin=side, stdout=side, stderr=side)
        os.close(side)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._main)

    def read(self, seconds: float) -> bytes:
        """What comes within the time, or the first of it."""
        ready, _, _ = select.select([self._main], [], [], seconds)
        return os.read(self._main, 1_000_000) if ready else b""

    def until(self, *texts: bytes) -> None:
        """Read until all of it was sent."""
        data, end = b"", time.monotonic() + _PATIENCE
        while not all(text in data for text in texts):
            data += self.read(0.1)
            if time.monotonic() > end:
                raise SystemExit(f"the board did not answer: {data[-500:]!r}")

    def quiet(self, seconds: float) -> bytes:
        """Everything of the next seconds."""
        data, end = b"", time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            data += self.read(left)
        return data

    def press(self, key: bytes) -> None:
        os.write(self._main, key)

    def rows(self) -> list[bytes]:
        """Move the cursor down into the table; the titles of the two rows between which it moved last."""
        for _ in range(5):
            self.press(DOWN)
            self.quiet(0.3)
        if idle := _TITLE.findall(self.quiet(1.0)):
            raise SystemExit(f"rows are painted without a key: {idle[:5]}")
        self.press(DOWN)
        rows = sorted(set(_TITLE.findall(self.quiet(0.3))))
        if len(rows) != 2:
            raise SystemExit(f"a key paints other rows than two: {rows}")
        return rows

    def used(self) -> Used:
        """What the board has used so far."""
        proc = Path(f"/proc/{self._process.pid}")
        fields = (proc / "stat").read_text().rpartition(")")[2].split()
        written = re.search(r"wchar: (\d+)", (proc / "io").read_text())
        cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return Used(time.monotonic(), cpu, int(written[1]) if written else 0)


def pressed(*arguments: str) -> Run:
    """The cursor goes down and up."""
    with Screen(*arguments) as screen:
        screen.until(b"title-0000")
        screen.quiet(2.0)
        rows = screen.rows()
        took = []
        before = screen.used()
        for number in range(PRESSES):
            screen.quiet(BETWEEN)
            began = time.perf_counter()
            screen.press(UP if number % 2 == 0 else DOWN)
            screen.until(*rows)
            took.append((time.perf_counter() - began) * 1000)
        after = screen.used()
        seconds = after.at - before.at
        return Run(took, (after.cpu - before.cpu) / seconds, (after.written - before.written) / seconds)


def key_latency(nginx: Nginx, folder: Path, rounds: int) -> None:
    """Both in turn; prints medians over the rounds."""
    folder.mkdir(parents=True, exist_ok=True)
    download = (f"{nginx.http}/gigabit", str(nginx.large.size), str(nginx.ca_file))
    cases: dict[str, tuple[str, ...]] = {"no download": (), "1 Gbit/s": download}
    p50s: dict[str, list[float]] = {name: [] for name in cases}
    tell(f"\nKey to repaint, ms   (load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores)")
    tell(f"{'':16}{'p50':>8}{'p95':>8}{'CPU %':>8}{'MB/s':>8}")
    for _ in range(rounds):
        for name, arguments in cases.items():
            took, cpu, speed = pressed(str(folder), *arguments)
            p50s[name].append(statistics.median(took))
            p95 = statistics.quantiles(took, n=20)[-1]
            tell(f"{name:16}{p50s[name][-1]:8.1f}{p95:8.1f}{cpu * 100:8.0f}{speed / 1e6:8.0f}")
    added = [ours - alone for alone, ours in zip(p50s["no download"], p50s["1 Gbit/s"], strict=True)]
    tell(f"added by the download, p50: {statistics.median(added):+.1f} ms (of {rounds} rounds)")
