"""The export orders of the emulated plant, and their Operation documents."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from uuid import UUID

from tui.emulators.content import Content, ZipContent
from tui.emulators.parcels import plant
from tui.emulators.script import STUBBORN, Beat, Phase, Run, Script

Json = dict[str, object]
CONTENTS = ("ProjectTree", "JobList", "JobResults", "EventLog", "AssetState", "UserManagement")
_AREAS = ("Press shop", "Body shop", "Paint line 2", "Bottling 1", "Boiler house", "Packaging")
_FAILURES = (
    (9, "component archive is checked out by another user"),
    (13, "internal error while reading the version archive"),
    (7, "no right to read directory \\Plant\\Line 4"),
)
BROKEN_OFF = json.dumps({"error": {"code": 13, "message": "version archive cannot be read", "details": []}}).encode()
"""What a gateway writes when an export breaks off."""
_STATES = {
    Phase.WAITING: "STATE_PENDING",
    Phase.RUNNING: "STATE_RUNNING",
    Phase.CANCELLING: "STATE_RUNNING",
    Phase.SUCCEEDED: "STATE_SUCCEEDED",
    Phase.FAILED: "STATE_FAILED",
    Phase.CANCELLED: "STATE_FAILED",
}


class Archive(Enum):
    """How a download goes (sections 3.3 and 6)."""

    WHOLE = auto()
    NEWLINES = auto()
    """A newline after each chunk, as a gateway with default settings adds it."""
    ERROR_FIRST = auto()
    """An error before the first byte."""
    ERROR_MIDWAY = auto()
    """An error behind a part of the archive, under HTTP 200."""
    ERROR_AS_FILE = auto()
    """An error as the whole body, under HTTP 200."""
    SHORT = auto()
    """A part of the archive that ends like a whole one."""
    TRAILING_NEWLINE = auto()
    """One newline behind the whole archive, which is harmless."""


@dataclass(slots=True)
class OctoplantOptions:
    """What octoplant leaves open; may be changed while it runs."""

    emit_unset: bool = True
    """Send unset fields too (`false`, `0`, `null`), or leave them out."""
    with_type: bool = False
    """Add `@type` to the metadata."""
    counters_as_text: bool = False
    unknown_is_unspecified: bool = False
    """Answer polls for unknown orders with 200 and STATE_UNSPECIFIED instead of 404."""
    bare_tokens: bool = False
    """Send `access_token` alone."""
    maintenance: bool = False
    """Refuse new orders, and say so at `/v1/status/maintenance_mode`."""
    archive: Archive = Archive.WHOLE
    older_gateway: bool = False
    """Write names in snake_case and errors in the older shapes, as a v1 gateway does."""
    strange_state: str | None = None
    """A state that no page documents, sent for orders that run."""


@dataclass(frozen=True)
class Order:
    """One export order; `title` is what people call it.

    `failure` is the gRPC code and message that it ends with, if it fails.
    """

    name: str
    run: Run
    parts: tuple[str, ...]
    content: ZipContent
    title: str
    failure: tuple[int, str] = field(default=_FAILURES[0])


def order(rng: random.Random, script: Script, size: int) -> Order:
    """An order with that life and about that many bytes of result."""
    name = str(UUID(int=rng.getrandbits(128), version=4))
    parts = tuple(CONTENTS[number % len(CONTENTS)] for number in range(len(script.stages)))
    content = plant(name, f"export-{name[:8]}", size)
    title = f"{rng.choice(_AREAS)} nightly export"
    return Order(name, Run(script), parts, content, title, rng.choice(_FAILURES))


def opening(rng: random.Random) -> dict[str, Order]:
    """The orders that are under way when the world starts, by what happens to them."""
    return {
        "quick": order(rng, Script(-2, 4, (3.0, 3.0, 3.0)), 900_000),
        "failing": order(rng, Script(-3, 6, (6.0, 6.0), succeeds=False), 100_000),
        "tree": order(rng, Script(-8, 5, (5.0, 9.0, 8.0)), 300_000_000),
        "done": order(rng, Script(-400, 20, (90.0, 60.0)), 12_000),
        "stubborn": order(rng, Script(-5, 2, (15.0, 20.0, 25.0), cancel_takes=STUBBORN), 4_000_000),
        "waiting": order(rng, Script(-10, 90, (20.0, 30.0)), 2_500_000),
        "slow": order(rng, Script(-60, 30, (200.0,) * 6), 40_000_000),
    }


def newcomer(rng: random.Random, born: float) -> Order:
    """An order off the street."""
    stages = tuple(rng.uniform(4, 30) for _ in range(rng.randint(1, 5)))
    script = Script(born, rng.uniform(1, 15), stages, succeeds=rng.random() < 0.8)
    return order(rng, script, int(10 ** rng.uniform(4.1, 7.6)))


def operation(job: Order, beat: Beat, options: OctoplantOptions) -> Json:
    """The Operation document of section 3.2."""
    running = beat.phase in (Phase.RUNNING, Phase.CANCELLING)
    finished = len(job.parts) if beat.phase is Phase.SUCCEEDED else max(len(beat.entered) - 1, 0)
    waiting = len(job.parts) - finished
    metadata: Json = {
        "name": job.name,
        "systemId": "SYS-7",
        "licenseSerialNumber": "0000-1",
        "state": options.strange_state if running and options.strange_state else _STATES[beat.phase],
        "currentSubProcess": job.parts[finished] if running else "",
        "finishedSubProcesses": str(finished) if options.counters_as_text else finished,
        "openSubProcesses": str(waiting) if options.counters_as_text else waiting,
    }
    if options.with_type:
        metadata = {"@type": "type.googleapis.com/octoplant.ExportState", **metadata}
    document: Json = {"name": job.name, "metadata": metadata, "done": beat.phase.is_over}
    document["error"] = _error(job, beat.phase)
    document["response"] = {"name": job.name} if beat.phase is Phase.SUCCEEDED else None
    if options.older_gateway:
        document = _in_snake_case(document)
    return document if options.emit_unset else _without_unset(document)


def unspecified(name: str) -> Json:
    """What an invalid poll may be answered with."""
    metadata = {"name": "", "state": "STATE_UNSPECIFIED", "finishedSubProcesses": 0, "openSubProcesses": 0}
    return {"name": name, "metadata": metadata, "done": False, "error": None, "response": None}


def _error(job: Order, phase: Phase) -> Json | None:
    if phase is Phase.CANCELLED:
        return {"code": 1, "message": "order was cancelled", "details": []}
    if phase is Phase.FAILED:
        code, message = job.failure
        return {"code": code, "message": message, "details": []}
    return None


class SpoiltArchive:
    """An archive on its way through a gateway that breaks it; satisfies `Content`."""

    def __init__(self, whole: Content, how: Archive) -> None:
        self._whole = whole
        self._how = how
        self.size = whole.size
        self.media_type = whole.media_type
        self.file_name = whole.file_name

    def pieces(self, first: int, stop: int) -> Iterator[bytes]:  # noqa: ARG002  # streamed as a whole
        """What comes in place of the whole; it has no ranges."""
        if self._how is Archive.ERROR_AS_FILE:
            yield BROKEN_OFF
            return
        half = self.size // 2 if self._how in (Archive.ERROR_MIDWAY, Archive.SHORT) else self.size
        for piece in self._whole.pieces(0, half):
            yield piece + b"\n" if self._how is Archive.NEWLINES else piece
        if self._how is Archive.ERROR_MIDWAY:
            yield BROKEN_OFF
        if self._how is Archive.TRAILING_NEWLINE:
            yield b"\n"


def _in_snake_case(document: Json) -> Json:
    return {
        re.sub("[A-Z]", lambda upper: f"_{upper[0].lower()}", name): (
            _in_snake_case(value) if isinstance(value, dict) else value
        )
        for name, value in document.items()
    }


def _without_unset(document: Json) -> Json:
    kept: Json = {}
    for name, value in document.items():
        inner = _without_unset(value) if isinstance(value, dict) else value
        if inner not in (None, False, 0, "", "0"):
            kept[name] = inner
    return kept
