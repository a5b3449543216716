"""Which check a file passed, and files that must not pass."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.zips import make_zip
from tui.engine.fetching.digests import Sums
from tui.engine.fetching.verify import Expected, Received, check_zip, verify
from tui.errors import DownloadError
from tui.model import Verified


def received(path: Path, content: bytes) -> Received:
    path.write_bytes(content)
    names = ("sha256", "sha1", "md5")
    return Received(path, len(content), Sums(*(hashlib.new(name, content).hexdigest() for name in names)))


def test_the_strongest_check_that_there_is_counts(tmp_path: Path) -> None:
    content = make_zip()
    got = received(tmp_path / "x", content)
    size, sums = len(content), got.sums
    assert sums.sha1
    assert sums.md5
    assert verify(Expected(size, sums.sha1.upper(), "0" * 64, sums.md5, is_zip=True), got) is Verified.SHA1
    assert verify(Expected(size, None, sums.sha256.upper(), sums.md5, is_zip=True), got) is Verified.SHA256
    assert verify(Expected(size, md5=sums.md5, is_zip=True), got) is Verified.ZIP
    assert verify(Expected(size, md5=sums.md5.upper()), got) is Verified.MD5
    assert verify(Expected(size, md5="0" * 32), got) is Verified.SIZE
    assert verify(Expected(), got) is Verified.NONE


def test_wrong_size_and_wrong_hash_are_refused(tmp_path: Path) -> None:
    got = received(tmp_path / "x", b"1234")
    with pytest.raises(DownloadError, match="4 bytes came, 5 were due"):
        verify(Expected(5), got)
    for expected, told in ((Expected(4, "0" * 40), "SHA-1"), (Expected(4, sha256="0" * 64), "SHA-256")):
        with pytest.raises(DownloadError, match=told) as caught:
            verify(expected, got)
        assert caught.value.hint


@pytest.mark.parametrize("packed", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("comment", [b"", b"made by the export service\n"])
def test_whole_archives_pass(tmp_path: Path, packed: int, comment: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(make_zip(packed=packed, comment=comment))
    check_zip(tmp_path / "x.zip")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>Sign in</html>", id="a web page"),
        pytest.param(make_zip()[:-30], id="cut"),
        pytest.param(make_zip() + b'{"error": "export broke off"}', id="error text behind it"),
        pytest.param(make_zip() + b"\n\n", id="more than a newline behind it"),
        pytest.param(make_zip(comment=b"c") + b"x", id="something behind its comment"),
        pytest.param(make_zip().replace(b"\x00\x00\x00\x00", b"\x00\x01\x00\x00", 1), id="a wrong header"),
        pytest.param(make_zip(packed=zipfile.ZIP_STORED).replace(b"hello", b"hallo"), id="a wrong checksum"),
    ],
)
def test_spoilt_archives_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(DownloadError):
        check_zip(tmp_path / "x.zip")


def test_one_newline_behind_the_archive_is_harmless(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(make_zip() + b"\n")
    check_zip(tmp_path / "x.zip")


@given(
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]),
    st.lists(st.tuples(st.integers(0, 2**16), st.binary(min_size=1, max_size=8)), min_size=1, max_size=6),
)
def test_no_damage_ends_in_another_error(
    tmp_path_factory: pytest.TempPathFactory, packed: int, damage: list[tuple[int, bytes]]
) -> None:
    content = bytearray(make_zip({"a.txt": b"hello " * 20, "b": b"x"}, packed=packed))
    for offset, what in damage:
        at = offset % len(content)
        content[at : at + len(what)] = what
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(content)
    try:
        check_zip(path)
    except DownloadError:
        return
