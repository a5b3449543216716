"""What travels through the door about the inside of outputs: members, beginnings, inventories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tui.model import NO_TEXT, Safe


@dataclass(frozen=True, slots=True)
class Member:
    """One file or folder in an archive. `name` is harmless and for people; `number` and `raw` name it in the archive.

    Sizes are bytes, as the archive claims them; `at` is its time, which has no zone in a ZIP.
    """

    number: int
    raw: str
    name: Safe
    size: int
    packed: int
    at: datetime | None = None
    is_folder: bool = False
    is_locked: bool = False
    """Encrypted: it needs a password."""


@dataclass(frozen=True, slots=True)
class Preview:
    """How a file begins, as harmless text; `kind` says what it is, `note` what is left out."""

    kind: Safe
    text: Safe
    note: Safe = NO_TEXT


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in an output: an archive's members, or of another file its beginning."""

    members: tuple[Member, ...] = ()
    preview: Preview | None = None
    is_here: bool = False
    """Whether a fetched file was looked into, not the vendor's."""


@dataclass(frozen=True, slots=True)
class TakenMember:
    """A member that was fetched, its CRC found right: where it lies and how many bytes it has."""

    name: Safe
    path: Path
    bytes: int


@dataclass(frozen=True, slots=True)
class PackedFile:
    """One file in a fetched archive; `what` is what the archive's own index says of it. Size in bytes."""

    name: Safe
    size: int
    what: Safe | None = None


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the archive of a finished download holds; `more` files are not listed."""

    download: int
    files: tuple[PackedFile, ...]
    more: int = 0
