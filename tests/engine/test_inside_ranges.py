"""Reading ranges at a vendor: what servers and links do meanwhile, and that the bytes are always of one file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clock import START, FakeClock
from tests.engine.ranged import FILES, KEY, LINK, ZIP, Lab, Shelf, named
from tests.engine.scripted import ScriptedVendor
from tests.engine.webs import Chunks, connection, sessions
from tests.engine.zips import make_zip, noise
from tui.engine.facts.archives import Member
from tui.engine.fetching.patience import MOST_RENEWALS
from tui.engine.inside.ranges import TAIL, RangeSource
from tui.errors import AskError, DownloadError, JobdeckError
from tui.model import Output, ProblemKind, Reference, Safe
from tui.vendors.contract import Link, Part


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(ZIP)


@pytest.fixture
async def lab(tmp_path: Path, shelf: Shelf) -> AsyncIterator[Lab]:
    lab = await Lab(tmp_path, shelf).open()
    yield lab
    await lab.close()


async def test_a_server_without_ranges_is_not_read_whole(lab: Lab, shelf: Shelf) -> None:
    shelf.ranges = False
    taken = 0

    def endless(_: httpx.Request) -> httpx.Response:
        def pieces() -> Any:
            nonlocal taken
            for _ in range(1000):
                taken += 1
                yield ZIP[:4] + bytes(16_380)

        return httpx.Response(200, stream=Chunks(pieces()))

    lab.web.answer = endless
    with pytest.raises(DownloadError, match="only whole") as caught:
        await lab.inside.look(KEY, "out.zip")
    assert caught.value.hint == "download it, then look inside"
    assert taken <= 5


async def test_without_ranges_a_plain_file_still_shows_its_beginning(tmp_path: Path) -> None:
    shelf = Shelf(b'{"a": 1}')
    shelf.ranges = False
    lab = await Lab(tmp_path, shelf, "out.json").open()
    contents = await lab.inside.look(KEY, "out.json")
    assert contents.preview is not None
    assert contents.preview.kind == "JSON"
    with pytest.raises(DownloadError, match="is no archive"):
        await lab.inside.preview(KEY, "out.json", Member(0, "a", Safe("a"), 1, 1))
    await lab.close()


@pytest.mark.parametrize("hears", [True, False], ids=["412", "another ETag"])
async def test_a_file_that_changed_meanwhile_is_told(lab: Lab, shelf: Shelf, hears: bool) -> None:
    contents = await lab.inside.look(KEY, "out.zip")
    shelf.content, shelf.etag, shelf.keeps_promises = make_zip({"other": noise(500_000)}), '"two"', hears
    with pytest.raises(DownloadError, match="has changed") as caught:
        await lab.inside.preview(KEY, "out.zip", contents.members[0])
    assert caught.value.hint == "look inside again"
    assert [one.name for one in (await lab.inside.look(KEY, "out.zip")).members] == ["other"]
    with pytest.raises(DownloadError, match="the archive has changed"):
        await lab.inside.preview(KEY, "out.zip", contents.members[0])


async def test_without_a_validator_another_length_is_seen(lab: Lab, shelf: Shelf) -> None:
    shelf.etag = None
    contents = await lab.inside.look(KEY, "out.zip")
    await lab.inside.preview(KEY, "out.zip", contents.members[0])
    assert "if-match" not in lab.web.sent[-1].headers
    shelf.content += b"\n"
    with pytest.raises(DownloadError, match="has changed"):
        await lab.inside.preview(KEY, "out.zip", named(contents, "deep/noise.bin"))


async def test_a_file_that_changes_while_a_member_comes_leaves_nothing(lab: Lab, shelf: Shelf) -> None:
    contents = await lab.inside.look(KEY, "out.zip")
    before = len(lab.asked)

    def swapped(request: httpx.Request) -> httpx.Response:
        if len(lab.asked) - before > 2:
            shelf.etag = '"two"'
        return shelf(request)

    lab.web.answer = swapped
    with pytest.raises(DownloadError, match="has changed"):
        await lab.inside.take(KEY, "out.zip", (named(contents, "deep/noise.bin"),))
    assert lab.files() == {}


async def test_a_link_that_dies_is_renewed_and_the_validator_kept(lab: Lab, shelf: Shelf) -> None:
    fresh = Link("https://bucket.example/fresh.zip?X-Amz-Signature=canary2")
    lab.vendor.links = [(LINK,), (fresh,)]
    contents = await lab.inside.look(KEY, "out.zip")
    shelf.refused = {"/out.zip"}
    assert (await lab.inside.preview(KEY, "out.zip", contents.members[0])).kind == "text"
    assert [(one.url.path, one.headers.get("if-match")) for one in lab.web.sent] == [
        ("/out.zip", None),
        ("/out.zip", '"one"'),
        ("/fresh.zip", '"one"'),
    ]


async def test_a_link_is_renewed_before_it_dies(lab: Lab) -> None:
    def link(name: str, minute: int) -> Link:
        return Link(f"https://bucket.example/{name}?X-Amz-Date=20260302T08{minute}00Z&X-Amz-Expires=300")

    assert START.astimezone(UTC).strftime("%H%M") == "0815"
    lab.vendor.links = [(link("old", 15),), (link("new", 20),)]
    contents = await lab.inside.look(KEY, "out.zip")
    lab.clock.jump(260)
    await lab.inside.preview(KEY, "out.zip", contents.members[0])
    assert [one.url.path for one in lab.web.sent] == ["/old", "/new"]


async def test_a_link_that_is_refused_again_and_again_is_given_up(lab: Lab, shelf: Shelf) -> None:
    shelf.refused = {"/out.zip"}
    with pytest.raises(AskError, match=r"refused the link \(403\)"):
        await lab.patiently(lab.inside.look(KEY, "out.zip"))
    assert len(lab.asked) == 1 + MOST_RENEWALS


SHORT = {"Content-Range": f"bytes {len(ZIP) - TAIL}-{len(ZIP) - 1}/{len(ZIP)}", "Content-Length": str(TAIL)}


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([httpx.Response(503), httpx.Response(429)], id="503, 429"),
        pytest.param([httpx.Response(206, stream=Chunks([httpx.ReadError("reset")]), headers=SHORT)], id="reset"),
    ],
)
async def test_what_may_pass_is_tried_again(lab: Lab, shelf: Shelf, answers: list[httpx.Response]) -> None:
    shelf.first = list(answers)
    contents = await lab.patiently(lab.inside.look(KEY, "out.zip"))
    assert len(contents.members) == 3


async def test_what_does_not_pass_is_told(lab: Lab, shelf: Shelf) -> None:
    shelf.first = [httpx.Response(503) for _ in range(5)]
    with pytest.raises(AskError, match="answered 503") as caught:
        await lab.patiently(lab.inside.look(KEY, "out.zip"))
    assert caught.value.kind is ProblemKind.UNREACHABLE
    assert len(shelf.first) == 2


@pytest.mark.parametrize(
    ("response", "words"),
    [
        pytest.param(httpx.Response(404), "not there", id="gone"),
        pytest.param(httpx.Response(418), "answered 418", id="odd"),
        pytest.param(httpx.Response(416), "is empty", id="nothing in it"),
        pytest.param(httpx.Response(206, stream=Chunks([b"x"])), "which part", id="no Content-Range"),
        pytest.param(
            httpx.Response(206, stream=Chunks([b"x"]), headers={"Content-Range": "bytes 3-5/9"}),
            "another part",
            id="other bytes",
        ),
        pytest.param(
            httpx.Response(206, stream=Chunks([b"x"]), headers={"Content-Range": "bytes 0-8/*"}),
            "which part",
            id="no length",
        ),
        pytest.param(
            httpx.Response(
                206,
                stream=Chunks([b"x"]),
                headers={"Content-Range": "bytes 0-0/1", "Content-Encoding": "gzip"},
            ),
            "packs the bytes",
            id="packed",
        ),
        pytest.param(
            httpx.Response(206, stream=Chunks([b"123"]), headers={"Content-Range": "bytes 0-0/1"}),
            "more bytes",
            id="too much",
        ),
    ],
)
async def test_answers_that_are_no_range_are_refused(
    lab: Lab, shelf: Shelf, response: httpx.Response, words: str
) -> None:
    shelf.first = [response]
    with pytest.raises(JobdeckError, match=words) as caught:
        await lab.inside.look(KEY, "out.zip")
    assert "canary" not in str(caught.value)


async def test_a_range_that_comes_in_pieces_is_put_together(lab: Lab, shelf: Shelf) -> None:
    """A server may send fewer bytes than were asked for; the rest is asked for again."""

    def little(request: httpx.Request) -> httpx.Response:
        begin, _, last = request.headers["range"].removeprefix("bytes=").partition("-")
        if begin and int(last) - int(begin) > 10_000:
            request.headers["range"] = f"bytes={begin}-{int(begin) + 9_999}"
        return shelf(request)

    lab.web.answer = little
    contents = await lab.inside.look(KEY, "out.zip")
    (taken,) = await lab.inside.take(KEY, "out.zip", (named(contents, "deep/noise.bin"),))
    assert taken.path.read_bytes() == FILES["deep/noise.bin"]


async def test_the_first_way_that_gives_ranges_is_taken(lab: Lab, shelf: Shelf) -> None:
    lab.vendor.links = [(Link("https://gone.example/"), Link("https://whole.example/"), LINK)]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "gone.example":
            return httpx.Response(404)
        return httpx.Response(200, content=ZIP) if request.url.host == "whole.example" else shelf(request)

    lab.web.answer = answer
    assert len((await lab.inside.look(KEY, "out.zip")).members) == 3
    lab.vendor.links = [()]
    with pytest.raises(DownloadError, match="cannot be had any more"):
        await lab.inside.look(KEY, "out.zip")


async def test_a_file_in_pieces_is_read_through_them(lab: Lab) -> None:
    cut = [0, 90_000, 350_000, len(ZIP)]
    pieces = {f"/{a}-{b}": Shelf(ZIP[a:b]) for a, b in pairwise(cut)}
    for path, piece in pieces.items():
        piece.etag = f'"{path}"'
    lab.web.answer = lambda request: pieces[request.url.path](request)
    parts = tuple(Part(f"https://b.example/{a}-{b}", a, b - 1) for a, b in pairwise(cut))
    lab.vendor.links = [(Link("", size=len(ZIP), parts=parts),)]
    contents = await lab.inside.look(KEY, "out.zip")
    taken = await lab.inside.take(KEY, "out.zip", contents.members)
    assert [one.path.read_bytes() for one in taken] == list(FILES.values())
    assert len({one.url.path for one in lab.web.sent}) == 3
    lab.vendor.links = [(Link("", parts=(parts[0], parts[2])),)]
    with pytest.raises(DownloadError, match="has a hole"):
        await lab.inside.look(KEY, "out.zip")


async def test_a_piece_of_another_length_is_another_file(lab: Lab) -> None:
    lab.vendor.links = [(Link("", parts=(Part("https://b.example/x", 0, len(ZIP)),)),)]
    with pytest.raises(DownloadError, match="has changed"):
        await lab.inside.look(KEY, "out.zip")


@given(
    st.sets(st.integers(1, 199_999), max_size=4), st.lists(st.tuples(st.integers(0, 199_999), st.integers(0, 90_000)))
)
@settings(max_examples=25, deadline=None)
def test_any_bytes_are_read_through_any_pieces(cuts: set[int], reads: list[tuple[int, int]]) -> None:
    content = noise(200_000)
    edges = [0, *sorted(cuts), len(content)]
    pieces = {f"/{first}": Shelf(content[first:end]) for first, end in pairwise(edges)}
    parts = tuple(Part(f"https://b.example/{first}", first, end - 1) for first, end in pairwise(edges))
    vendor = ScriptedVendor()
    vendor.links = [(Link("https://b.example/0", parts=parts if cuts else ()),)]

    async def read() -> None:
        made, _ = sessions(lambda request: pieces[request.url.path](request), vendor=vendor)
        session = await made.of(connection())
        source = RangeSource(session, vendor, Reference("job1"), Output("out"), FakeClock())
        assert await source.open() == content[-TAIL:]
        assert source.size == len(content)
        for first, length in reads:
            end = min(first + length, len(content))
            assert await source.read(first, end) == content[first:end]
        await made.close()

    asyncio.run(read())


async def test_other_pieces_after_a_renewal_are_another_file(lab: Lab, shelf: Shelf) -> None:
    whole, half = (Part("https://b.example/x", 0, len(ZIP) - 1),), (Part("https://b.example/y", 0, 99_999),)
    lab.vendor.links = [(Link("", parts=whole),), (Link("", parts=half),)]
    contents = await lab.inside.look(KEY, "out.zip")
    shelf.refused = {"/x"}
    with pytest.raises(DownloadError, match="has changed"):
        await lab.inside.preview(KEY, "out.zip", contents.members[0])
