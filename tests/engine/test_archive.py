"""Archives made to do harm: each is a clear error or harmless, none takes memory or time."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.zips import make_zip, noise
from tui.engine.fetching.extract import MOST_MEMBERS
from tui.engine.inside.archive import HEAD, chunks_of, head_of, info_of, is_archive, members_of, open_archive
from tui.engine.inside.remote_file import RemoteFile
from tui.errors import DownloadError


def far(content: bytes) -> zipfile.ZipFile:
    """The archive as it is opened at a vendor."""
    file = RemoteFile(lambda first, end: content[first:end], len(content), content[-65_536:])
    return open_archive(file)  # type: ignore[arg-type]  # a raw file reads like one with a buffer


def whole(archive: zipfile.ZipFile, number: int = 0) -> bytes:
    return b"".join(chunks_of(archive, members_of(archive)[number]))


def patched(content: bytes, central: int, form: str, value: int, *, local: int | None = None) -> bytes:
    """A one-member archive with another figure in its directory, and in the member's own header too."""
    changed = bytearray(content)
    at = content.index(b"PK\x01\x02")
    struct.pack_into(form, changed, at + central, value)
    if local is not None:
        struct.pack_into(form, changed, local, value)
    return bytes(changed)


def test_a_bomb_shows_its_beginning_only_and_is_not_fetched() -> None:
    archive = far(make_zip({"bomb": bytes(50 * 1024**2)}))
    (member,) = members_of(archive)
    assert (member.size, member.packed < 60_000) == (50 * 1024**2, True)
    assert head_of(archive, member) == bytes(HEAD)
    with pytest.raises(DownloadError, match="grows beyond"):
        whole(archive)


def test_a_member_that_lies_about_its_size_is_refused() -> None:
    content = make_zip({"a": noise(5000)}, packed=zipfile.ZIP_DEFLATED)
    archive = far(patched(content, 24, "<I", 100, local=22))
    with pytest.raises(DownloadError, match="damaged"):
        whole(archive)
    with pytest.raises(DownloadError, match="damaged"):
        head_of(archive, members_of(archive)[0])
    longer = far(patched(make_zip({"a": noise(5000)}, packed=0), 24, "<I", 3_000_000_000, local=22))
    with pytest.raises(DownloadError, match="damaged"):
        whole(longer)


def test_a_wrong_checksum_is_found() -> None:
    content = patched(make_zip({"a": noise(300_000)}), 16, "<I", 12345, local=14)
    with pytest.raises(DownloadError, match="damaged"):
        whole(far(content))


def test_members_that_lie_over_one_another_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", noise(90_000))
        archive.writestr("b", b"")
        archive.filelist[1].header_offset = 0
    with pytest.raises(DownloadError, match="lie over one another"):
        far(buffer.getvalue())


def test_what_is_locked_or_packed_oddly_says_so() -> None:
    content = make_zip({"secret.txt": b"x"})
    flags = patched(content, 8, "<H", 1, local=6)
    archive = far(flags)
    (member,) = members_of(archive)
    assert member.is_locked
    for read in (head_of, info_of, lambda archive, member: list(chunks_of(archive, member))):
        with pytest.raises(DownloadError, match="locked with a password"):
            read(archive, member)
    for packed, text in ((zipfile.ZIP_BZIP2, bytes(5_000_000)), (zipfile.ZIP_LZMA, b"lzma")):
        odd = far(make_zip({"odd": text}, packed=packed))
        with pytest.raises(DownloadError, match="no preview"):
            head_of(odd, members_of(odd)[0])
        assert whole(odd) == text
    unknown = far(patched(content, 10, "<H", 99, local=8))
    with pytest.raises(DownloadError, match="damaged"):
        whole(unknown)


@pytest.mark.parametrize("count", [MOST_MEMBERS + 1, 20_000])
def test_too_many_members_are_refused(count: int) -> None:
    with pytest.raises(DownloadError, match=f"holds {count} files; at most 10000"):
        far(make_zip({f"{number}": b"" for number in range(count)}))


def test_a_directory_of_many_megabytes_is_not_read() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(80):
            member = zipfile.ZipInfo(f"{number:060000}")
            archive.writestr(member, b"")
    with pytest.raises(DownloadError, match="too large to be looked into"):
        far(buffer.getvalue())


def test_folders_names_and_times_are_told_as_they_are() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.mkdir("folder")
        archive.writestr(zipfile.ZipInfo("esc\x1b[31m\u202e", (2026, 3, 2, 8, 15, 4)), b"1")
        archive.writestr("same", b"2")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("same", b"3")
    opened = far(patched(buffer.getvalue(), 12, "<H", 0xFFFF))
    folder, odd, *same = members_of(opened)
    assert (folder.name, folder.is_folder, folder.at) == ("folder/", True, None)
    assert odd.name == "esc␛[31m�"
    assert odd.raw == "esc\x1b[31m\u202e"
    assert odd.at is not None
    assert odd.at.isoformat() == "2026-03-02T08:15:04"
    assert [head_of(opened, one) for one in same] == [b"2", b"3"]
    with pytest.raises(DownloadError, match="is a folder"):
        head_of(opened, folder)


def test_zip64_is_read() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, archive.open("big", "w", force_zip64=True) as member:
        member.write(b"small after all")
    assert whole(far(buffer.getvalue())) == b"small after all"


GOOD = make_zip({"a.txt": b"hello " * 500, "b.bin": noise(3000)})


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-5], lambda data: data[:2000], lambda _: b"PK\x03\x04", lambda _: b""]
)
def test_what_is_cut_off_is_no_archive(spoil: Callable[[bytes], bytes]) -> None:
    assert not is_archive(io.BytesIO(spoil(GOOD)))
    with pytest.raises(DownloadError, match="damaged or not a whole ZIP"):
        open_archive(io.BytesIO(spoil(GOOD)))


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_any_damage_ends_in_our_own_error_or_does_no_harm(damage: list[tuple[int, int]]) -> None:
    content = bytearray(GOOD)
    for at, value in damage:
        content[at] = value
    try:
        archive = far(bytes(content))
        for number, member in enumerate(members_of(archive)):
            head_of(archive, member)
            whole(archive, number)
    except DownloadError:
        return
