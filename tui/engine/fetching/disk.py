"""What a disk refuses, in our words."""

from __future__ import annotations

from pathlib import Path

from tui import durable
from tui.errors import DiskFullError, DownloadError
from tui.wording import size


def cannot_write(folder: Path, error: OSError, missing: int | None = None) -> DownloadError:
    """What to raise for an error while writing into the folder; `missing` bytes are still to come."""
    if durable.is_full(error):
        return full(folder, missing)
    return DownloadError(
        f"{folder} cannot be written: {error.strerror}", hint="choose another folder with --to DIR or downloads.folder"
    )


def full(folder: Path, missing: int | None) -> DiskFullError:
    """What to raise when the folder's disk has no room for so many bytes."""
    lack = "" if missing is None else f": {size(missing)} are missing"
    return DiskFullError(f"the disk is full{lack}", hint=f"make room for {folder}, then go on with it")
