"""octoplant: what a fetched archive holds, told without unpacking it (dossier sections 3.3 and 8)."""

from __future__ import annotations

import contextlib
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.vendors.strategies import json_values
from tui.errors import DownloadError
from tui.vendors.contract import ListsArchives, Packed, Vendor
from tui.vendors.octoplant import VENDOR

FILES = {"ProjectTree.json": b"{}", "logs/EventLog.csv": b"a;b\n"}


def archive(folder: Path, index: bytes | None, files: dict[str, bytes] | None = None) -> Path:
    path = folder / "export.zip"
    with zipfile.ZipFile(path, "w") as made:
        if index is not None:
            made.writestr("contents.json", index)
        for name, content in (FILES if files is None else files).items():
            made.writestr(name, content)
        made.mkdir("empty")
    return path


def test_it_lists_archives() -> None:
    vendor: Vendor = VENDOR
    assert isinstance(vendor, ListsArchives)


@pytest.mark.parametrize(
    "index",
    [
        {"contents": [{"file": "ProjectTree.json", "type": "projectTree"}, {"file": "EventLog.csv", "type": "events"}]},
        [{"path": "export\\ProjectTree.json", "kind": "projectTree"}, {"path": "logs/EventLog.csv", "what": "events"}],
        {"a": {"b": [{"n": "ProjectTree.json", "t": "projectTree"}, {"n": "EventLog.csv", "t": "events", "size": 4}]}},
    ],
)
def test_the_index_is_read_whatever_its_schema(tmp_path: Path, index: object) -> None:
    assert VENDOR.list_archive(archive(tmp_path, json.dumps(index).encode())) == (
        Packed("ProjectTree.json", 2, "projectTree"),
        Packed("logs/EventLog.csv", 4, "events"),
    )


@pytest.mark.parametrize("index", [None, b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'{"file": "Other.csv"}'])
def test_without_a_usable_index_the_directory_is_enough(tmp_path: Path, index: bytes | None) -> None:
    assert VENDOR.list_archive(archive(tmp_path, index)) == (
        Packed("ProjectTree.json", 2),
        Packed("logs/EventLog.csv", 4),
    )


def test_trap_07_hostile_names_are_shown_inert_and_unpack_nothing(tmp_path: Path) -> None:
    (packed,) = VENDOR.list_archive(archive(tmp_path, None, {"../../e\x1b[31mvil\n.csv": b"x"}))
    assert packed == Packed("../../e␛[31mvil .csv", 1)
    assert [path.name for path in tmp_path.iterdir()] == ["export.zip"]


@pytest.mark.parametrize("content", [b"", b"PK", b'{"error":{"code":13,"message":"x"}}', b"PK\x03\x04" * 100])
def test_trap_05_what_is_no_archive_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(content)
    with pytest.raises(DownloadError, match=r"export\.zip is not a whole ZIP archive") as caught:
        VENDOR.list_archive(path)
    assert caught.value.hint == "download it again"


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(DownloadError):
        VENDOR.list_archive(tmp_path / "none.zip")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(json_values, st.integers(0, 400), st.binary(min_size=1, max_size=4))
def test_a_damaged_archive_never_breaks_the_reader(tmp_path: Path, index: object, at: int, noise: bytes) -> None:
    path = archive(tmp_path, json.dumps(index).encode())
    whole = path.read_bytes()
    VENDOR.list_archive(path)
    path.write_bytes(whole[:at] + noise + whole[at + len(noise) :])
    with contextlib.suppress(DownloadError):
        VENDOR.list_archive(path)
