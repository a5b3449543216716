"""Archives from strangers: nothing lands outside the new folder, nothing grows without bounds, nothing is left."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.zips import make_zip, noise
from tui.engine.fetching.extract import MOST_MEMBERS, extract
from tui.errors import DownloadError


def unpacked(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_members_come_out_as_they_went_in(tmp_path: Path) -> None:
    members = {"a.txt": b"hello", "deep/er/b.bin": noise(300_000), "empty": b""}
    (tmp_path / "out.zip").write_bytes(make_zip(members))
    folder = extract(tmp_path / "out.zip")
    assert folder == tmp_path / "out"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert unpacked(folder) == members


def test_an_existing_folder_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out.zip").write_bytes(make_zip({"a": b"1"}))
    (tmp_path / "bare").write_bytes(make_zip({"a": b"1"}))
    assert extract(tmp_path / "out.zip").name == "out (1)"
    assert extract(tmp_path / "bare").name == "bare_"
    assert not list((tmp_path / "out").iterdir())


def test_slips_links_and_twins_stay_inside(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    home = tmp_path / "home"
    home.mkdir()
    with zipfile.ZipFile(home / "x.zip", "w") as archive:
        archive.writestr("../../slip.txt", b"1")
        archive.writestr("/abs/olute.txt", b"2")
        archive.writestr("C:\\win\\dows.txt", b"3")
        archive.writestr(link, b"/etc/passwd")
        archive.writestr("a?b", b"5")
        archive.writestr("a*b", b"6")
        archive.writestr("..", b"7")
        archive.writestr("esc\x1b[31m", b"8")
    folder = extract(home / "x.zip")
    assert unpacked(folder) == {
        "slip.txt": b"1",
        "abs/olute.txt": b"2",
        "C_/win/dows.txt": b"3",
        "link": b"/etc/passwd",
        "a_b": b"5",
        "a_b (1)": b"6",
        "download": b"7",
        "esc[31m": b"8",
    }
    assert not (folder / "link").is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]
    assert sorted(path.name for path in home.iterdir()) == ["x", "x.zip"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(make_zip({"bomb": bytes(50 * 1024**2)}), "grows beyond", id="bomb"),
        pytest.param(make_zip({f"{n}": b"" for n in range(MOST_MEMBERS + 1)}), "at most 10000", id="too many"),
        pytest.param(make_zip()[:-5], "cannot be unpacked", id="cut"),
        pytest.param(make_zip({"a": b"1", "a/b": b"2"}), "cannot be unpacked", id="a file that is a folder"),
        pytest.param(make_zip(packed=0).replace(b"hello", b"hallo"), "cannot be unpacked", id="wrong checksum"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(DownloadError, match=words):
        extract(tmp_path / "x.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["x.zip"]


def test_well_packed_small_files_are_no_bomb(tmp_path: Path) -> None:
    (tmp_path / "log.zip").write_bytes(make_zip({"log": bytes(9 * 1024**2)}))
    assert (extract(tmp_path / "log.zip") / "log").stat().st_size == 9 * 1024**2


@given(
    st.lists(
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
        | st.text(alphabet="./\\a\x1b:C", min_size=1, max_size=12),
        min_size=1,
        max_size=6,
    )
)
def test_no_names_leave_the_folder(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    home = tmp_path_factory.mktemp("names")
    with zipfile.ZipFile(home / "x.zip", "w") as archive:
        for name in dict.fromkeys(names):
            archive.writestr(zipfile.ZipInfo(name), name)
    try:
        folder = extract(home / "x.zip")
    except DownloadError:
        assert [path.name for path in home.iterdir()] == ["x.zip"]
        return
    assert sorted(path.name for path in home.iterdir()) == ["x", "x.zip"]
    assert len(unpacked(folder)) <= len(set(names))
