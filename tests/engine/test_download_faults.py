"""Every fault of a file's server, with one connection and with four: the right file, or none and a clear sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.fault_cases import (
    ALL,
    CONTENT,
    CUT,
    FRESH,
    HASHED,
    LONGER,
    OLD,
    OTHER,
    SIZE,
    SIZED,
    THING,
    UNMARKED,
    WEAK,
    Case,
    End,
)
from tests.engine.loopback_desk import VENDOR_KEY, LoopbackDesk
from tests.engine.misbehaving import Framing, Misbehaving, Script, Thing, Turn
from tui.model import Download, DownloadState, Output, Verified
from tui.vendors.contract import Link

SENT_AGAIN = SIZE // 100
"""At most so much is sent twice for one interruption of these small files."""


@pytest.fixture(params=[1, 4], ids=["single", "parallel"])
def connections(request: pytest.FixtureRequest) -> int:
    assert isinstance(request.param, int)
    return request.param


async def ended(home: Path, server: Misbehaving, case: Case, connections: int) -> tuple[LoopbackDesk, Download]:
    desk = LoopbackDesk(home, server, connections=connections, link=case.link, timeout=case.timeout)
    await desk.open(Output(case.output))
    download = await desk.fetch()
    await desk.close()
    return desk, download


def must_be_right(desk: LoopbackDesk, server: Misbehaving, download: Download) -> None:
    """The file as the server has it, and nothing beside it."""
    content = server.thing.content
    assert (download.state, download.message) == (DownloadState.DONE, None)
    assert desk.files() == {download.output: content}
    assert (download.bytes, download.size) == (len(content), len(content))


def must_be_clear(
    desk: LoopbackDesk, download: Download, says: str, state: DownloadState = DownloadState.FAILED
) -> None:
    """No file, and a sentence that says what to do; it is no fault of ours."""
    assert download.state is state
    assert set(desk.files()) <= {f"{download.output}.part", f"{download.output}.part.json"}
    what, _, hint = (download.message or "").partition("; ")
    assert re.search(says, what)
    assert len(hint) > 5, what
    assert "report it" not in hint


def must_keep_secrets(desk: LoopbackDesk, server: Misbehaving, download: Download) -> None:
    seen = [repr(download), *map(repr, desk.records()), desk.on_disk().decode("latin-1")]
    assert not [text for text in seen if "canary" in text or "Signature" in text]
    assert not [asked for asked in server.asked if VENDOR_KEY in asked.headers.values()]


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
async def test_a_fault_ends_in_the_right_file_or_in_a_clear_sentence(
    tmp_path: Path, case: Case, connections: int
) -> None:
    with Misbehaving(case.thing, case.script) as server:
        desk, download = await ended(tmp_path, server, case, connections)
    if case.end is End.RIGHT or (case.end is End.EITHER and download.state is DownloadState.DONE):
        must_be_right(desk, server, download)
    else:
        state = DownloadState.PAUSED if case.end is End.PAUSED else DownloadState.FAILED
        must_be_clear(desk, download, case.says, state)
    must_keep_secrets(desk, server, download)
    assert len(server.asked) < 100
    assert max([0.0, *desk.running.waits]) >= case.waits
    if case.goes_on:
        assert server.sent - SIZE <= len(case.script.turns) * SENT_AGAIN


@given(cuts=st.lists(st.integers(0, 70_000), max_size=12), pieces=st.sampled_from([1, 2, 4]))
@settings(max_examples=15)
async def test_cuts_anywhere_cost_next_to_nothing(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], pieces: int
) -> None:
    turns = tuple(Turn(cut_after=cut) for cut in cuts for _ in range(1 if cut else 0))
    case = Case("cuts", Script(turns))
    with Misbehaving(THING, case.script) as server:
        desk, download = await ended(tmp_path_factory.mktemp("cuts"), server, case, pieces)
    must_be_right(desk, server, download)
    assert server.sent - SIZE <= len(turns) * SENT_AGAIN


@given(
    turns=st.lists(
        st.builds(
            Turn,
            status=st.sampled_from([None, None, None, 200, 206, 412, 416, 429, 500, 503]),
            framing=st.sampled_from(Framing),
            ignores_range=st.booleans(),
            ignores_conditions=st.booleans(),
            extra=st.sampled_from([0, 0, -300, 300]),
            claims=st.tuples(*[st.sampled_from([0, 0, 0, 1, -1])] * 3),
            packed=st.sampled_from([False, False, True]),
            cut_after=st.none() | st.integers(0, SIZE),
            kills_link=st.booleans(),
            then=st.sampled_from([None, None, None, Thing(OTHER, etag='"version-2"')]),
        ),
        max_size=6,
    ),
    pieces=st.sampled_from([1, 4]),
    link=st.sampled_from([SIZED, HASHED]),
)
@settings(max_examples=30)
async def test_whatever_mixture_of_faults_leaves_no_wrong_file(
    tmp_path_factory: pytest.TempPathFactory, turns: list[Turn], pieces: int, link: Link
) -> None:
    """The vendor told the size or the hash, so that even a body without an end of its own can be judged."""
    with Misbehaving(THING, Script(tuple(turns))) as server:
        case = Case("mixed", server.script, link=link)
        desk, download = await ended(tmp_path_factory.mktemp("mixed"), server, case, pieces)
    if download.state is DownloadState.DONE:
        assert desk.files() in ({"out.bin": CONTENT}, {"out.bin": OTHER})
    else:
        must_be_clear(desk, download, "")


@given(
    turns=st.lists(
        st.builds(
            Turn,
            status=st.sampled_from([None, None, None, None, 412, 416, 429, 500, 503]),
            framing=st.sampled_from([Framing.LENGTH, Framing.LENGTH, Framing.CHUNKED]),
            ignores_range=st.sampled_from([False, False, True]),
            ignores_conditions=st.booleans(),
            claims=st.tuples(*[st.sampled_from([0, 0, 0, 1, -1])] * 3),
            cut_after=st.none() | st.integers(0, 70_000),
            kills_link=st.booleans(),
            then=st.sampled_from([None, None, None, *(Thing(LONGER, etag=one) for one in ('"2"', 'W/"1"', None))]),
        ),
        max_size=8,
    ),
    thing=st.sampled_from([THING, WEAK, UNMARKED, OLD, FRESH]),
    pieces=st.sampled_from([1, 4]),
)
@settings(max_examples=30)
async def test_objects_are_never_mixed_where_the_vendor_told_nothing(
    tmp_path_factory: pytest.TempPathFactory, turns: list[Turn], thing: Thing, pieces: int
) -> None:
    with Misbehaving(thing, Script(tuple(turns))) as server:
        desk, download = await ended(tmp_path_factory.mktemp("mixed"), server, Case("", server.script), pieces)
    if download.state is DownloadState.DONE:
        assert desk.files() in ({"out.bin": CONTENT}, {"out.bin": LONGER})
    else:
        must_be_clear(desk, download, "")


@pytest.mark.parametrize("thing", [WEAK, FRESH, UNMARKED], ids=["weak", "fresh", "none"])
async def test_without_a_strong_validator_nothing_is_joined(tmp_path: Path, thing: Thing, connections: int) -> None:
    with Misbehaving(thing, Script((CUT, CUT))) as server:
        desk, download = await ended(tmp_path, server, Case("", server.script), connections)
    must_be_right(desk, server, download)
    assert {asked.first for asked in server.asked} == {0}
    assert not [asked for asked in server.asked if {"if-range", "if-match"} & set(asked.headers)]


async def test_every_range_after_the_first_names_the_object_it_wants(tmp_path: Path, connections: int) -> None:
    with Misbehaving(THING, Script((CUT,) * 3)) as server:
        await ended(tmp_path, server, Case("", server.script), connections)
    later = [asked.headers for asked in server.asked if asked.first]
    assert later
    assert {one.get("if-range") or one.get("if-match") for one in later} == {THING.etag}
    assert {asked.headers["accept-encoding"] for asked in server.asked} == {"identity"}


async def test_an_old_last_modified_is_as_good_as_an_etag_for_one_stream(tmp_path: Path) -> None:
    with Misbehaving(OLD, Script((CUT,))) as server:
        desk, download = await ended(tmp_path, server, Case("", server.script), 1)
    must_be_right(desk, server, download)
    assert server.asked[1].headers["if-range"] == OLD.modified
    assert server.sent - SIZE <= SENT_AGAIN


async def test_a_dead_link_is_renewed_three_times_without_progress_and_no_more(
    tmp_path: Path, connections: int
) -> None:
    with Misbehaving(THING, Script(signatures_live=False)) as server:
        desk, download = await ended(tmp_path, server, Case("", server.script), connections)
    must_be_clear(desk, download, "refused")
    assert server.signatures == 1 + 3


async def test_links_that_make_progress_are_renewed_as_often_as_needed(tmp_path: Path, connections: int) -> None:
    script = Script((Turn(cut_after=10_000, kills_link=True),) * 12)
    with Misbehaving(THING, script) as server:
        desk, download = await ended(tmp_path, server, Case("", script), connections)
    must_be_right(desk, server, download)
    assert server.signatures >= 4
    assert server.sent - SIZE <= len(script.turns) * SENT_AGAIN


async def test_a_busy_server_is_asked_six_times_without_progress(tmp_path: Path) -> None:
    with Misbehaving(THING, Script(rest=Turn(503))) as server:
        desk, download = await ended(tmp_path, server, Case("", server.script), 1)
    must_be_clear(desk, download, "503")
    assert len(server.asked) == 6
    assert len(desk.running.waits) >= 5


async def test_a_file_of_unknown_length_is_not_called_checked(tmp_path: Path, connections: int) -> None:
    script = Script(rest=Turn(framing=Framing.CLOSE, ignores_range=True))
    with Misbehaving(UNMARKED, script) as server:
        desk, download = await ended(tmp_path, server, Case("", script), connections)
    must_be_right(desk, server, download)
    assert download.verified is Verified.NONE


async def test_a_body_without_end_is_left_soon_when_the_size_is_known(tmp_path: Path, connections: int) -> None:
    script = Script(rest=Turn(framing=Framing.CHUNKED, ignores_range=True, endless=True))
    with Misbehaving(THING, script) as server:
        await ended(tmp_path, server, Case("", script, link=SIZED), connections)
    assert server.sent < 40_000_000
