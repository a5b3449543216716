"""The engine under fire: `python -m tests.benchmarks.soak [--minutes 10] [--jobs 10000] [--connections 50]`.

A quarter of the time each vendor does something wrong (`vendor_server.Fault`), for 15 seconds at a time. Told at the
end, and judged: whether memory grew, tasks or descriptors were left, the polite rate was held, and every job is well
once the vendors are.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.fleet import Fleet, Vendors, engine_of, vendors
from tests.benchmarks.measure import measured_here, tell
from tui.engine.engine import Engine
from tui.model import Condition

FAULTY = 25
_EVERY = 10.0
_PER_MINUTE = 600
"""The quota of each connection, which the gate keeps to in any minute."""
_LATE = 1.01
"""What is late on the line, or in a vendor that is busy, counts in a minute in which it was not sent."""


@dataclass(frozen=True, slots=True)
class Sample:
    """How things stand at one moment. Sizes are MB, `cpu` is % of a core since the sample before."""

    minute: float
    rss: float
    tasks: int
    files: int
    cpu: float
    well: int
    troubled: int


def _rss() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _sample(engine: Engine, began: float, cpu: float) -> Sample:
    good = (Condition.OK, Condition.SLOW)
    return Sample(
        minute=(time.monotonic() - began) / 60,
        rss=_rss(),
        tasks=len(asyncio.all_tasks()),
        files=len(list(Path("/proc/self/fd").iterdir())),
        cpu=cpu,
        well=sum(one.condition in good for one in engine.poller.health),
        troubled=sum(job.problem is not None for job in engine.board.jobs.values()),
    )


async def soak(fleet: Fleet, there: Vendors, seconds: float, folder: Path) -> list[Sample]:
    """What was seen every ten seconds."""
    samples: list[Sample] = []
    async with engine_of(fleet, there.addresses, folder) as engine:
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            with measured_here() as measured:
                await asyncio.sleep(_EVERY)
            samples.append(_sample(engine, began, measured.cpu / measured.wall * 100))
            if len(samples) % 6 == 0:
                tell(str(samples[-1]))
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert not left, left
    return samples


def verdict(samples: list[Sample], seen: dict[str, object], fleet: Fleet) -> bool:
    """Print the figures; whether all is as it should be. The first fifth of the time is for warming up."""
    steady = samples[len(samples) // 5 :]
    half = len(steady) // 2
    early, late = (statistics.median(one.rss for one in part) for part in (steady[:half], steady[half:]))
    cpu = statistics.median(one.cpu for one in steady)
    tasks, files = max(one.tasks for one in steady), max(one.files for one in steady)
    busiest = int(str(seen["busiest_minute"]))
    tell(f"\n{fleet.jobs} jobs, {fleet.connections} connections, {samples[-1].minute:.1f} minutes, faults {FAULTY} %")
    tell(f"CPU          {cpu:.1f} % of a core (median), {max(one.cpu for one in steady):.1f} at most")
    most = max(one.rss for one in steady)
    tell(f"memory       {early:.1f} MB in the first half, {late:.1f} MB in the second (medians), {most:.1f} MB at most")
    tell(f"tasks        {tasks} at most, {steady[-1].tasks} at the end; descriptors {files} at most")
    tell(f"requests     {seen['requests']}, the busiest minute of one vendor {busiest} (quota {_PER_MINUTE})")
    tell(f"faults       {seen['faults']}")
    tell(f"at the end   {steady[-1].well} connections are well, {steady[-1].troubled} jobs have a problem")
    checks = {
        "memory flat": late < early * 1.05 + 3,
        "no task leaked": tasks < 30 * fleet.connections and steady[-1].tasks < 12 * fleet.connections + 50,
        "descriptors": files < 8 * fleet.connections + 100,
        "polite": busiest <= _PER_MINUTE * _LATE,
    }
    for name, is_so in checks.items():
        tell(f"{name:13}{'yes' if is_so else 'NO'}")
    return all(checks.values())


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=50)
    wish = parser.parse_args()
    fleet = Fleet(wish.jobs, wish.connections, per_minute=_PER_MINUTE)
    with tempfile.TemporaryDirectory() as home, vendors(fleet.connections, FAULTY) as there:
        samples = asyncio.run(soak(fleet, there, wish.minutes * 60, Path(home)))
    raise SystemExit(0 if verdict(samples, there.seen, fleet) else 1)


if __name__ == "__main__":
    main()
