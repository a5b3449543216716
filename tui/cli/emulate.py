"""`jobdeck emulate`."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import shlex
import signal
import sys
import threading
from argparse import Namespace
from itertools import zip_longest
from typing import TYPE_CHECKING

from tui.cli.ending import heard
from tui.emulators.switch_names import STORE, SWITCHES
from tui.engine.secrets.ways import variable
from tui.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from tui.emulators.description import WorldDescription
    from tui.emulators.server import EmulatedVendors
    from tui.emulators.site import Arrival


_TAKEN = frozenset({errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL})


def run(options: Namespace) -> int:
    """Serve the five emulated vendors until SIGINT or SIGTERM."""
    try:
        from tui.emulators.server import EmulatedVendors  # noqa: PLC0415  # an extra that the plain install leaves out
    except ModuleNotFoundError as error:
        raise UsageError(f"the emulated vendors need {error.name}", hint="pip install 'jobdeck[demo]'") from error
    faults = read_faults(options.fault)
    world = EmulatedVendors(port=options.port or None, seed=options.seed, bandwidth=options.bandwidth, rsa=options.rsa)
    try:
        return asyncio.run(_serve(world, options, faults))
    except OSError as error:
        if error.errno not in _TAKEN:  # of stdout
            raise
        raise UsageError(f"port {options.port} cannot be used: {error.strerror}", hint="name another --port") from error


async def _serve(world: EmulatedVendors, options: Namespace, faults: list[tuple[str, str]]) -> int:
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    async with world:
        world.jaggaer.options.strict = options.strict
        _misbehave(world, faults)
        description = world.describe()
        print(description.to_json() if options.json else for_people(description), flush=True)
        beside = [asyncio.create_task(_tell_arrivals(world, as_json=options.json))]
        if options.story:
            from tui.emulators import story  # noqa: PLC0415  # as above

            beside.append(asyncio.create_task(story.tell(world, world.clock)))
        try:
            _end_on_signals(ended)
            if options.until_stdin_ends:
                beside.append(asyncio.create_task(_stdin_end(ended)))
            return await ended
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)


def _end_on_signals(ended: asyncio.Future[int]) -> None:
    """End between two steps of the loop: an exception out of a handler may come in the middle of any task's step."""

    def end(number: signal.Signals) -> None:
        if not ended.done():
            ended.set_result(128 + number)

    for number in heard():
        if number is not signal.SIGINT:  # the loop's own way with it is as good
            asyncio.get_running_loop().add_signal_handler(number, end, number)


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


def for_people(description: WorldDescription) -> str:
    """What each serves, and the lines that make a connection to it, to be pasted into another shell."""
    lines = []
    for vendor, site in description.sites.items():
        settings = [f"{key}={value}" for key, value in site.connection.items() if key != "vendor"]
        connect = ["jobdeck", "connections", "add", vendor, "--vendor", vendor, *settings]
        lines.append(f"{vendor}  {site.base_url}")
        lines += [f"  export {variable(vendor, name)}={shlex.quote(value)}" for name, value in site.secrets.items()]
        lines.append(f"  {shlex.join(connect)}")
        for job, output in zip_longest(site.jobs, site.outputs):
            named = [] if output is None else ["--output", output]
            lines.append("  " + shlex.join(["jobdeck", "track", "-c", vendor, job, *named]))
    return "\n".join(lines)


async def _tell_arrivals(world: EmulatedVendors, *, as_json: bool) -> None:
    async for arrival in world.arrivals():
        print(arrival_json(arrival) if as_json else f"{arrival.vendor}  new: {arrival.ref}", flush=True)


def arrival_json(arrival: Arrival) -> str:
    """The line that tells of a job that has just appeared."""
    said = {"vendor": arrival.vendor, "job": arrival.ref, "title": arrival.title, "outputs": list(arrival.outputs)}
    return json.dumps(said)


async def _stdin_end(ended: asyncio.Future[int]) -> None:
    """Wait until whoever started us is gone, however it ended."""
    loop, is_over = asyncio.get_running_loop(), asyncio.Event()

    def read() -> None:
        while os.read(sys.stdin.fileno(), 4096):  # not the buffered file: its lock would be held at our end
            pass
        loop.call_soon_threadsafe(is_over.set)

    threading.Thread(target=read, name="stdin", daemon=True).start()
    await is_over.wait()
    if not ended.done():
        ended.set_result(int(ExitCode.OK))
