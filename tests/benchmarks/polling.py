"""What asking costs: `python -m tests.benchmarks.polling [--rounds N] [--seconds N]` (ratios; this machine wanders).

First CPU per poll of a small JSON answer, of bare httpx and aiohttp and of our sessions with and without the vendor's
reading, at one origin and at many. Then the whole engine: 10,000 jobs on 50 connections, asked one by one and many at
once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import httpx

from tests.benchmarks.fleet import Fleet, engine_of, vendors
from tests.benchmarks.measure import measured_here, tell
from tui import vendors as known_vendors
from tui.clock import SystemClock
from tui.engine.secrets.finder import SecretFinder
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.secrets.ways import variable
from tui.engine.wire.sessions import Sessions
from tui.model import Connection, Reference

MANY = 300
AT_ONCE = 32
Poll = Callable[[int], Awaitable[object]]


async def _drive(poll: Poll, polls: int, origins: int) -> float:
    """Microseconds of CPU per poll; every origin was reached before."""
    turns = iter(range(polls))

    async def work() -> None:
        for turn in turns:
            await poll(turn % origins)

    for origin in range(origins):
        await poll(origin)
    with measured_here() as measured:
        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return measured.cpu / polls * 1e6


async def _bare_httpx(addresses: list[str], polls: int) -> float:
    async with httpx.AsyncClient() as client:

        async def poll(origin: int) -> object:
            return json.loads((await client.get(f"{addresses[origin]}/v1/order/order-1-1")).content)

        return await _drive(poll, polls, len(addresses))


async def _bare_aiohttp(addresses: list[str], polls: int) -> float:
    async with aiohttp.ClientSession() as client:

        async def poll(origin: int) -> object:
            async with client.get(f"{addresses[origin]}/v1/order/order-1-1") as reply:
                return json.loads(await reply.read())

        return await _drive(poll, polls, len(addresses))


def _ours(read: bool) -> Callable[[list[str], int], Awaitable[float]]:
    async def run(addresses: list[str], polls: int) -> float:
        clock, vendor, ref = SystemClock(), known_vendors.load("octoplant"), Reference("order-1-1")
        labs = [
            Connection(f"lab{number}", "octoplant", address, {"username": "ops"}, max_requests_per_minute=10**9)
            for number, address in enumerate(addresses)
        ]
        environ = {variable(lab.name, "access_token"): "t" for lab in labs}
        finder = SecretFinder(environ, GuardedKeyring(trouble="not here"), clock)
        rooms = Sessions(clock, finder, known_vendors.load)
        sessions = [await rooms.of(lab) for lab in labs]

        async def poll(origin: int) -> object:
            if read:
                return await vendor.ask(sessions[origin], ref)
            return (await sessions[origin].send("GET", "/v1/order/order-1-1")).json()

        try:
            return await _drive(poll, polls, len(addresses))
        finally:
            await rooms.close()

    return run


CASES: dict[str, tuple[Callable[[list[str], int], Awaitable[float]], int, int]] = {
    "httpx, 1 origin": (_bare_httpx, 1, 1000),
    "aiohttp, 1 origin": (_bare_aiohttp, 1, 3000),
    "ours, 1 origin": (_ours(read=False), 1, 2000),
    "ours and read, 1 origin": (_ours(read=True), 1, 2000),
    f"httpx, {MANY} origins": (_bare_httpx, MANY, 100),
    f"aiohttp, {MANY} origins": (_bare_aiohttp, MANY, 3000),
    f"ours, {MANY} origins": (_ours(read=False), MANY, 2000),
}


def per_poll(rounds: int) -> None:
    """Print the medians, and the ratios to bare httpx at one origin round by round."""
    told: dict[str, list[float]] = {name: [] for name in CASES}
    with vendors(MANY) as there:
        for number in range(rounds):
            for name in list(CASES) if number % 2 == 0 else list(reversed(CASES)):
                run, origins, polls = CASES[name]
                told[name].append(asyncio.run(_run(run, there.addresses[:origins], polls)))
    base = told["httpx, 1 origin"]
    tell(f"\nCPU per poll, {AT_ONCE} at once   (load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores, n={rounds})")
    tell(f"{'':28}{'us':>8}{'x httpx, 1 origin':>24}{'x itself at 1 origin':>22}")
    for name, values in told.items():
        ratios = [one / other for one, other in zip(values, base, strict=True)]
        spread = f"{statistics.median(ratios):.2f} [{min(ratios):.2f}..{max(ratios):.2f}]"
        alone = told.get(f"{name.split(',')[0]}, 1 origin", values)
        itself = statistics.median(one / other for one, other in zip(values, alone, strict=True))
        tell(f"{name:28}{statistics.median(values):8.0f}{spread:>24}{itself:>22.2f}")


async def _run(run: Callable[[list[str], int], Awaitable[float]], addresses: list[str], polls: int) -> float:
    return await run(addresses, polls)


async def _percent(fleet: Fleet, seconds: float) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as home, vendors(fleet.connections) as there:
        async with engine_of(fleet, there.addresses, Path(home)) as engine:
            await asyncio.sleep(2 * fleet.interval)  # until those that are read together have found each other
            before = sum(1 for job in engine.board.jobs.values() if job.problem)
            began = time.monotonic()
            with measured_here() as measured:
                await asyncio.sleep(seconds)
            asked = sum(
                (engine.clock.now() - job.checked_at).total_seconds() < time.monotonic() - began
                for job in engine.board.jobs.values()
                if job.checked_at
            )
            assert not before, "the vendors answer"
    return measured.cpu / measured.wall * 100, asked / len(engine.board.jobs)


def all_told(seconds: float) -> None:
    """Print how much of a core the engine takes."""
    tell(f"\nthe engine, 10,000 jobs, 50 connections, a mean interval of 30 s, {seconds:g} s   (% of a core)")
    for name, fleet in (("one by one", Fleet()), ("many at once", Fleet(many=True))):
        percent, share = asyncio.run(_percent(fleet, seconds))
        tell(f"{name:28}{percent:8.1f}   {share:.0%} of the jobs were asked")


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60.0)
    wish = parser.parse_args()
    if wish.rounds:
        per_poll(wish.rounds)
    if wish.seconds:
        all_told(wish.seconds)


if __name__ == "__main__":
    main()
