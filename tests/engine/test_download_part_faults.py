"""A file in parts, each behind a signed address of its own, from a server that misbehaves (Autodesk: `chunked`)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from tests.engine.fault_cases import CONTENT, CUT, SIZE, THING
from tests.engine.loopback_desk import LoopbackDesk, SigningVendor
from tests.engine.misbehaving import Misbehaving, Script, Thing, Turn
from tui.model import Download, DownloadState, Output, Reference
from tui.vendors.contract import Link, Part, Session

ENDS = (0, 150_000, 300_000, SIZE)
PARTS = tuple((f"/part{at}", first, end) for at, (first, end) in enumerate(pairwise(ENDS)))
OBJECTS = tuple((path, Thing(CONTENT[first:end], etag=f'"{path}"')) for path, first, end in PARTS)
SHA1 = hashlib.sha1(CONTENT).hexdigest()
DIES = Turn(cut_after=20_000, kills_link=True)


class PartsVendor(SigningVendor):
    """Gives a map of parts, signed anew whenever it is asked."""

    def __init__(self, server: Misbehaving, link: Link, places: Sequence[tuple[str, int, int]] = PARTS) -> None:
        super().__init__(server, link, "/out.bin")
        self._places = places

    async def resolve(self, session: Session, ref: Reference, output: Output) -> tuple[Link, ...]:
        parts = tuple(Part(self._signer.sign(path), first, end - 1) for path, first, end in self._places)
        return (replace(self._link, url=parts[0].url, parts=parts),)


async def fetched(home: Path, server: Misbehaving, link: Link, connections: int) -> tuple[LoopbackDesk, Download]:
    desk = LoopbackDesk(home, server, connections=connections, timeout=1.0)
    desk.vendor = PartsVendor(server, link)
    await desk.open(Output("out.bin"))
    download = await desk.fetch()
    await desk.close()
    return desk, download


@pytest.mark.parametrize("connections", [1, 4])
@pytest.mark.parametrize("link", [Link("", sha1=SHA1), Link("", size=SIZE)], ids=["hash", "no hash"])
@pytest.mark.parametrize(
    "turns",
    [
        pytest.param((), id="nothing wrong"),
        pytest.param((CUT,) * 5, id="cut"),
        pytest.param((DIES,) * 4, id="links die"),
        pytest.param((Turn(503),) * 3, id="busy"),
        pytest.param((CUT, Turn(ignores_range=True)), id="whole part for a range"),
        pytest.param((Turn(hang_after=20_000),), id="hangs"),
        pytest.param((Turn(extra=-500),), id="too short"),
    ],
)
async def test_parts_become_the_right_file(
    tmp_path: Path, turns: tuple[Turn, ...], link: Link, connections: int
) -> None:
    with Misbehaving(THING, Script(turns, others=OBJECTS)) as server:
        desk, download = await fetched(tmp_path, server, link, connections)
    assert (download.state, download.message) == (DownloadState.DONE, None)
    assert desk.files() == {"out.bin": CONTENT}
    assert b"canary" not in desk.on_disk()


@pytest.mark.parametrize("connections", [1, 4])
@pytest.mark.parametrize(
    "turn",
    [
        pytest.param(Turn(404), id="gone"),
        pytest.param(Turn(extra=500), id="too long"),
        pytest.param(Turn(extra=-500), id="too short"),
        pytest.param(Turn(200, b"<html></html>", (("Content-Type", "text/html"),)), id="a page"),
        pytest.param(Turn(503), id="busy"),
        pytest.param(Turn(403), id="refused"),
    ],
)
async def test_parts_that_stay_wrong_make_no_file(tmp_path: Path, turn: Turn, connections: int) -> None:
    with Misbehaving(THING, Script((), turn, others=OBJECTS)) as server:
        desk, download = await fetched(tmp_path, server, Link("", size=SIZE), connections)
    assert download.state is DownloadState.FAILED
    assert "; " in (download.message or "")
    assert "out.bin" not in desk.files()


async def test_parts_of_two_files_are_told_by_the_hash(tmp_path: Path) -> None:
    wrong = (*OBJECTS[:2], (OBJECTS[2][0], Thing(bytes(100_000), etag='"another"')))
    with Misbehaving(THING, Script(others=wrong)) as server:
        desk, download = await fetched(tmp_path, server, Link("", sha1=SHA1), 4)
    assert download.state is DownloadState.FAILED
    assert "SHA-1" in (download.message or "")
    assert "out.bin" not in desk.files()
