"""A board in a terminal of its own, and in a thread beside it, as the engine is, a download; `keys.py` starts it."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.nginx import GIGABIT_FILES, File
from tests.benchmarks.our_side import Fetching, Wish
from tests.board.fakes import FakeDoor, make_jobs
from tui.app import Board, BoardOptions
from tui.cli import garbage
from tui.engine.board import BoardChange
from tui.engine.facts.jobs import Changes
from tui.engine.outbox import Outbox
from tui.model import Safe

JOBS = 1000


class LiveDoor(FakeDoor):
    """Jobs that do not move, and downloads that do."""

    def __init__(self) -> None:
        super().__init__()
        self.outbox = Outbox()
        self.outbox.put(
            jobs=tuple(replace(job, given_title=Safe(f"title-{at:04}")) for at, job in enumerate(make_jobs(JOBS)))
        )

    def hear(self, change: BoardChange) -> None:
        """The board of the downloads has news."""
        self.outbox.put(jobs=change.jobs, downloads=change.downloads)

    def on_changes(self, wake: Callable[[], None]) -> None:
        self.outbox.on_changes(wake)

    def drain(self) -> Changes:
        return self.outbox.drain()


async def download_for_ever(door: LiveDoor, wish: Wish) -> None:
    """Fetch the same files again and again."""
    while True:
        with tempfile.TemporaryDirectory(dir=wish.folder) as home:
            async with Fetching(replace(wish, folder=Path(home)), Path(home), door.hear) as fetching:
                await fetching.all()


def main() -> None:
    """`keys_board FOLDER [BASE_URL SIZE CA_FILE]`."""
    door = LiveDoor()
    folder, *of_download = sys.argv[1:]
    if of_download:
        base_url, size, ca_file = of_download
        files = [File(f"large-{number}.bin", int(size)) for number in range(GIGABIT_FILES)]
        wish = Wish(base_url, files, Path(folder), Path(ca_file), at_once=GIGABIT_FILES)
        work = download_for_ever(door, wish)
        threading.Thread(target=lambda: asyncio.run(work), name="engine", daemon=True).start()
    garbage.hold()
    Board(door, options=BoardOptions(on_painted=garbage.begin, on_quiet=garbage.sweep)).run()


if __name__ == "__main__":
    main()
