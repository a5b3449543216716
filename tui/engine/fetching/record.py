"""What lies beside a `.part` file, so that a later program can go on with it: never the URL.

After a crash of the program the kernel still has every byte that was written; after a crash of the machine it has
those that were synced. So the record keeps both, and the boot that it was written in.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import msgspec

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Record(msgspec.Struct, frozen=True):
    """The side record of one part. Spans are half-open byte ranges."""

    job: str
    output: str
    validator: str | None
    """The strong ETag or Last-Modified under which the bytes came, None when there was none."""
    total: int | None
    there: tuple[tuple[int, int], ...]
    synced: tuple[tuple[int, int], ...]
    boot: str

    def survivors(self) -> tuple[tuple[int, int], ...]:
        """The spans that can be trusted now."""
        return self.there if self.boot and self.boot == boot_id() else self.synced


@cache
def boot_id() -> str:
    """What names this boot of the machine; empty where nothing does."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def read_record(path: Path) -> Record | None:
    """The record in the file; None where there is none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Record)
    except (OSError, msgspec.DecodeError):
        return None


def write_record(path: Path, record: Record) -> None:
    """Put the record where the old one is, in one step. Raises OSError."""
    fresh = path.with_name(f"{path.name}.new")
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(file, "wb") as opened:
            opened.write(msgspec.json.encode(record))
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
