"""Makes `screenshots/`: the demo's board, engine and emulated vendors, drawn without a terminal.

Run it with `python -m tests.make_screenshots`; it takes about half a minute.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

from tui.app import Board, BoardOptions
from tui.cli.demo import demo_config, demo_surroundings, fill, read_sites
from tui.emulators.server import EmulatedVendors
from tui.emulators.thread import EmulatorThread
from tui.engine.engine import Engine
from tui.engine.host import EngineThread

FOLDER = Path(__file__).parent.parent / "screenshots"
WARM_UP = 13.0
"""Seconds after which the demo has running, failed and finished jobs of all vendors."""
_FONTS = re.compile(r"@font-face\s*\{[^}]*\}\s*")

Act = Callable[[Pilot[int]], Awaitable[None]]


async def overview(pilot: Pilot[int]) -> None:
    """A finished job's stages, with downloads done and on their way."""
    await _select(pilot, "state:succeeded vendor:octoplant,jaggaer")
    await pilot.press("d", "j", "d", "j", "d")
    await _select(pilot, "state:succeeded vendor:autodesk")
    await pilot.press("d", "j", "d", "l", "escape")
    await asyncio.sleep(2.0)


async def narrow(pilot: Pilot[int]) -> None:
    """Nothing but the table."""
    await pilot.press("g", "j", "j")


async def report(pilot: Pilot[int]) -> None:
    """A failed job's report at the right."""
    await _select(pilot, "state:failed vendor:autodesk")
    await pilot.press("r")
    await asyncio.sleep(1.5)


async def _select(pilot: Pilot[int], words: str) -> None:
    await pilot.press("slash", "ctrl+u")
    await pilot.press(*("space" if one == " " else "colon" if one == ":" else one for one in words), "enter")
    await asyncio.sleep(0.5)


PICTURES: tuple[tuple[str, tuple[int, int], Act], ...] = (
    ("board-120x40", (120, 40), overview),
    ("board-80x24", (80, 24), narrow),
    ("board-200x60", (200, 60), report),
)


async def draw(name: str, size: tuple[int, int], act: Act, folder: Path) -> None:
    """Run a demo of its own and save one picture."""
    with EmulatorThread(EmulatedVendors(bandwidth=1_500_000)) as world:
        sites = read_sites(world.description.to_json())
        settings, database = demo_config(sites, folder / "downloads"), folder / f"{name}.sqlite"
        door = EngineThread(Engine(settings, database, demo_surroundings(sites)))
        door.start()
        app = Board(door, options=BoardOptions(demo_folder=Path("/tmp/jobdeck-demo")))  # as it looks
        async with app.run_test(size=size) as pilot:
            fill(door, sites)
            await asyncio.sleep(WARM_UP)
            await act(pilot)
            picture = _FONTS.sub("", app.export_screenshot(title="jobdeck --demo"))
        door.close()
    (FOLDER / f"{name}.svg").write_text(picture, "utf-8")


def main() -> None:
    """Draw all pictures."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="jobdeck-demo-") as folder:
        for name, size, act in PICTURES:
            asyncio.run(draw(name, size, act, Path(folder)))
            print(f"screenshots/{name}.svg")  # noqa: T201


if __name__ == "__main__":
    main()
