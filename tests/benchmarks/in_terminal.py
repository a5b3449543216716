"""A program in a pseudo-terminal, and what it uses."""

from __future__ import annotations

import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Self

ROOT = Path(__file__).parents[2]
SIZE = (120, 40)
_PATIENCE = 30.0
_STILL = 0.06
"""Seconds without a byte after which a repaint is taken as complete."""


class Used(NamedTuple):
    """The clock and the CPU in seconds, memory in MB."""

    at: float
    cpu: float
    memory: float


class Terminal:
    """A program in a pseudo-terminal, read as fast as it writes or at so many bytes a second."""

    def __init__(self, *words: str, environ: Mapping[str, str] | None = None) -> None:
        self._main, side = os.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
        surroundings = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", **(environ or {})}
        surroundings.pop("COLORTERM", None)
        self.began = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, env=surroundings, stdin=side, stdout=side, stderr=side
        )
        os.close(side)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._main)

    def press(self, key: bytes) -> None:
        os.write(self._main, key)

    def read(self, seconds: float, most: int = 1_000_000) -> bytes:
        """What comes within the time, or the first of it. Raises SystemExit when the program has ended."""
        ready, _, _ = select.select([self._main], [], [], max(seconds, 0))
        try:
            return os.read(self._main, most) if ready else b""
        except OSError as error:
            raise SystemExit("the program ended by itself") from error

    def until(self, text: bytes) -> int:
        """Read until the text was sent; how many bytes that took."""
        data, end = b"", time.monotonic() + _PATIENCE
        while text not in data:
            data += self.read(0.1)
            if time.monotonic() > end:
                raise SystemExit(f"{text!r} was never sent: {data[-500:]!r}")
        return len(data)

    def count(self, seconds: float) -> int:
        """The bytes of the next seconds."""
        total, end = 0, time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            total += len(self.read(left))
        return total

    def trickle(self, seconds: float, speed: int, key: bytes) -> int:
        """Hold a key down and read no faster than the speed; the bytes."""
        step, total, end = 0.04, 0, time.monotonic() + seconds
        while time.monotonic() < end:
            self.press(key)
            total += len(self.read(0, round(speed * step)))
            time.sleep(step)
        return total

    def answer(self, key: bytes) -> tuple[float, float, int]:
        """Seconds from a key to the first byte and to the last, and the bytes."""
        began = time.perf_counter()
        self.press(key)
        total = len(self.read(_PATIENCE))
        first = last = time.perf_counter()
        while more := self.read(_STILL):
            total, last = total + len(more), time.perf_counter()
        return first - began, last - began, total

    def used(self) -> Used:
        proc = Path(f"/proc/{self._process.pid}")
        fields = (proc / "stat").read_text().rpartition(")")[2].split()
        memory = re.search(r"VmRSS:\s+(\d+)", (proc / "status").read_text())
        cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return Used(time.monotonic(), cpu, int(memory[1]) / 1000 if memory else 0)
