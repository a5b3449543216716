"""Cases run in turn and compared by ratio: this machine's figures wander, its ratios hardly do."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Measured:
    """One run; seconds."""

    wall: float = 0.0
    cpu: float = 0.0
    """User and system time of the client alone."""


@dataclass(frozen=True, slots=True)
class Case:
    """Something to measure. `before` clears the ground and `check` looks at the result: neither counts."""

    name: str
    run: Callable[[], Measured]
    before: Callable[[], object] = lambda: None
    check: Callable[[], object] = lambda: None


@dataclass(slots=True)
class Results:
    """The runs of each case, in the order of the rounds."""

    title: str
    megabytes: float
    runs: dict[str, list[Measured]] = field(default_factory=dict)

    def ratio(self, name: str, base: str) -> list[float]:
        """How many times as fast as the base, round by round."""
        return [
            theirs.wall / ours.wall for ours, theirs in zip(self.runs[name], self.runs[base], strict=True) if ours.wall
        ]


def in_turn(title: str, cases: Sequence[Case], rounds: int, megabytes: float) -> Results:
    """Run every case once a round, every other round backwards."""
    results = Results(title, megabytes, {case.name: [] for case in cases})
    for number in range(rounds):
        for case in cases if number % 2 == 0 else reversed(cases):
            case.before()
            results.runs[case.name].append(case.run())
            if number == 0:
                case.check()
            sys.stderr.write(".")
            sys.stderr.flush()
    sys.stderr.write("\n")
    return results


def command(*words: str) -> Measured:
    """A whole command. Raises CalledProcessError."""
    measured = Measured()
    began = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    measured.wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words)
    measured.cpu = usage.ru_utime + usage.ru_stime
    return measured


@contextmanager
def measured_here() -> Iterator[Measured]:
    """What happens in this process while the context is open."""
    measured = Measured()
    wall, cpu = time.perf_counter(), _cpu()
    yield measured
    measured.wall, measured.cpu = time.perf_counter() - wall, _cpu() - cpu


def tell(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def show(results: Results, *bases: str) -> None:
    """Print the table; the ratios are to each of the bases."""
    titles = "".join(f"{f'x {base}':>24}" for base in bases)
    tell(f"\n{results.title}   (load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores)")
    tell(f"{'':26}{'s':>8}{'MB/s':>8}{'CPU s':>8}{'CPU x':>7}{titles}")
    usual = statistics.median(one.cpu for one in results.runs[bases[0]])
    for name, runs in results.runs.items():
        wall, cpu = statistics.median(one.wall for one in runs), statistics.median(one.cpu for one in runs)
        row = f"{name:26}{wall:8.2f}{results.megabytes / wall:8.0f}{cpu:8.2f}{cpu / usual if usual else 0:7.2f}"
        tell(row + "".join(f"{_spread(results.ratio(name, base)):>24}" for base in bases))


def _spread(ratios: Sequence[float]) -> str:
    return f"{statistics.median(ratios):.2f} [{min(ratios):.2f}..{max(ratios):.2f}]"


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
