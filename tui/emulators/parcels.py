"""What the emulated jobs hand over: ZIPs of a wished size, different for each seed."""

from __future__ import annotations

import json
import random

from tui.emulators.content import Member, ZipContent
from tui.emulators.rows import BIDS, COMPONENTS, LOG, MESH, TURBINES, Loom


def turbines(seed: str, name: str, size: int) -> ZipContent:
    """Query results of a wind farm."""
    months = [f"{name}/part-{part:05d}.csv" for part in range(1 + size // 40_000_000)]
    return _zip(seed, f"{name}.zip", months, TURBINES, size)


def mesh(seed: str, name: str, size: int) -> ZipContent:
    """An exported scene."""
    return _zip(seed, f"{name}.zip", ["scene/model.obj"], MESH, size)


def bids(seed: str, name: str, size: int) -> ZipContent:
    """The bids of a sourcing event."""
    return _zip(seed, f"{name}.zip", ["bids/round-1.csv", "bids/round-2.csv"], BIDS, size)


def media(seed: str, name: str, size: int) -> ZipContent:
    """What a media workflow leaves behind."""
    return _zip(seed, f"{name}.zip", ["qc/segments.log"], LOG, size)


def plant(seed: str, name: str, size: int) -> ZipContent:
    """An octoplant export: `contents.json` and a file for each kind of content."""
    files = ["ProjectTree.json"]
    index = {"contents": [{"file": file, "type": "projectTree"} for file in files]}
    return _zip(seed, f"{name}.zip", files, COMPONENTS, size, first=Member("contents.json", text=_pretty(index)))


def _zip(seed: str, file_name: str, names: list[str], loom: Loom, size: int, first: Member | None = None) -> ZipContent:
    rng = random.Random(f"{seed}/{file_name}")
    note = {"file": file_name, "made for": seed, "checked": True}
    head = first or Member("README.json", text=_pretty(note))
    rows = loom.rows_for(size // len(names))
    members = tuple(Member(name, loom, rows, rng.randrange(2500)) for name in names)
    log = Member("export.log", LOG, rng.randint(40, 90), rng.randrange(2500))
    return ZipContent(file_name, (head, *members, log))


def _pretty(value: object) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()
