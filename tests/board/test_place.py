"""The file that keeps where the user was: whole, private, and harmless when it is broken."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

import pytest

from tests.clock import START
from tui.screens.place import Place, PlaceFile

PLACE = Place(cursor="a:1", marks=("a:2",), typed="state:", is_typing=True, history=("x", "y"), sort="AGE")


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "view.json"
    PlaceFile(path).write(PLACE, START)
    read = PlaceFile(path).read()
    assert (read.cursor, read.marks, read.typed, read.history) == ("a:1", ("a:2",), "state:", ("x", "y"))
    assert read.looked_until == START
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(tmp_path.iterdir()) == {path, path.with_suffix(".lock")}


def test_the_same_place_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "view.json"
    file = PlaceFile(path)
    file.write(PLACE, START)
    path.unlink()
    file.write(PLACE, START)
    assert not path.exists()
    file.write(PLACE, START, is_end=True)
    assert PlaceFile(path).read().looked_until == START


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"cursor": 5}',
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"cursor": "a\\ud800"}',
        b'{"looked_until": "2026-03-02T08:15:00"}',
    ],
)
def test_a_broken_file_is_passed_over_and_logged(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "view.json"
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING, "jobdeck.place"):
        assert PlaceFile(path).read() == Place()
    assert "view.json is not read" in caplog.text


def test_keys_of_a_newer_jobdeck_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "view.json"
    path.write_bytes(b'{"cursor": "a:1", "of_tomorrow": [1]}')
    assert PlaceFile(path).read().cursor == "a:1"


def test_no_file_and_no_room_are_no_trouble(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert PlaceFile(None).read() == PlaceFile(tmp_path / "none").read() == Place()
    PlaceFile(None).write(PLACE, START)
    lost = PlaceFile(tmp_path / "no" / "folder")
    lost.write(PLACE, START)
    lost.write(Place(), START)
    assert caplog.text.count("is not written") == 1
