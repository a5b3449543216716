"""What fetched archives hold: of the vendors that say so, of the files that are still here, made harmless."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.clock import START
from tui import vendors
from tui.engine.facts.archives import Inventory, PackedFile
from tui.engine.inventory import inventories
from tui.model import Download, DownloadState, Job, JobKey, Reference, Safe

JOB = Job("plant", "octoplant", Reference("order"), START)


def fetched(path: Path, state: DownloadState = DownloadState.DONE, number: int = 1) -> Download:
    return Download(number, JobKey("plant:order"), Safe(path.name), path.parent, state, path=path)


def archive(folder: Path, *names: str) -> Path:
    path = folder / "order.zip"
    with zipfile.ZipFile(path, "w") as made:
        for name in names:
            made.writestr(name, b"12345")
    return path


def test_the_files_of_each_archive_are_told_up_to_a_number(tmp_path: Path) -> None:
    path = archive(tmp_path, "a\x1b[2J.csv", "b.csv", "c.csv")
    job = replace(JOB, downloads=(fetched(path),))
    (held,) = inventories(job, vendors.load("octoplant"), 2)
    assert held == Inventory(1, (PackedFile(Safe("a␛[2J.csv"), 5), PackedFile(Safe("b.csv"), 5)), more=1)
    (whole,) = inventories(job, vendors.load("octoplant"))
    assert (len(whole.files), whole.more) == (3, 0)


@pytest.mark.parametrize("state", [state for state in DownloadState if state is not DownloadState.DONE])
def test_only_what_is_here_whole_is_looked_into(tmp_path: Path, state: DownloadState) -> None:
    job = replace(JOB, downloads=(fetched(archive(tmp_path, "a"), state),))
    assert inventories(job, vendors.load("octoplant")) == ()


def test_what_was_moved_or_changed_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "changed.zip").write_bytes(b"no archive")
    downloads = (fetched(tmp_path / "gone.zip"), fetched(tmp_path / "changed.zip", number=2))
    assert inventories(replace(JOB, downloads=downloads), vendors.load("octoplant")) == ()


def test_a_vendor_that_tells_nothing_is_not_guessed_at(tmp_path: Path) -> None:
    job = replace(JOB, downloads=(fetched(archive(tmp_path, "a")),))
    assert inventories(job, vendors.load("enos")) == ()
