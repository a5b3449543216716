"""The seekable file over ranges: the same bytes as a file in memory, in few requests, with little kept."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.zips import make_zip
from tui.engine.inside.remote_file import BLOCK, LARGEST_READ, MOST_KEPT, LocalFile, RemoteFile
from tui.errors import DownloadError

MOVES = st.lists(
    st.tuples(st.sampled_from(["read", "set", "cur", "end"]), st.integers(-(BLOCK + 9), 3 * BLOCK + 9)), max_size=30
)


class Far:
    """Content behind a wire; keeps which bytes were asked for."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.asked: list[tuple[int, int]] = []

    def fetch(self, first: int, end: int) -> bytes:
        assert 0 <= first < end <= len(self.content)
        self.asked.append((first, end))
        return self.content[first:end]

    def open(self, tail: int) -> RemoteFile:
        size = len(self.content)
        return RemoteFile(self.fetch, size, self.content[max(size - tail, 0) :])


@given(st.integers(0, 6 * BLOCK), st.integers(0, 2 * BLOCK), MOVES)
@settings(max_examples=60, deadline=None)
def test_it_reads_as_a_file_in_memory_does(size: int, tail: int, moves: list[tuple[str, int]]) -> None:
    content = random.Random(size).randbytes(size)
    file, model = Far(content).open(tail), io.BytesIO(content)
    for move, number in moves:
        if move == "read":
            assert file.read(number) == model.read(number)
        else:
            whence = {"set": io.SEEK_SET, "cur": io.SEEK_CUR, "end": io.SEEK_END}[move]
            base = {"set": 0, "cur": model.tell(), "end": size}[move]
            if base + number < 0:
                with pytest.raises(ValueError, match="before the beginning"):
                    file.seek(number, whence)
            else:
                assert file.seek(number, whence) == base + number == model.seek(base + number)
        assert file.tell() == model.tell()


@given(
    st.dictionaries(st.text("abc/", min_size=1, max_size=8), st.integers(0, 3 * BLOCK), min_size=1, max_size=6),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    st.integers(22, 2 * BLOCK),
    st.text("remark ", max_size=40).map(str.encode),
    st.randoms(use_true_random=False),
)
@settings(max_examples=40, deadline=None)
def test_zipfile_finds_the_same_in_it(
    sizes: dict[str, int], packed: int, tail: int, comment: bytes, order: random.Random
) -> None:
    members = {name: random.Random(size).randbytes(size // 2) * 2 for name, size in sizes.items()}
    content = b"in front" + make_zip(members, packed=packed, comment=comment)
    with zipfile.ZipFile(Far(content).open(tail)) as far, zipfile.ZipFile(io.BytesIO(content)) as near:
        assert [one.filename for one in far.infolist()] == [one.filename for one in near.infolist()]
        names = near.namelist()
        order.shuffle(names)
        assert [far.read(name) for name in names] == [near.read(name) for name in names]


def test_reading_straight_on_takes_ever_larger_steps_and_keeps_little() -> None:
    far = Far(bytes(20 * 1024**2))
    file = far.open(BLOCK)
    while file.read(9000):
        pass
    assert len(far.asked) <= 12
    assert [end for _, end in far.asked[:-1]] == [first for first, _ in far.asked[1:]]
    asked, kept, place = len(far.asked), 0, 20 * 1024**2 - 2 * BLOCK  # the last block is the tail
    while len(far.asked) == asked:
        file.seek(place - kept * BLOCK)
        file.read(1)
        kept += len(far.asked) == asked
    assert kept == MOST_KEPT, "what came before those has to be asked for once more"


def test_what_is_kept_is_not_asked_again_and_the_tail_never() -> None:
    far = Far(bytes(4 * BLOCK))
    file = far.open(BLOCK)
    for place in (3 * BLOCK, 10, 4 * BLOCK - 1, 20, 2 * BLOCK + 5, BLOCK - 5):
        file.seek(place)
        file.read(3)
    assert far.asked == [(0, BLOCK), (2 * BLOCK, 3 * BLOCK)]
    assert file.readable()
    assert file.seekable()


def test_no_read_is_larger_than_anything_honest(tmp_path: Path) -> None:
    far = Far(bytes(LARGEST_READ + 1))
    with pytest.raises(DownloadError, match="too large to be looked into"):
        far.open(BLOCK).read()
    assert far.asked == []
    (tmp_path / "x").write_bytes(b"abc")
    with LocalFile(tmp_path / "x") as file:
        with pytest.raises(DownloadError, match="too large"):
            file.read(LARGEST_READ + 1)
        assert file.read(2) == b"ab"
        file.stop()
        with pytest.raises(DownloadError, match="stopped"):
            file.read(1)
