"""The file while it arrives: one writer, taken up again after any end, never over another file."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from tests.engine.poor_system import without_links, without_room_for_new_files, without_safe_rename
from tui.engine.fetching.part_file import Owner, PartFile, discard_parts
from tui.engine.fetching.progress import Piece
from tui.engine.fetching.record import read_record, write_record
from tui.engine.fetching.spans import Span
from tui.errors import DiskFullError, DownloadError

OURS = Owner("plant:job1", "out.zip")
THEIRS = Owner("plant:job2", "out.zip")
ETAG = '"version-1"'


def opened(folder: Path, name: str = "out.zip", owner: Owner = OURS) -> PartFile:
    return PartFile(folder, name, owner, spare=0)


def put(part: PartFile, content: bytes, at: int = 0) -> None:
    """Write as a worker does, under a validator."""
    part.validator = ETAG
    piece = Piece(at, at, at + len(content))
    part.write(piece, memoryview(content))
    part.progress.give_back(piece)


def arrived(folder: Path, content: bytes = b"content", owner: Owner = OURS) -> Path:
    part = opened(folder, owner=owner)
    put(part, content)
    return part.finish("out.zip")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_gets_its_name_last(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    part = opened(folder)
    put(part, b"con")
    put(part, b"tent", 3)
    assert names(folder) == ["out.zip.part", "out.zip.part.json"]
    assert (part.progress.size, part.read(100, 0)) == (7, b"content")
    assert part.finish("out.zip") == folder / "out.zip"
    assert names(folder) == ["out.zip"]
    assert stat.S_IMODE((folder / "out.zip").stat().st_mode) == 0o600


def test_the_record_is_private_and_names_no_address(tmp_path: Path) -> None:
    part = opened(tmp_path)
    put(part, b"x" * 100)
    part.progress.total = 200
    part.save(sync=True)
    beside = tmp_path / "out.zip.part.json"
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    assert set(msgspec.json.decode(beside.read_bytes())) == {
        *("job", "output", "validator", "total", "there", "synced", "boot")
    }
    assert part.is_synced
    part.close()


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "out.zip").write_bytes(b"mine")
    (tmp_path / "out (1).zip").symlink_to("nowhere")
    assert arrived(tmp_path).name == "out (2).zip"
    assert arrived(tmp_path).name == "out (3).zip"
    assert (tmp_path / "out.zip").read_bytes() == b"mine"


def test_a_file_that_appears_meanwhile_is_not_overwritten_either(tmp_path: Path) -> None:
    part = opened(tmp_path)
    put(part, b"content")
    (tmp_path / "out.zip").write_bytes(b"mine")
    assert part.finish("out.zip").name == "out (1).zip"
    assert (tmp_path / "out.zip").read_bytes() == b"mine"


@pytest.mark.parametrize("is_small", [False, True])
def test_only_a_file_of_the_same_bytes_is_its_twin(tmp_path: Path, is_small: bool) -> None:
    def finished() -> Path:
        part = PartFile(tmp_path, "out.zip", OURS, spare=0, is_small=is_small)
        put(part, b"content")
        return part.finish("out.zip", twin=hashlib.sha256(b"content").hexdigest())

    (tmp_path / "elsewhere").write_bytes(b"content")
    (tmp_path / "out.zip").symlink_to("elsewhere")
    (tmp_path / "out (1).zip").write_bytes(b"changed")
    (tmp_path / "out (2).zip").write_bytes(b"contents")
    for _ in range(2):
        assert finished() == tmp_path / "out (3).zip"
    assert names(tmp_path) == ["elsewhere", "out (1).zip", "out (2).zip", "out (3).zip", "out.zip"]


@pytest.mark.parametrize("is_old", [False, True])
@pytest.mark.parametrize("taken", [False, True])
def test_a_disk_without_hard_links_overwrites_nothing_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: bool, is_old: bool
) -> None:
    """As FAT and some network disks are: the operating system itself refuses links there."""
    without_links(monkeypatch)
    if is_old:
        without_safe_rename(monkeypatch)
    if taken:
        (tmp_path / "out.zip").write_bytes(b"mine")
    path = arrived(tmp_path)
    assert (path.name, path.read_bytes()) == ("out (1).zip" if taken else "out.zip", b"content")
    assert names(tmp_path) == (["out (1).zip", "out.zip"] if taken else ["out.zip"])


def test_a_program_that_ended_between_the_two_names_left_one_whole_file(tmp_path: Path) -> None:
    part = opened(tmp_path)
    put(part, b"content")
    part.progress.total = 7
    part.save(sync=True)
    os.link(tmp_path / "out.zip.part", tmp_path / "out.zip")
    part.close()
    again = opened(tmp_path)
    assert again.progress.is_complete
    assert again.finish("out.zip") == tmp_path / "out.zip"
    assert names(tmp_path) == ["out.zip"]


def test_what_has_its_name_already_is_never_written_again(tmp_path: Path) -> None:
    """The object at the vendor has changed since: the whole file stays, the new one comes beside it."""
    part = opened(tmp_path)
    put(part, b"content")
    part.save()
    os.link(tmp_path / "out.zip.part", tmp_path / "out.zip")
    part.close()
    again = opened(tmp_path)
    again.start_again()
    put(again, b"changed")
    other = opened(tmp_path)
    assert other.path.name == "out (1).zip.part", "it is locked as before"
    other.discard()
    assert (tmp_path / "out.zip").read_bytes() == b"content"
    assert again.finish("out.zip").name == "out (1).zip"
    assert [(tmp_path / name).read_bytes() for name in names(tmp_path)] == [b"changed", b"content"]


def test_a_file_where_the_record_would_lie_stays(tmp_path: Path) -> None:
    (tmp_path / "out.zip.part.json").write_text("mine")
    assert arrived(tmp_path).name == "out.zip"
    assert (tmp_path / "out.zip.part.json").read_text() == "mine"


def test_a_disk_that_takes_no_record_leaves_the_part_to_the_next_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, on which the user tries again too soon, and then once more."""
    part = opened(tmp_path)
    put(part, b"content")
    part.save()
    part.close()
    with monkeypatch.context() as full:
        without_room_for_new_files(full)
        with pytest.raises(DiskFullError):
            opened(tmp_path)
    again = opened(tmp_path)
    assert (again.path.name, again.progress.size) == ("out.zip.part", 7)
    again.close()


def test_two_at_once_write_two_files(tmp_path: Path) -> None:
    one, other = opened(tmp_path), opened(tmp_path, owner=THEIRS)
    put(one, b"one")
    put(other, b"other")
    assert (one.finish("out.zip").read_bytes(), other.finish("out.zip").read_bytes()) == (b"one", b"other")
    assert names(tmp_path) == ["out (1).zip", "out.zip"]


def test_many_at_once_lose_none(tmp_path: Path) -> None:
    contents = [f"{number}".encode() * 100 for number in range(100)]
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(lambda content: arrived(tmp_path, content, Owner("job", content.decode())), contents))
    assert [path.read_bytes() for path in paths] == contents
    assert len(names(tmp_path)) == len(contents)


def test_what_came_before_is_taken_up_again(tmp_path: Path) -> None:
    part = opened(tmp_path)
    put(part, b"abc")
    put(part, b"xyz", 10)
    part.progress.total = 20
    part.save()
    part.close()  # as after kill -9: nothing was synced
    again = opened(tmp_path)
    assert (again.validator, again.progress.total) == (ETAG, 20)
    assert again.progress.there() == (Span(0, 3), Span(10, 13))
    again.close()


def test_after_a_crash_of_the_machine_only_what_was_synced_counts(tmp_path: Path) -> None:
    part = opened(tmp_path)
    put(part, b"abc")
    part.save(sync=True)
    put(part, b"defghi", 3)
    part.save()
    part.close()
    beside = tmp_path / "out.zip.part.json"
    record = msgspec.json.decode(beside.read_bytes())
    beside.write_bytes(msgspec.json.encode({**record, "boot": "an earlier one"}))
    again = opened(tmp_path)
    assert again.progress.there() == (Span(0, 3),)
    again.close()


def test_without_a_validator_it_begins_anew(tmp_path: Path) -> None:
    part = opened(tmp_path)
    put(part, b"abc")
    part.validator = None
    part.save()
    part.close()
    again = opened(tmp_path)
    assert (again.progress.size, (tmp_path / "out.zip.part").stat().st_size) == (0, 0)
    again.close()


def test_a_record_that_claims_more_than_there_is_counts_for_what_there_is(tmp_path: Path) -> None:
    part = opened(tmp_path)
    put(part, b"abcdef")
    part.save()
    part.close()
    os.truncate(tmp_path / "out.zip.part", 4)
    again = opened(tmp_path)
    assert again.progress.there() == (Span(0, 4),)
    again.close()


@pytest.mark.parametrize("owner", [THEIRS, None])
def test_a_part_of_somebody_else_is_left_alone(tmp_path: Path, owner: Owner | None) -> None:
    """Another job's, or a file of that name that is none of ours."""
    if owner is None:
        (tmp_path / "out.zip.part").write_bytes(b"precious")
    else:
        part = opened(tmp_path, owner=owner)
        put(part, b"precious")
        part.save()
        part.close()
    assert arrived(tmp_path).name == "out.zip"
    assert (tmp_path / "out.zip.part").read_bytes() == b"precious"


def test_what_a_program_made_in_its_last_moment_is_used(tmp_path: Path) -> None:
    (tmp_path / "out.zip.part").touch()
    assert arrived(tmp_path).read_bytes() == b"content"
    assert names(tmp_path) == ["out.zip"]


def test_a_broken_record_is_no_record(tmp_path: Path) -> None:
    beside = tmp_path / "x.part.json"
    for content in (b"", b"{", b"[1]", b'{"job": 3}'):
        beside.write_bytes(content)
        assert read_record(beside) is None
    assert read_record(tmp_path / "nothing") is None


def test_a_record_is_replaced_in_one_step(tmp_path: Path) -> None:
    part = opened(tmp_path)
    put(part, b"abc")
    part.save()
    record = read_record(tmp_path / "out.zip.part.json")
    assert record is not None
    write_record(tmp_path / "out.zip.part.json", record)
    assert names(tmp_path) == ["out.zip.part", "out.zip.part.json"]
    part.close()


def test_discarding_removes_and_closing_keeps(tmp_path: Path) -> None:
    gone, kept = opened(tmp_path, "a"), opened(tmp_path, "b")
    gone.discard()
    gone.discard()
    kept.close()
    kept.discard()
    assert names(tmp_path) == ["b.part", "b.part.json"]
    discard_parts(tmp_path, THEIRS)
    assert names(tmp_path) == ["b.part", "b.part.json"]
    discard_parts(tmp_path, OURS)
    assert names(tmp_path) == []
    discard_parts(tmp_path / "nowhere", OURS)


def test_what_somebody_writes_is_not_discarded(tmp_path: Path) -> None:
    part = opened(tmp_path)
    discard_parts(tmp_path, OURS)
    assert names(tmp_path) == ["out.zip.part", "out.zip.part.json"]
    part.discard()


def test_a_finished_file_is_not_discarded(tmp_path: Path) -> None:
    part = opened(tmp_path)
    path = part.finish("out.zip")
    part.discard()
    assert path.exists()


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"mine")
    (tmp_path / "out.zip.part").symlink_to(tmp_path / "target")
    assert arrived(tmp_path).read_bytes() == b"content"
    assert (tmp_path / "target").read_bytes() == b"mine"


def test_a_link_to_nothing_in_the_way_is_not_followed_either(tmp_path: Path) -> None:
    (tmp_path / "out.zip.part").symlink_to(tmp_path / "target")
    assert arrived(tmp_path).read_bytes() == b"content"
    assert names(tmp_path) == ["out.zip", "out.zip.part"]


def test_no_file_stays_open(tmp_path: Path) -> None:
    for _ in range(5):
        arrived(tmp_path)
        opened(tmp_path).discard()
    assert [target for target in open_files() if target.startswith(str(tmp_path))] == []


def open_files() -> Iterator[str]:
    """What this process has open, by name; other threads of it may open and close theirs meanwhile."""
    for number in Path("/dev/fd").iterdir():
        with suppress(FileNotFoundError):
            yield str(number.readlink())


def test_a_full_disk_is_told_and_what_came_is_kept(small_disk: Path) -> None:
    part = opened(small_disk)
    part.progress.total = 1024 * 1024
    with pytest.raises(DiskFullError, match=r"is full: .* are missing") as caught:
        put(part, bytes(1024 * 1024))
    assert caught.value.hint
    part.close()
    assert (small_disk / "out.zip.part").stat().st_size <= 256 * 1024


def test_room_is_looked_for_beforehand(small_disk: Path) -> None:
    part = PartFile(small_disk, "out.zip", OURS)
    with pytest.raises(DiskFullError, match=r"67\.1 MB are missing|67\.\d MB are missing"):
        part.need_room(256 * 1024)
    part.close()


def test_a_folder_that_takes_no_file_is_told(read_only_folder: Path) -> None:
    for folder in (read_only_folder, read_only_folder / "below"):
        with pytest.raises(DownloadError, match="cannot be written") as caught:
            opened(folder)
        assert "--to DIR" in caught.value.hint


def test_a_file_in_the_folders_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DownloadError, match="cannot be written"):
        opened(tmp_path / "file")


def test_a_part_that_somebody_removed_is_told(tmp_path: Path) -> None:
    part = opened(tmp_path)
    (tmp_path / "out.zip.part").unlink()
    with pytest.raises(DownloadError):
        part.finish("out.zip")
    part.discard()


def test_what_a_sync_did_not_reach_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Network disks tell of a full disk at the sync, and once only; the next sync would succeed."""
    part = opened(tmp_path)
    put(part, b"abc")
    part.save(sync=True)
    put(part, b"defghi", 3)

    def refuse(_: int) -> None:
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", refuse)
        patched.setattr(os, "fdatasync", refuse)
        with pytest.raises(DiskFullError):
            part.save(sync=True)
    part.save(sync=True)
    part.close()
    again = opened(tmp_path)
    assert again.progress.there() == (Span(0, 3),)
    again.close()


def test_the_record_of_a_file_that_began_anew_claims_nothing_of_before(tmp_path: Path) -> None:
    part = opened(tmp_path)
    put(part, b"version one")
    part.save(sync=True)
    part.start_again()
    record = read_record(tmp_path / "out.zip.part.json")
    part.close()
    assert record is not None
    assert (record.validator, record.there, record.synced) == (None, (), ())


def test_records_are_written_while_the_disk_syncs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sync may take half a minute; kill -9 then must not cost what came meanwhile. What began anew is not synced."""
    part, fsync = opened(tmp_path), os.fsync
    put(part, b"abc")
    syncing, may_end = threading.Event(), threading.Event()

    def slow(file: int) -> None:
        syncing.set()
        may_end.wait()
        fsync(file)

    for name in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, name, slow)
    with ThreadPoolExecutor(1) as pool:
        saving = pool.submit(part.save, sync=True)
        syncing.wait()
        put(part, b"def", 3)
        part.save()
        record = read_record(tmp_path / "out.zip.part.json")
        part.start_again()
        may_end.set()
        saving.result()
    after = read_record(tmp_path / "out.zip.part.json")
    part.close()
    assert record is not None
    assert after is not None
    assert record.there == ((0, 6),)
    assert (after.there, after.synced) == ((), ())


def test_a_name_that_was_taken_for_it_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a disk without hard links the name is taken first: nothing stays there when the file does not follow."""
    part = opened(tmp_path)
    put(part, b"content")
    (tmp_path / "out.zip.part").unlink()
    without_links(monkeypatch)
    with pytest.raises(DownloadError):
        part.finish("out.zip")
    part.discard()
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_synced_has_the_file_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def only_files(file: int) -> None:
        if stat.S_ISDIR(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(file)

    monkeypatch.setattr(os, "fsync", only_files)
    assert arrived(tmp_path).read_bytes() == b"content"
    assert names(tmp_path) == ["out.zip"]


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    part = opened(tmp_path / "folder")
    for path in (tmp_path / "folder").iterdir():
        path.unlink()
    (tmp_path / "folder").rmdir()
    with pytest.raises(DownloadError, match="cannot be written"):
        part.need_room(100)
    part.discard()
