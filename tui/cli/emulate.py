"""`jobdeck emulate`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from argparse import Namespace
from contextlib import suppress
from typing import TYPE_CHECKING

from tui.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from tui.emulators.description import WorldDescription
    from tui.emulators.server import EmulatedVendors
    from tui.emulators.site import Arrival


def run(options: Namespace) -> int:
    """Serve the five emulated vendors until SIGINT or SIGTERM."""
    try:
        from tui.emulators.server import EmulatedVendors  # noqa: PLC0415  # an extra that the plain install leaves out
    except ModuleNotFoundError as error:
        raise UsageError(f"the emulated vendors need {error.name}", hint="pip install 'jobdeck[demo]'") from error
    world = EmulatedVendors(port=options.port, seed=options.seed, bandwidth=options.bandwidth, rsa=options.rsa)
    try:
        asyncio.run(_serve(world, options))
    except OSError as error:
        raise UsageError(f"port {options.port} cannot be used: {error.strerror}", hint="name another --port") from error
    return int(ExitCode.OK)


async def _serve(world: EmulatedVendors, options: Namespace) -> None:
    async with world:
        world.jaggaer.options.strict = options.strict
        description = world.describe()
        print(description.to_json() if options.json else _for_people(description), flush=True)
        arrivals = asyncio.create_task(_tell_arrivals(world, as_json=options.json))
        try:
            await (_stdin_end() if options.until_stdin_ends else asyncio.Event().wait())
        finally:
            arrivals.cancel()
            with suppress(asyncio.CancelledError):
                await arrivals


def _for_people(description: WorldDescription) -> str:
    lines = []
    for vendor, site in description.sites.items():
        lines += [f"{vendor}  {site.base_url}", *(f"  {job}" for job in site.jobs)]
    return "\n".join(lines)


async def _tell_arrivals(world: EmulatedVendors, *, as_json: bool) -> None:
    async for arrival in world.arrivals():
        print(arrival_json(arrival) if as_json else f"{arrival.vendor}  new: {arrival.ref}", flush=True)


def arrival_json(arrival: Arrival) -> str:
    """The line that tells of a job that has just appeared."""
    said = {"vendor": arrival.vendor, "job": arrival.ref, "title": arrival.title, "outputs": list(arrival.outputs)}
    return json.dumps(said)


async def _stdin_end() -> None:
    """Wait until whoever started us is gone, however it ended."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def read() -> None:
        while os.read(sys.stdin.fileno(), 4096):  # not the buffered file: its lock would be held at our end
            pass
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=read, name="stdin", daemon=True).start()
    await ended.wait()
