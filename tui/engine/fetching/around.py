"""What downloads need from outside, and what all of one program have in common."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tui.clock import Clock
from tui.engine.board import Board
from tui.engine.fetching.group_writes import GroupWrites
from tui.engine.fetching.meter import FleetMeter
from tui.engine.fetching.naming import Names
from tui.engine.fetching.part_file import SPARE_BYTES
from tui.engine.fetching.progress import PieceSizes
from tui.engine.fetching.wanted import Files
from tui.engine.wire.sessions import Sessions
from tui.model import Connection
from tui.vendors.contract import Vendor


@dataclass(frozen=True, slots=True)
class Around:
    """What every download needs. `streams` is the most ranges of one file at the same time."""

    board: Board
    sessions: Sessions
    clock: Clock
    connection_of: Callable[[str], Connection]
    vendor_of: Callable[[str], Vendor]
    streams: int = 4
    sizes: PieceSizes = field(default_factory=PieceSizes)
    spare: int = SPARE_BYTES
    """How many bytes of the disk are left to others."""
    small: int = 128 * 1024
    """A file of no more bytes has no `.part`: it comes anew after an interruption."""
    at_one_go: int = 1024**2
    """A file of no more bytes is fetched in one go, and anew after a crash."""
    rng: random.Random = field(default_factory=random.Random)


class Fleet:
    """What all downloads of one program have in common while they move."""

    def __init__(self, around: Around) -> None:
        self.group_writes = GroupWrites(around.board, around.clock)
        self.meter = FleetMeter(around.board, around.clock)
        self.files = Files()
        self.names = Names(lambda path: any(one.path == path for one in tuple(around.board.downloads.values())))
