"""What the board costs: `python -m tests.benchmarks.board [ROUNDS]`, by hand; ratios to a minimal Textual program.

Everything runs in a pseudo-terminal of 120x40 with 256 colours. Each round runs every case once; medians are told.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.benchmarks.in_terminal import ROOT, Terminal
from tests.benchmarks.measure import tell

ROUNDS = 5
IDLE = 12.0
"""Seconds of doing nothing, or of changes, that a figure is taken over."""
KEYS = 40
DOWN, UP, PAGE_DOWN = b"\x1b[B", b"\x1b[A", b"\x1b[6~"
SLOW_LINE = 20_000
"""Bytes a second."""
_PATIENCE = 30.0

Figures = Mapping[str, float]


def apps(*words: str) -> Terminal:
    return Terminal("-m", "tests.benchmarks.board_apps", *words)


def _start(terminal: Terminal, text: bytes = b"title-0000") -> Figures:
    sent = terminal.until(text)
    ready = time.monotonic() - terminal.began
    cpu = terminal.used().cpu
    sent += terminal.count(2.5)
    return {"ready s": ready, "ready cpu s": cpu, "start bytes": sent, "RSS MB": terminal.used().memory}


def _over_time(terminal: Terminal, seconds: float) -> Figures:
    before = terminal.used()
    sent = terminal.count(seconds)
    after = terminal.used()
    took = after.at - before.at
    return {"bytes/s": sent / took, "CPU %": 100 * (after.cpu - before.cpu) / took}


def _keys(terminal: Terminal, *keys: bytes) -> Figures:
    firsts, lasts, sizes = [], [], []
    for number in range(KEYS):
        first, last, size = terminal.answer(keys[number % len(keys)])
        firsts.append(first * 1000)
        lasts.append(last * 1000)
        sizes.append(size)
        terminal.count(0.02)
    p95 = statistics.quantiles(firsts, n=20)[-1]
    return {
        "first byte p50 ms": statistics.median(firsts),
        "first byte p95 ms": p95,
        "last byte p50 ms": statistics.median(lasts),
        "bytes": statistics.median(sizes),
    }


def _floor() -> Figures:
    with Terminal("-m", "tests.benchmarks.board_floor") as terminal:
        return _start(terminal)


def _idle() -> Figures:
    with apps("200", "0") as terminal:
        start = _start(terminal)
        terminal.count(2)
        return {**start, **_over_time(terminal, IDLE)}


def _one_a_second() -> Figures:
    with apps("200", "1") as terminal:
        _start(terminal)
        return _over_time(terminal, IDLE)


def _one_in_view() -> Figures:
    with apps("15", "1") as terminal:
        _start(terminal)
        return _over_time(terminal, IDLE)


def _line_key() -> Figures:
    with apps("200", "0") as terminal:
        _start(terminal)
        return _keys(terminal, DOWN)


def _page_key() -> Figures:
    with apps("2000", "0") as terminal:
        _start(terminal)
        return _keys(terminal, PAGE_DOWN)


def _many() -> Figures:
    with apps("10000", "100") as terminal:
        start = _start(terminal)
        keys = _keys_beside_changes(terminal)
        return {"ready s": start["ready s"], **keys, **_over_time(terminal, IDLE), "RSS MB": terminal.used().memory}


def _keys_beside_changes(terminal: Terminal) -> Figures:
    """The cursor's own bytes come first or together with others': to the first byte after a moment of silence."""
    took = []
    for number in range(KEYS):
        while terminal.read(0.01):
            pass
        began = time.perf_counter()
        terminal.press(DOWN if number % 2 else UP)
        terminal.read(_PATIENCE)
        took.append((time.perf_counter() - began) * 1000)
        terminal.count(0.05)
    return {"first byte p50 ms": statistics.median(took), "first byte p95 ms": statistics.quantiles(took, n=20)[-1]}


def _line_of(speed: int) -> Figures:
    """Changes, and a key held down, on a line: how long the screen's loop and the engine's thread are held up.

    On a busy machine both wait for others too; the CPU that the loop used in one go is its own alone.
    """
    with tempfile.TemporaryDirectory() as folder:
        note = Path(folder) / "late"
        with apps("1000", "200", str(note)) as terminal:
            _start(terminal)
            worst, sent = [0.0, 0.0, 0.0], 0
            for _ in range(round(IDLE)):
                sent += terminal.trickle(1.0, speed, DOWN)
                if note.exists() and (said := note.read_text()):
                    worst = [max(old, float(new)) for old, new in zip(worst, said.split(), strict=True)]
            names = ("loop held up ms", "by its own work ms", "engine held up ms")
            return {**{name: 1000 * one for name, one in zip(names, worst, strict=True)}, "bytes/s": sent / IDLE}


def _whole_program() -> Figures:
    """jobdeck itself, engine and store and all, with 200 jobs of a vendor that is down."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.toml"
        config.write_text(
            '[connections.plant]\nvendor = "octoplant"\nbase_url = "http://127.0.0.1:9"\nusername = "ops"\n'
        )
        jobdeck = ("-m", "tui", "--config", str(config), "--state", folder)
        ids = "\n".join(f"0c5b9c1e-77aa-4f0e-9e0a-{number:012}" for number in range(200))
        words = [sys.executable, *jobdeck, "track", "-c", "plant", "--no-check", "-"]
        environ = {**os.environ, "JOBDECK_SECRET_PLANT_PASSWORD": "x"}
        subprocess.run(words, input=ids, text=True, check=True, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)
        with Terminal(*jobdeck, environ=environ) as terminal:
            start = _start(terminal, b"0c5b9c1e-77aa-4f0e")
            terminal.count(3)
            return {**start, **_over_time(terminal, IDLE)}


def _command(*words: str) -> Figures:
    process = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL, cwd=ROOT)
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return {"cpu s": usage.ru_utime + usage.ru_stime}


CASES: Mapping[str, Callable[[], Figures]] = {
    "minimal Textual program": _floor,
    "jobdeck itself, 200 jobs": _whole_program,
    "200 jobs, nothing changes": _idle,
    "200 jobs, one change a second": _one_a_second,
    "15 jobs, one change a second": _one_in_view,
    "a line down": _line_key,
    "a page": _page_key,
    "10,000 jobs, 100 changes a second": _many,
    "a line of 10 MB/s": lambda: _line_of(500 * SLOW_LINE),
    "a line of 20 KB/s": lambda: _line_of(SLOW_LINE),
    "python -c pass": lambda: _command("-c", "pass"),
    "jobdeck --version": lambda: _command("-m", "tui", "--version"),
}


def main(words: Sequence[str]) -> None:
    """Measure and print; a word after the number of rounds chooses the cases that hold it."""
    rounds = int(words[0]) if words else ROUNDS
    chosen = [name for name in CASES if not words[1:] or any(word in name for word in words[1:])]
    results: dict[str, list[Figures]] = {name: [] for name in chosen}
    for number in range(rounds):
        for name in chosen if number % 2 == 0 else reversed(chosen):
            results[name].append(CASES[name]())
            sys.stderr.write(".")
            sys.stderr.flush()
    sys.stderr.write("\n")
    tell(f"medians of {rounds}   (load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores)")
    for name in chosen:
        told = [f"{key} {_median(results[name], key):.4g}" for key in results[name][0]]
        tell(f"{name:36}{'   '.join(told)}")
    for ours, base, key in (
        ("jobdeck itself, 200 jobs", "minimal Textual program", "ready s"),
        ("jobdeck itself, 200 jobs", "minimal Textual program", "ready cpu s"),
        ("jobdeck itself, 200 jobs", "minimal Textual program", "RSS MB"),
        ("jobdeck --version", "python -c pass", "cpu s"),
    ):
        if ours in results and base in results:
            ratios = [a[key] / b[key] for a, b in zip(results[ours], results[base], strict=True)]
            spread = f"[{min(ratios):.2f}..{max(ratios):.2f}]"
            tell(f"{ours} / {base}, {key}: {statistics.median(ratios):.2f} {spread}")


def _median(figures: Sequence[Figures], key: str) -> float:
    return statistics.median(one[key] for one in figures)


if __name__ == "__main__":
    main(sys.argv[1:])
