"""Disks that are small or read-only, for real: a mount where we may, else a limit or permissions of the process."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clock import FakeClock
from tests.engine.inline import close_stores

SMALL = 256 * 1024


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(autouse=True)
def closed_stores() -> Iterator[None]:
    yield
    close_stores()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that takes no file of more than 256 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if _mounted(folder, f"size={SMALL}"):
        yield folder
        subprocess.run(["umount", "-l", str(folder)], check=True)
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, hard))
    yield folder
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def read_only_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in which nothing can be written, not even by root."""
    folder = tmp_path / "fixed"
    folder.mkdir()
    if _mounted(folder, "ro"):
        yield folder
        subprocess.run(["umount", "-l", str(folder)], check=True)
        return
    folder.chmod(0o500)
    yield folder
    folder.chmod(0o700)


def _mounted(folder: Path, options: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
