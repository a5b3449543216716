"""A room with pollers; and small or read-only disks, for real: a mount where we may, else permissions or a skip."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.clock import FakeClock
from tests.engine.inline import close_stores
from tests.engine.scripted import Room, ScriptedVendor

SMALL = 256 * 1024


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    room = Room(tmp_path / "board.sqlite")
    yield room
    await room.close()


@pytest.fixture
def vendor() -> ScriptedVendor:
    return ScriptedVendor()


@pytest.fixture(autouse=True)
def closed_stores() -> Iterator[None]:
    yield
    close_stores()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if not _mounted(folder, f"size={SMALL}"):
        pytest.skip("a small disk cannot be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


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
    if os.access(folder, os.W_OK):
        pytest.skip("to root every folder is open here, and none can be mounted")
    yield folder
    folder.chmod(0o700)


def _mounted(folder: Path, options: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
