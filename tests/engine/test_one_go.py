"""Small files whose size is known come in one go: right, never wrong under their name, and never lost on the way."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.clock import START, FakeClock, settle
from tests.engine.fault_cases import ALL, CONTENT, SIZED, THING, Case
from tests.engine.fetching import KEY
from tests.engine.inline import inline_store
from tests.engine.loopback_desk import LoopbackDesk, eventually
from tests.engine.misbehaving import RIGHT, Misbehaving, Script, Turn
from tests.engine.poor_system import without_links, without_nameless_files, without_proc
from tests.engine.scripted import ScriptedVendor
from tui.engine.board import Board, BoardChange
from tui.engine.fetching.check import Check
from tui.engine.fetching.group_writes import GroupWrites
from tui.engine.fetching.naming import Names
from tui.engine.fetching.one_go import OneGo
from tui.engine.fetching.replies import Told
from tui.engine.fetching.transfer import Due
from tui.errors import DownloadError, StateError
from tui.model import Download, DownloadState, Output, Safe, Verified
from tui.vendors.contract import Link

HASHED = replace(SIZED, sha1=hashlib.sha1(CONTENT).hexdigest())
HANGS = Script((Turn(hang_after=200_000),))


def met_first(case: Case) -> str:
    """What a file in one go meets; all answers but the first one are its part's business (test_download_faults)."""
    script = case.script
    first = replace(script, turns=script.turns[:1], rest=RIGHT if script.turns else script.rest)
    return repr((first, case.thing, len(case.thing.content), case.link, case.output))


CASES = {met_first(case): case for case in reversed(ALL)}.values()


@pytest.fixture
async def desks(tmp_path: Path) -> AsyncIterator[Any]:
    opened: list[LoopbackDesk] = []

    async def open_one(server: Misbehaving, *outputs: str, link: Link = SIZED, **settings: Any) -> LoopbackDesk:
        desk = LoopbackDesk(tmp_path, server, link=link, **settings)
        opened.append(desk)
        await desk.open(*map(Output, outputs or ("out.bin",)))
        return desk

    yield open_one
    for desk in opened:
        await desk.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_no_fault_leaves_a_wrong_file(desks: Any, case: Case) -> None:
    link = replace(case.link, size=len(case.thing.content))
    with Misbehaving(case.thing, case.script) as server:
        desk: LoopbackDesk = await desks(server, case.output, link=link, timeout=case.timeout)
        download = await desk.fetch()
    if download.state is DownloadState.DONE:
        assert desk.files() == {case.output: server.thing.content}
        assert download.message is None
    else:
        assert set(desk.files()) <= {f"{case.output}.part", f"{case.output}.part.json"}
        assert len((download.message or "").partition("; ")[2]) > 5, "it says what to do"


async def test_one_request_one_line_and_nothing_beside_it(desks: Any) -> None:
    with Misbehaving(THING) as server:
        desk: LoopbackDesk = await desks(server, link=HASHED)
        download = await desk.fetch()
    assert (download.state, download.verified, download.attempts) == (DownloadState.DONE, Verified.SHA1, 1)
    assert download.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert (len(server.asked), desk.files()) == (1, {"out.bin": CONTENT})
    assert (desk.folder / "out.bin").stat().st_mode & 0o777 == 0o600
    assert await desk.events() == ["out.bin: queued", f"out.bin: done, {len(CONTENT)} bytes, checked by sha1"]


async def test_no_file_is_overwritten(desks: Any) -> None:
    with Misbehaving(THING) as server:
        desk: LoopbackDesk = await desks(server)
        desk.folder.mkdir()
        (desk.folder / "out.bin").write_bytes(b"mine")
        assert (await desk.fetch()).path == desk.folder / "out (1).bin"
    assert desk.files() == {"out.bin": b"mine", "out (1).bin": CONTENT}


async def test_a_line_that_breaks_costs_nothing(desks: Any) -> None:
    with Misbehaving(THING, Script((Turn(cut_after=200_000),))) as server:
        desk: LoopbackDesk = await desks(server)
        download = await desk.fetch()
    assert (download.state, download.attempts, download.resumed_from) == (DownloadState.DONE, 2, 0)
    assert all(asked.first > 100_000 for asked in server.asked[1:])
    assert server.sent == len(CONTENT)
    started, broke = (await desk.events())[1:3]
    assert (started, broke[:30]) == ("out.bin: started", "out.bin: the connection broke:")


async def test_a_pause_keeps_what_came(desks: Any) -> None:
    with Misbehaving(THING, HANGS) as server:
        desk: LoopbackDesk = await desks(server)
        (queued,) = await desk.downloads.queue(desk.board.job(KEY), (), desk.folder)
        await eventually(lambda: desk.board.downloads[queued.id].bytes == 200_000)
        seen = desk.board.downloads[queued.id]
        assert (seen.state, seen.streams, seen.attempts, seen.message) == (DownloadState.RUNNING, 1, 1, None)
        await desk.downloads.pause(queued.id)
        paused = desk.board.downloads[queued.id]
        assert (paused.state, set(desk.files())) == (DownloadState.PAUSED, {"out.bin.part", "out.bin.part.json"})
        await desk.downloads.resume(queued.id)
        (download,) = await desk.downloads.wait((queued.id,))
    assert (download.state, download.resumed_from) == (DownloadState.DONE, paused.bytes)
    assert (desk.files(), server.sent) == ({"out.bin": CONTENT}, len(CONTENT))


async def test_a_pause_that_can_keep_nothing_says_so(desks: Any) -> None:
    with Misbehaving(replace(THING, etag=None), HANGS) as server:
        desk: LoopbackDesk = await desks(server, link=Link(""))
        (queued,) = await desk.downloads.queue(desk.board.job(KEY), (), desk.folder)
        await eventually(lambda: desk.board.downloads[queued.id].bytes > 100_000)
        await desk.downloads.pause(queued.id)
        assert (desk.board.downloads[queued.id].bytes, desk.files()) == (0, {})
    assert (await desk.events())[-1] == "out.bin: paused at 0 bytes"


async def test_a_stop_leaves_nothing(desks: Any) -> None:
    with Misbehaving(THING, HANGS) as server:
        desk: LoopbackDesk = await desks(server)
        (queued,) = await desk.downloads.queue(desk.board.job(KEY), (), desk.folder)
        await eventually(lambda: server.sent >= 200_000)
        await desk.downloads.stop(queued.id)
        assert (desk.board.downloads[queued.id].state, desk.files()) == (DownloadState.CANCELLED, {})


async def test_what_a_failed_one_leaves_can_be_thrown_away(desks: Any) -> None:
    with Misbehaving(THING, Script((Turn(cut_after=200_000),), Turn(cut_after=0))) as server:
        desk: LoopbackDesk = await desks(server)
        failed = await desk.fetch()
        assert (failed.state, set(desk.files())) == (DownloadState.FAILED, {"out.bin.part", "out.bin.part.json"})
        (again,) = await desk.downloads.queue(desk.board.job(KEY), (), desk.folder)
        with pytest.raises(DownloadError, match="a later try goes on with what came"):
            await desk.downloads.stop(failed.id)
        assert desk.board.downloads[failed.id].state is DownloadState.FAILED
        await desk.downloads.wait((again.id,))
        await desk.downloads.stop(failed.id)
        assert (desk.board.downloads[failed.id].state, desk.files()) == (DownloadState.CANCELLED, {})


@pytest.mark.parametrize("lack", [without_nameless_files, without_links, without_proc])
async def test_what_the_folder_lacks_is_done_without(
    desks: Any, monkeypatch: pytest.MonkeyPatch, lack: Callable[[pytest.MonkeyPatch], None]
) -> None:
    lack(monkeypatch)
    with Misbehaving(THING) as server:
        desk: LoopbackDesk = await desks(server)
        assert (await desk.fetch()).state is DownloadState.DONE
    assert (desk.files(), len(server.asked)) == ({"out.bin": CONTENT}, 1)


def taken(
    folder: Path, kind: str = "text/plain", *, is_given_up: bool = False, may_be_there: bool = False
) -> tuple[OneGo, bool]:
    """A try at a file of five bytes without a server, and whether it took the answer."""
    due, vendor, left = Due("a.txt", 5), ScriptedVendor(), bytearray(b"hello")

    def judge(told: Told) -> Check:
        return Check(due, told, Link(""), vendor, START)

    def read(view: memoryview) -> int:
        count = min(len(view), len(left), 2)
        view[:count], left[:count] = left[:count], b""
        return count

    go = OneGo(
        due, 5, folder, judge, timeout=1.0, is_signed_in=True, names=Names(lambda _: False), may_be_there=may_be_there
    )
    if is_given_up:
        asyncio.run(go.give_up())
    return go, go.take(200, {"content-length": "5", "content-type": kind}, read)


def test_what_is_given_up_gets_no_name(tmp_path: Path) -> None:
    go, was_taken = taken(tmp_path, is_given_up=True)
    assert (was_taken, go.is_over, bytes(go.come)) == (True, False, b"hello")
    assert list(tmp_path.iterdir()) == []
    named = taken(tmp_path)[0]
    assert named.named is not None
    assert (named.at, bytes(named.come)) == (5, b""), "what waits to be written down holds no bytes"
    assert (tmp_path / "a.txt").read_bytes() == b"hello"


def test_what_a_login_may_want_to_read_is_left_to_it(tmp_path: Path) -> None:
    go, was_taken = taken(tmp_path, "application/JSON; charset=utf-8")
    assert (was_taken, go.at, list(tmp_path.iterdir())) == (False, 0, [])


def test_what_was_begun_before_is_left_to_its_part(tmp_path: Path) -> None:
    (tmp_path / "a.txt.part").touch()
    assert not taken(tmp_path)[1]


@pytest.mark.parametrize("is_asked_again", [False, True])
async def test_one_that_got_its_name_as_its_program_ended_is_found(desks: Any, is_asked_again: bool) -> None:
    with Misbehaving(THING) as server:
        desk: LoopbackDesk = await desks(server)
        desk.folder.mkdir()
        (desk.folder / "out.bin").write_bytes(CONTENT)
        await desk.board.put_download(Download(1, KEY, Safe("out.bin"), desk.folder, DownloadState.RUNNING))
        if is_asked_again:
            await desk.downloads.queue(desk.board.job(KEY), (), desk.folder)
        else:
            desk.downloads.take_up()
        (download,) = await desk.downloads.wait((1,))
        assert (download.state, download.path) == (DownloadState.DONE, desk.folder / "out.bin")
        assert (await desk.fetch()).path == desk.folder / "out (1).bin", "asked for once more, it is another file"


@pytest.mark.parametrize("there", [b"HELLO", b"hello there", None])
def test_another_file_of_its_name_is_never_taken_for_it(tmp_path: Path, there: bytes | None) -> None:
    other = tmp_path / "a.txt"
    if there is None:
        (tmp_path / "elsewhere").write_bytes(b"hello")
        other.symlink_to("elsewhere")
    else:
        other.write_bytes(there)
    named = taken(tmp_path, may_be_there=True)[0].named
    assert named is not None
    assert named.path == tmp_path / "a (1).txt"


@pytest.mark.parametrize("kind", ["another user's", "a pipe"])
def test_only_a_file_of_ours_is_taken_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    if kind == "a pipe":
        os.mkfifo(tmp_path / "a.txt")
    else:
        (tmp_path / "a.txt").write_bytes(b"hello")
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    named = taken(tmp_path, may_be_there=True)[0].named
    assert named is not None
    assert named.path == tmp_path / "a (1).txt"


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="cannot be written: File name too long"):
        taken(tmp_path / ("x" * 300))


async def test_whoever_waits_is_told_when_all_is_cancelled(tmp_path: Path) -> None:
    store = inline_store(tmp_path / "board.sqlite")
    one = Download(1, KEY, Safe("out"), tmp_path, DownloadState.DONE)
    waiting = asyncio.ensure_future(GroupWrites(Board(store, FakeClock()), FakeClock()).whole(one, "done"))
    await asyncio.sleep(0)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()  # as a program's second Ctrl-C does
    async with asyncio.timeout(60):
        await asyncio.wait((waiting,))
    assert waiting.cancelled()


async def test_what_many_have_to_say_is_said_once(tmp_path: Path) -> None:
    store = inline_store(tmp_path / "board.sqlite")
    board, told = Board(store, FakeClock()), list[BoardChange]()
    board.listen(told.append)
    group_writes = GroupWrites(board, FakeClock())
    moving = [Download(number, KEY, Safe("out"), tmp_path, DownloadState.RUNNING) for number in range(1, 4)]
    for one in moving:
        group_writes.show(one)
    assert (set(board.downloads), told) == ({1, 2, 3}, [])
    await settle()
    assert [change.downloads for change in told] == [tuple(moving)]
    done = [replace(one, state=DownloadState.DONE) for one in moving]
    await asyncio.gather(*(group_writes.whole(one, "done") for one in done))
    assert [change.downloads for change in told[1:]] == [tuple(done)]
    assert len(await store.events(KEY)) == 3
    await store.close()


async def test_what_is_whole_a_moment_after_others_is_said_together(tmp_path: Path) -> None:
    store, clock, told = inline_store(tmp_path / "board.sqlite"), FakeClock(), list[BoardChange]()
    board = Board(store, clock)
    board.listen(told.append)
    group_writes = GroupWrites(board, clock)
    one, *others = [Download(n, KEY, Safe("out"), tmp_path, DownloadState.DONE) for n in range(1, 4)]
    await group_writes.whole(one, "done")
    waiting = []
    for other in others:
        waiting.append(asyncio.ensure_future(group_writes.whole(other, "done")))
        await settle()
    assert [change.downloads for change in told] == [(one,)]
    clock.jump(1)
    await asyncio.gather(*waiting)
    assert [change.downloads for change in told] == [(one,), tuple(others)]
    await store.close()


async def test_a_disk_that_takes_no_word_is_told_to_each(tmp_path: Path) -> None:
    store = inline_store(tmp_path / "board.sqlite")
    group_writes = GroupWrites(Board(store, FakeClock()), FakeClock())
    await store.close()
    moving = [Download(number, KEY, Safe("out"), tmp_path, DownloadState.DONE) for number in (1, 2)]
    waiting = (group_writes.whole(one, "done") for one in moving)
    assert [type(one) for one in await asyncio.gather(*waiting, return_exceptions=True)] == [StateError, StateError]
