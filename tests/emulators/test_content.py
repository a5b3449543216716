from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.emulators import parcels, rows
from tui.emulators.content import SMALL, Content, PartContent, Sums, TextContent, ZipContent

PARCELS = (parcels.turbines, parcels.mesh, parcels.bids, parcels.media, parcels.plant)


def read(content: Content, first: int = 0, stop: int | None = None) -> bytes:
    return b"".join(content.pieces(first, content.size if stop is None else stop))


SAMPLE = parcels.turbines("seed", "wind-2026-03", 700_000)
WHOLE = read(SAMPLE)


@given(st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)))
def test_any_range_is_the_slice_of_the_whole(one: int, other: int) -> None:
    first, stop = sorted((one, other))
    assert read(SAMPLE, first, stop) == WHOLE[first:stop]


@given(st.sampled_from(PARCELS), st.integers(10_000, 400_000))
def test_every_parcel_is_a_valid_zip_of_the_told_size(make: Callable[[str, str, int], ZipContent], size: int) -> None:
    content = make("seed", "export", size)
    data = read(content)
    assert len(data) == content.size
    assert abs(content.size - size) < 12_000
    with ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) >= 3


def test_large_sizes_are_known_without_making_the_bytes() -> None:
    assert abs(parcels.turbines("s", "year", 300_000_000).size - 300_000_000) < 20_000


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    again, other = parcels.bids("a", "bids", 50_000), parcels.bids("b", "bids", 50_000)
    assert read(parcels.bids("a", "bids", 50_000)) == read(again) != read(other)


def test_members_are_what_their_names_say() -> None:
    with ZipFile(BytesIO(read(parcels.plant("s", "export", 30_000)))) as archive:
        index = json.loads(archive.read("contents.json"))
        tree = json.loads(archive.read(index["contents"][0]["file"]))
    assert len(tree["components"]) > 100
    with ZipFile(BytesIO(WHOLE)) as archive:
        lines = archive.read("wind-2026-03/part-00000.csv").decode().splitlines()
    assert {len(line.split(",")) for line in lines[:-1]} == {6}


@pytest.mark.parametrize("loom", [rows.TURBINES, rows.LOG, rows.COMPONENTS, rows.BIDS, rows.MESH])
def test_rows_fit_their_width(loom: rows.Loom) -> None:
    text = b"".join(loom.pieces(300, 0, 0, loom.size(300)))
    lines = text[len(loom.head) : len(text) - len(loom.tail)].splitlines(keepends=True)
    assert {len(line) for line in lines} == {loom.width}
    longest = max(len(line.rstrip()) for line in lines)
    assert longest < loom.width - 1, "a row that fills its width may have been cut"


def test_sums() -> None:
    small = Sums(TextContent("a.txt", b"hello"))
    assert small.etag == f'"{hashlib.md5(b"hello").hexdigest()}"'
    assert small.sha1 == hashlib.sha1(b"hello").hexdigest()
    large = Sums(parcels.mesh("s", "scene", SMALL + 1_000_000))
    assert large.etag.endswith('-2"')
    assert large.sha1 == hashlib.sha1(read(large.content)).hexdigest()


def test_a_part_is_a_piece_of_the_whole() -> None:
    part = PartContent(SAMPLE, 1000, 3000)
    assert part.size == 2000
    assert read(part) == WHOLE[1000:3000]
    assert read(part, 500, 5000) == WHOLE[1500:3000]
