"""The file while it arrives: one writer, never over another file, gone when it did not become one."""

from __future__ import annotations

import hashlib
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tui.engine.part_file import PartFile
from tui.errors import DownloadError


def arrived(folder: Path, content: bytes = b"content", name: str = "out.zip") -> Path:
    part = PartFile(folder, name)
    part.write(content)
    return part.finish()


def test_a_file_gets_its_name_last(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    part = PartFile(folder, "out.zip")
    part.write(b"con")
    part.write(b"tent")
    assert [path.name for path in folder.iterdir()] == ["out.zip.part"]
    received = part.received()
    assert (received.size, received.path.read_bytes()) == (7, b"content")
    assert received.sha1 == hashlib.sha1(b"content").hexdigest()
    assert received.md5 == hashlib.md5(b"content").hexdigest()
    assert part.sha256 == hashlib.sha256(b"content").hexdigest()
    assert part.finish() == folder / "out.zip"
    assert [path.name for path in folder.iterdir()] == ["out.zip"]
    assert stat.S_IMODE((folder / "out.zip").stat().st_mode) == 0o600


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "out.zip").write_bytes(b"mine")
    (tmp_path / "out (1).zip").symlink_to("nowhere")
    assert arrived(tmp_path).name == "out (2).zip"
    assert arrived(tmp_path).name == "out (3).zip"
    assert (tmp_path / "out.zip").read_bytes() == b"mine"


def test_a_file_that_appears_meanwhile_is_not_overwritten_either(tmp_path: Path) -> None:
    part = PartFile(tmp_path, "out.zip")
    part.write(b"content")
    (tmp_path / "out.zip").write_bytes(b"mine")
    assert part.finish().name == "out (1).zip"
    assert (tmp_path / "out.zip").read_bytes() == b"mine"


def test_two_at_once_write_two_files(tmp_path: Path) -> None:
    one, other = PartFile(tmp_path, "out.zip"), PartFile(tmp_path, "out.zip")
    one.write(b"one")
    other.write(b"other")
    assert (one.finish().read_bytes(), other.finish().read_bytes()) == (b"one", b"other")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out (1).zip", "out.zip"]


def test_many_at_once_lose_none(tmp_path: Path) -> None:
    contents = [f"{number}".encode() * 100 for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(lambda content: arrived(tmp_path, content), contents))
    assert [path.read_bytes() for path in paths] == contents
    assert len(list(tmp_path.iterdir())) == len(contents)


def test_what_a_crash_left_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "out.zip.part").write_bytes(b"half of it, and more than what comes")
    assert arrived(tmp_path).read_bytes() == b"content"
    assert [path.name for path in tmp_path.iterdir()] == ["out.zip"]


def test_discarding_removes_and_closing_keeps(tmp_path: Path) -> None:
    gone, kept = PartFile(tmp_path, "a"), PartFile(tmp_path, "b")
    gone.discard()
    gone.discard()
    kept.close()
    kept.discard()
    assert [path.name for path in tmp_path.iterdir()] == ["b.part"]


def test_a_finished_file_is_not_discarded(tmp_path: Path) -> None:
    part = PartFile(tmp_path, "out.zip")
    path = part.finish()
    part.discard()
    assert path.exists()


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"mine")
    (tmp_path / "out.zip.part").symlink_to(tmp_path / "target")
    with pytest.raises(DownloadError):
        PartFile(tmp_path, "out.zip")
    assert (tmp_path / "target").read_bytes() == b"mine"


def test_no_file_stays_open(tmp_path: Path) -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    (tmp_path / "x.part").symlink_to("loop")
    for _ in range(5):
        arrived(tmp_path)
        PartFile(tmp_path, "out.zip").discard()
        with pytest.raises(DownloadError):
            PartFile(tmp_path, "x")
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_a_full_disk_is_told_and_nothing_is_left(small_disk: Path) -> None:
    part = PartFile(small_disk, "out.zip")
    with pytest.raises(DownloadError, match=r"is full|too large") as caught:
        part.write(bytes(1024 * 1024))
    assert caught.value.hint
    assert part.size <= 256 * 1024
    part.discard()
    assert not list(small_disk.iterdir())


def test_a_folder_that_takes_no_file_is_told(read_only_folder: Path) -> None:
    for folder in (read_only_folder, read_only_folder / "below"):
        with pytest.raises(DownloadError, match="cannot be written") as caught:
            PartFile(folder, "out.zip")
        assert "--to DIR" in caught.value.hint


def test_a_file_in_the_folders_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DownloadError, match="cannot be written"):
        PartFile(tmp_path / "file", "out.zip")


def test_a_part_that_somebody_removed_is_told(tmp_path: Path) -> None:
    part = PartFile(tmp_path, "out.zip")
    (tmp_path / "out.zip.part").unlink()
    with pytest.raises(DownloadError):
        part.finish()
    part.discard()
