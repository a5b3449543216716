"""File names from strangers: no folder, nothing a shell or a terminal obeys, never too long."""

from __future__ import annotations

import unicodedata
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.engine.fetching.names import numbered, safe_name

hostile = st.text(st.characters(exclude_categories=()), max_size=300) | st.text(
    alphabet="/\\.:-~ \x00\x1bcon.é日", max_size=40
)


@given(hostile)
def test_any_name_is_one_harmless_file_in_the_folder(text: str) -> None:
    name = safe_name(text)
    assert Path("folder", name).resolve().parent == Path("folder").resolve()
    assert PureWindowsPath(name).name == name
    assert 0 < len(name.encode()) <= 200
    assert not set(name) & set('/\\<>:"|?*')
    assert not [one for one in name if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert name[0] not in ".- "
    assert name[-1] not in ". "


@given(hostile)
def test_a_safe_name_stays_as_it_is(text: str) -> None:
    assert safe_name(safe_name(text)) == safe_name(text)


@given(hostile)
def test_a_safe_name_can_be_made_on_this_disk(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / f"{safe_name(text)}.part"
    path.touch()
    path.unlink()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("../../evil.sh", "evil.sh"),
        ("C:\\Windows\\x.dll", "x.dll"),
        (".bashrc", "bashrc"),
        ("-rf", "rf"),
        ("- -x", "x"),
        ("", "download"),
        ("..", "download"),
        ("/", "download"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("Lpt¹ .log", "_Lpt¹ .log"),
        ("console.txt", "console.txt"),
        ("a\x1b]52;c;x\x07b", "a]52;c;xb"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ('re:port "1"?.zip', "re_port _1__.zip"),
        ("e\u0301.txt", "é.txt"),
        ("Überprüfung 2026.zip", "Überprüfung 2026.zip"),
        ("x" * 300 + ".zip", "x" * 196 + ".zip"),
        ("日" * 100 + ".tar.gz", "日" * 65 + ".gz"),
        ("y." + "z" * 250, "y." + "z" * 198),
        ("a.zip.part", "a.zip.part_"),
        ("a.PART.json", "a.PART.json_"),
        ("a.part.json.new", "a.part.json.new_"),
        ("apart", "apart"),
        ("x" * 300 + ".part", "x" * 194 + ".part_"),
    ],
)
def test_names_that_others_got_wrong(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_a_taken_name_gets_a_number_before_its_ending() -> None:
    assert numbered(Path("/x/a.zip"), 0) == Path("/x/a.zip")
    assert numbered(Path("/x/a.zip"), 1) == Path("/x/a (1).zip")
    assert numbered(Path("/x/a"), 12) == Path("/x/a (12)")
