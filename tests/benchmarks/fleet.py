"""The real engine with thousands of jobs on dozens of connections, against vendors in another process."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import tomli_w

from tui.cli import garbage
from tui.clock import SystemClock
from tui.config import parse
from tui.engine.border import inert
from tui.engine.engine import Engine, Surroundings
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.secrets.ways import variable
from tui.model import Job, JobState, Reference, Snapshot


@dataclass
class Vendors:
    """The vendors' addresses; `seen` is filled when they have ended."""

    addresses: list[str]
    seen: dict[str, object] = field(default_factory=dict)


@contextmanager
def vendors(origins: int, faulty: int = 0) -> Iterator[Vendors]:
    """Vendors in a process of their own."""
    words = [sys.executable, "-m", "tests.benchmarks.vendor_server", str(origins), str(faulty)]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    try:
        there = Vendors([f"http://127.0.0.1:{port}" for port in process.stdout.readline().split()])
        yield there
        process.stdin.close()
        there.seen.update(json.loads(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@dataclass(frozen=True, slots=True)
class Fleet:
    """How many jobs are asked how often. `many`: at a vendor that answers for many at once."""

    jobs: int = 10_000
    connections: int = 50
    interval: float = 30.0
    many: bool = False
    timeout: float = 5.0
    per_minute: int = 6000
    """The quota of each connection."""


@asynccontextmanager
async def engine_of(fleet: Fleet, addresses: list[str], folder: Path) -> AsyncIterator[Engine]:
    """An engine that has begun to ask; its jobs were asked before, and are due in the course of one interval."""
    common = {"max_requests_per_minute": fleet.per_minute, "timeout": fleet.timeout}
    own = {"vendor": "autodesk"} if fleet.many else {"vendor": "octoplant", "username": "ops"}
    names = [f"lab{number}" for number in range(fleet.connections)]
    document = {
        "polling": {"min_interval": 2.0, "max_interval": fleet.interval * 1.1},
        "connections": {
            name: {**own, **common, "base_url": address, **({"client_id": f"id-{name}"} if fleet.many else {})}
            for name, address in zip(names, addresses, strict=False)
        },
    }
    secret = "client_secret" if fleet.many else "access_token"
    environ = {variable(name, secret): "secret" for name in names}
    around = Surroundings(
        clock=SystemClock(), rng=random.Random(), environ=environ, keyring=GuardedKeyring(trouble="not here")
    )
    engine = Engine(parse(tomli_w.dumps(document), folder / "config.toml"), folder / "board.sqlite", around)
    await engine.open()
    await engine.board.add(_jobs(fleet, names, str(own["vendor"]), engine), "tracked")
    garbage.look_rarely()
    engine.start()
    try:
        yield engine
    finally:
        await engine.close()
        await asyncio.sleep(0)


def _jobs(fleet: Fleet, names: list[str], vendor: str, engine: Engine) -> list[Job]:
    now, chance = engine.clock.now(), random.Random(1)
    told = inert(Snapshot(JobState.RUNNING, "inprogress" if fleet.many else "STATE_RUNNING"))
    jobs = []
    for number in range(fleet.jobs):
        due = now + timedelta(seconds=chance.random() * fleet.interval)
        jobs.append(
            Job(
                names[number % len(names)],
                vendor,
                Reference(f"{number:032x}" if fleet.many else f"order-{number}-{number:08x}"),
                now,
                snapshot=told,
                checked_at=now,
                changed_at=now - timedelta(hours=2),
                next_check_at=due,
            )
        )
    return jobs
