"""`jobdeck emulate`."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
from argparse import Namespace
from typing import TYPE_CHECKING

from tui.emulators.switch_names import STORE, SWITCHES
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
    faults = read_faults(options.fault)
    world = EmulatedVendors(port=options.port, seed=options.seed, bandwidth=options.bandwidth, rsa=options.rsa)
    try:
        asyncio.run(_serve(world, options, faults))
    except OSError as error:
        raise UsageError(f"port {options.port} cannot be used: {error.strerror}", hint="name another --port") from error
    return int(ExitCode.OK)


async def _serve(world: EmulatedVendors, options: Namespace, faults: list[tuple[str, str]]) -> None:
    async with world:
        world.jaggaer.options.strict = options.strict
        _misbehave(world, faults)
        description = world.describe()
        print(description.to_json() if options.json else _for_people(description), flush=True)
        beside = [asyncio.create_task(_tell_arrivals(world, as_json=options.json))]
        if options.story:
            from tui.emulators import story  # noqa: PLC0415  # as above

            beside.append(asyncio.create_task(story.tell(world, world.clock)))
        try:
            await (_stdin_end() if options.until_stdin_ends else asyncio.Event().wait())
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)


def read_faults(words: list[str]) -> list[tuple[str, str]]:
    """Each `NAME[=VENDOR]` as the switch's name and the places where it is on. Raises UsageError."""
    found = []
    for word in words:
        name, named, place = word.partition("=")
        switch = SWITCHES.get(name)
        if switch is None:
            raise UsageError(f"no fault is called {name}", hint=f"there are: {', '.join(SWITCHES)}")
        if named and place not in switch.places:
            raise UsageError(f"{name} cannot be had at {place}", hint=f"it can at: {', '.join(switch.places)}")
        found += [(name, one) for one in ((place,) if named else switch.places) if named or one != STORE]
    return found


def _misbehave(world: EmulatedVendors, faults: list[tuple[str, str]]) -> None:
    """Turn the faults on, and have SIGUSR1 turn them off and on again."""
    from tui.emulators.switches import Switches  # noqa: PLC0415  # as above

    switches = Switches(world)
    are_on = False

    def toggle() -> None:
        nonlocal are_on
        are_on = not are_on
        if not are_on:
            switches.turn_all_off()
            return
        for name, place in faults:
            switches.turn_on(name, place)

    toggle()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, toggle)


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
