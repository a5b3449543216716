"""Small files arrive without a name: nothing is seen of them before they are whole, and nothing is left behind."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.poor_system import without_links, without_nameless_files, without_proc
from tui.engine.fetching.nameless import give_name, open_nameless
from tui.engine.fetching.part_file import Owner, PartFile
from tui.engine.fetching.progress import Piece
from tui.engine.fetching.spans import Span

OWNER = Owner("plant:A", "a.txt")


def small(folder: Path, text: bytes = b"hello") -> PartFile:
    part = PartFile(folder, "a.txt", OWNER, 0, is_small=True)
    piece = part.progress.take(lambda gap, _: Span(gap.first, gap.end))
    assert isinstance(piece, Piece)
    part.write(piece, memoryview(text))
    part.progress.give_back(piece)
    part.progress.total = len(text)
    return part


@pytest.fixture
def has_nameless(tmp_path: Path) -> None:
    opened = open_nameless(tmp_path)
    if opened is None:
        pytest.skip("this system makes no such files")
    os.close(opened[1])


@pytest.mark.usefixtures("has_nameless")
def test_it_is_seen_when_it_is_whole_and_never_over_another(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("mine")
    part = small(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
    part.save(sync=True)
    assert part.path.read_bytes() == b"hello"
    assert part.finish("a.txt") == tmp_path / "a (1).txt"
    assert (tmp_path / "a (1).txt").read_bytes() == b"hello"
    assert (tmp_path / "a (1).txt").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "a.txt").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.usefixtures("has_nameless")
@pytest.mark.parametrize("end", [PartFile.discard, PartFile.close])
def test_whatever_ends_it_leaves_nothing(tmp_path: Path, end: object) -> None:
    part = small(tmp_path)
    assert callable(end)
    end(part)
    assert list(tmp_path.iterdir()) == []


def test_one_that_was_begun_before_is_gone_on_with(tmp_path: Path) -> None:
    old = PartFile(tmp_path, "a.txt", OWNER, 0)
    old.validator = '"v"'
    old.progress.total = 5
    piece = old.progress.take(lambda gap, _: Span(gap.first, 3))
    assert piece is not None
    old.write(piece, memoryview(b"hel"))
    old.save(sync=True)
    old.close()
    part = PartFile(tmp_path, "a.txt", OWNER, 0, is_small=True)
    assert (part.is_nameless, part.progress.size, part.validator) == (False, 3, '"v"')
    part.discard()


def test_a_folder_that_makes_no_links_gets_it_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_links(monkeypatch)
    assert small(tmp_path).finish("a.txt").read_bytes() == b"hello"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("lack", [without_nameless_files, without_proc])
def test_a_system_without_such_files_uses_a_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lack: Callable[[pytest.MonkeyPatch], None]
) -> None:
    lack(monkeypatch)
    part = small(tmp_path)
    assert (tmp_path / "a.txt.part").read_bytes() == b"hello"
    assert part.finish("a.txt").read_bytes() == b"hello"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.usefixtures("has_nameless")
def test_a_name_that_is_taken_is_told(tmp_path: Path) -> None:
    opened = open_nameless(tmp_path)
    assert opened is not None
    (tmp_path / "a").touch()
    with pytest.raises(FileExistsError):
        give_name(opened[1], tmp_path / "a")
    os.close(opened[1])
