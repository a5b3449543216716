"""What came is kept unless it is wrong; and what is wrong gets no name, however it came about."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.engine.fault_cases import CUT
from tests.engine.fault_cases import THING as OBJECT
from tests.engine.fetching import BARE, CONTENT, KEY, Desk, whole
from tests.engine.loopback_desk import LoopbackDesk, eventually
from tests.engine.misbehaving import Framing, Misbehaving, Script, Thing, Turn
from tests.engine.ranged import Shelf
from tests.engine.test_download_part_faults import PARTS, PartsVendor
from tests.engine.test_downloads_life import SlowDisk, Tap
from tests.engine.waiting import until
from tests.engine.webs import Chunks
from tests.engine.zips import make_zip
from tui.errors import AskError, CredentialsError, StateError
from tui.model import DownloadState, Output, ProblemKind, Verified
from tui.vendors.contract import Link

OUT = Output("out.bin")
HALF = len(CONTENT) // 2
ETAG = '"one"'


def half(_: httpx.Request) -> httpx.Response:
    """The first half, then the line breaks."""
    pieces: list[bytes | Exception] = [CONTENT[:HALF], httpx.ReadError("reset")]
    return httpx.Response(200, stream=Chunks(pieces), headers={"Content-Length": str(len(CONTENT)), "ETag": ETAG})


def rest(request: httpx.Request) -> httpx.Response:
    if "range" not in request.headers:
        return whole(request, ETag=ETAG)
    return Shelf(CONTENT)(request)


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(AskError(ProblemKind.BAD_REPLY, "a proxy's page", hint="look"), id="a bad reply"),
        pytest.param(CredentialsError("the keyring is locked", hint="unlock it"), id="no secret"),
        pytest.param(StateError("the state folder is full", hint="make room"), id="no state"),
        pytest.param(KeyError("a fault of ours"), id="a fault of ours"),
    ],
)
async def test_what_came_outlives_a_vendor_that_gives_no_new_link(tmp_path: Path, trouble: Exception) -> None:
    desk = await Desk(tmp_path, half).open(OUT)
    desk.vendor.links = [(BARE,), trouble, (BARE,)]
    failed = await desk.fetch()
    assert failed.state is DownloadState.FAILED
    assert desk.files()["out.bin.part"] == CONTENT[:HALF]
    desk.web.answer = rest
    await desk.downloads.resume(failed.id)
    (done,) = await desk.downloads.wait((failed.id,))
    assert (done.state, done.resumed_from) == (DownloadState.DONE, HALF)
    assert desk.files() == {"out.bin": CONTENT}
    await desk.close()


async def test_a_login_page_in_place_of_the_rest_costs_nothing_that_came(tmp_path: Path) -> None:
    page = Turn(200, b"<html>Sign in</html>", (("Content-Type", "text/html"),))
    with Misbehaving(OBJECT, Script((CUT, page))) as server:
        desk = await LoopbackDesk(tmp_path, server).open(OUT)
        failed = await desk.fetch()
        assert "web page" in str(failed.message)
        await desk.downloads.resume(failed.id)
        (done,) = await desk.downloads.wait((failed.id,))
        await desk.close()
    assert done.resumed_from > 0
    assert desk.files() == {"out.bin": OBJECT.content}


async def test_a_folder_that_takes_nothing_any_more_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its disk was mounted read-only in mid-way: neither a byte nor a removal gets through."""
    tap = Tap()
    desk = await Desk(tmp_path, tap).open(OUT)
    (download,) = await desk.started()
    await until(lambda: tap.waiting)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patched:
        for name in ("pwrite", "unlink"):
            patched.setattr(os, name, refuse)
        tap.is_open.set()
        (failed,) = await desk.downloads.wait((download.id,))
    assert "cannot be written: Read-only file system; choose another folder" in str(failed.message)
    await desk.close()


async def test_packed_bytes_that_are_cut_at_the_due_size_are_not_the_file(tmp_path: Path) -> None:
    packed = Turn(packed=True, ignores_range=True, framing=Framing.CLOSE, cut_after=len(OBJECT.content))
    with Misbehaving(OBJECT, Script(rest=packed)) as server:
        desk = await LoopbackDesk(tmp_path, server, link=Link("", size=len(OBJECT.content))).open(OUT)
        failed = await desk.fetch()
        await desk.close()
    assert "packs the bytes" in str(failed.message)
    assert desk.files() == {}


async def test_the_hash_is_of_the_bytes_that_are_there(tmp_path: Path) -> None:
    """A part whose first bytes were written, hashed, and then written anew by a server that ignores the range."""
    right = b"\x01" * 3_000_000
    wrong = b"\x02" * 1_000_000 + right[1_000_000:]
    first = ("/part0", Thing(right, etag='"part"'))
    sha1 = hashlib.sha1(right).hexdigest()
    swap = Turn(cut_after=2_500_000)
    again = Turn(200, wrong)
    with Misbehaving(OBJECT, Script((swap, again), others=(first,))) as server:
        desk = await LoopbackDesk(tmp_path, server).open(OUT)
        vendor = PartsVendor(server, Link("", sha1=sha1), ((PARTS[0][0], 0, len(right)),))
        desk.vendor = vendor
        download = await desk.fetch()
        await desk.close()
    assert download.state is DownloadState.FAILED
    assert "SHA-1" in str(download.message)
    assert desk.files() == {}


async def test_an_archive_is_known_by_its_name_and_first_bytes_too(tmp_path: Path) -> None:
    broken = Thing(make_zip() + b'{"error": "the export broke off"}')
    with Misbehaving(broken) as server:
        desk = await LoopbackDesk(tmp_path, server).open(Output("out.zip"))
        download = await desk.fetch()
        await desk.close()
    assert "follows the archive" in str(download.message)
    assert desk.files() == {}


async def test_the_md5_is_compared_after_a_pause_too(tmp_path: Path) -> None:
    etag = f'"{hashlib.md5(OBJECT.content).hexdigest()}"'
    with Misbehaving(replace(OBJECT, etag=etag), Script((Turn(hang_after=200_000),))) as server:
        desk = await LoopbackDesk(tmp_path, server).open(OUT)
        (download,) = await desk.downloads.queue(desk.board.job(KEY), (), desk.folder)
        await eventually(lambda: desk.board.downloads[download.id].bytes >= 100_000)
        await desk.downloads.pause(download.id)
        await desk.downloads.resume(download.id)
        (done,) = await desk.downloads.wait((download.id,))
        await desk.close()
    assert (done.state, done.verified) == (DownloadState.DONE, Verified.MD5)


async def test_servers_that_never_agree_on_the_object_give_it_in_one_stream(tmp_path: Path) -> None:
    """Mirrors behind one name, each with an ETag of its own: pieces never fit, the whole does."""
    turns = tuple(Turn(headers=(("ETag", f'"{number}"'),)) for number in range(60))
    with Misbehaving(OBJECT, Script(turns)) as server:
        desk = await LoopbackDesk(tmp_path, server, connections=4).open(OUT)
        download = await desk.fetch()
        await desk.close()
    assert (download.state, download.message) == (DownloadState.DONE, None)
    assert desk.files() == {"out.bin": OBJECT.content}


async def test_progress_counts_again_after_a_change(tmp_path: Path) -> None:
    """The object changed once after much of it had come; the new one comes slowly, but it comes."""
    other = Thing(OBJECT.content[::-1], etag='"other"')
    turns = (Turn(cut_after=350_000, then=other), *[Turn(cut_after=30_000)] * 12)
    with Misbehaving(OBJECT, Script(turns)) as server:
        desk = await LoopbackDesk(tmp_path, server).open(OUT)
        download = await desk.fetch()
        await desk.close()
    assert (download.state, download.message) == (DownloadState.DONE, None)
    assert desk.files() == {"out.bin": other.content}


async def test_whoever_is_hurried_just_when_a_place_is_free_goes_next(tmp_path: Path) -> None:
    disk, tap = SlowDisk(), Tap()
    desk = await Desk(tmp_path, tap, disk=disk, at_once=1).open(OUT, Output("two.bin"))
    first, second = await desk.started()
    await until(lambda: tap.waiting)
    disk.is_free.clear()
    hurrying = asyncio.create_task(desk.downloads.hurry(second.id))
    await asyncio.sleep(0)
    stopping = asyncio.create_task(desk.downloads.stop(first.id))
    await until(lambda: not desk.downloads.is_ours(first.id))
    disk.is_free.set()
    tap.is_open.set()
    await asyncio.gather(hurrying, stopping)
    (done,) = await desk.downloads.wait((second.id,))
    assert done.state is DownloadState.DONE
    await desk.close()
