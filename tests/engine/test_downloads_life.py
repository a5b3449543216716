"""The life of downloads: in turn, stopped, interrupted and taken up again, and never by two programs."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clock import FakeClock, settle
from tests.engine.fetching import CONTENT, KEY, Desk, whole
from tests.engine.waiting import until
from tui.errors import DownloadError
from tui.model import Download, DownloadState, Output, Safe
from tui.vendors.contract import Link

OUT = Output("out.bin")
ROOT = Path(__file__).parent.parent.parent


class Tap:
    """An answer that gives its first bytes, and the rest when the test opens it."""

    def __init__(self) -> None:
        self.is_open = asyncio.Event()
        self.waiting = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=self._Body(self), headers={"Content-Length": str(len(CONTENT))})

    class _Body(httpx.AsyncByteStream):
        def __init__(self, tap: Tap) -> None:
            self._tap = tap

        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield CONTENT[:300_000]
            self._tap.waiting += 1
            await self._tap.is_open.wait()
            yield CONTENT[300_000:]


@pytest.fixture
def tap() -> Tap:
    return Tap()


async def opened(home: Path, tap: Tap, at_once: int = 3) -> Desk:
    return await Desk(home, tap, at_once=at_once).open(OUT, Output("two.bin"), Output("three.bin"))


def states(desk: Desk) -> list[DownloadState]:
    return [download.state for _, download in sorted(desk.board.downloads.items())]


async def test_a_stopped_download_leaves_nothing_behind(tmp_path: Path, tap: Tap) -> None:
    desk = await opened(tmp_path, tap)
    (download,) = await desk.started("out.bin")
    await until(lambda: tap.waiting)
    assert list(desk.files()) == ["out.bin.part", "out.bin.part.json"]
    await desk.downloads.stop(download.id)
    await desk.downloads.stop(download.id)
    await desk.downloads.stop(999)
    assert states(desk) == [DownloadState.CANCELLED]
    assert desk.files() == {}
    assert (await desk.events())[-1] == "out.bin: stopped"
    await desk.close()


async def test_what_is_being_stopped_cannot_go_on_meanwhile(tmp_path: Path, tap: Tap) -> None:
    desk = await opened(tmp_path, tap)
    (download,) = await desk.started("out.bin")
    await until(lambda: tap.waiting)
    await desk.downloads.pause(download.id)
    stopping = asyncio.create_task(desk.downloads.stop(download.id))
    await asyncio.sleep(0)
    await desk.downloads.stop(download.id)
    with pytest.raises(DownloadError, match="is being stopped"):
        await desk.downloads.resume(download.id)
    await stopping
    assert (states(desk), desk.files()) == ([DownloadState.CANCELLED], {})
    await desk.downloads.resume(download.id)
    assert states(desk) == [DownloadState.QUEUED]
    await desk.close()


async def test_a_download_that_waits_its_turn_can_be_stopped(tmp_path: Path, tap: Tap) -> None:
    desk = await opened(tmp_path, tap, at_once=1)
    first, second, third = await desk.started()
    await until(lambda: tap.waiting)
    assert states(desk) == [DownloadState.RUNNING, DownloadState.QUEUED, DownloadState.QUEUED]
    await desk.downloads.stop(second.id)
    tap.is_open.set()
    ended = await desk.rest((first.id, third.id))
    assert [one.state for one in ended] == [DownloadState.DONE] * 2
    assert list(desk.files()) == ["out.bin", "three.bin"]
    await desk.close()


async def test_what_came_to_its_end_cannot_be_stopped(tmp_path: Path) -> None:
    desk = await Desk(tmp_path).open(OUT)
    download = await desk.fetch()
    await desk.downloads.stop(download.id)
    assert desk.board.downloads[download.id] == download
    await desk.close()


async def test_stopping_at_any_moment_leaves_the_file_or_nothing(tmp_path: Path) -> None:
    """Cancelled between any two steps: never a file that the board does not know of, never a part."""
    seen = set()
    for turns in range(0, 240, 12):
        home = tmp_path / str(turns)
        home.mkdir()
        desk = await Desk(home).open(OUT)
        (download,) = await desk.downloads.queue(desk.board.job(KEY), (), desk.folder)
        await settle(turns)
        await desk.downloads.stop(download.id)
        state = desk.board.downloads[download.id].state
        seen.add(state)
        assert desk.files() == ({"out.bin": CONTENT} if state is DownloadState.DONE else {})
        await desk.close()
    assert DownloadState.CANCELLED in seen


class SlowDisk(ThreadPoolExecutor):
    """A disk on which nothing goes on while `is_free` is not set."""

    def __init__(self) -> None:
        super().__init__(1)
        self.is_free = threading.Event()
        self.is_free.set()

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        def work() -> Any:
            self.is_free.wait()
            return fn(*args, **kwargs)

        return super().submit(work)


async def test_a_file_that_has_its_name_is_done_even_if_it_is_stopped_just_then(tmp_path: Path, tap: Tap) -> None:
    disk = SlowDisk()
    desk = await Desk(tmp_path, tap, disk=disk).open(OUT)
    (download,) = await desk.started()
    await until(lambda: tap.waiting)
    disk.is_free.clear()
    tap.is_open.set()
    await until(lambda: desk.files() == {"out.bin": CONTENT})
    stopping = asyncio.create_task(desk.downloads.stop(download.id))
    await settle()
    disk.is_free.set()
    await stopping
    assert states(desk) == [DownloadState.DONE]
    assert desk.files() == {"out.bin": CONTENT}
    await desk.close()


async def test_what_is_being_fetched_is_not_fetched_twice(tmp_path: Path, tap: Tap) -> None:
    desk = await opened(tmp_path, tap)
    (running,) = await desk.started("out.bin")
    with pytest.raises(DownloadError, match=r"out\.bin: being fetched already"):
        await desk.downloads.queue(desk.board.job(KEY), ("out.bin",), desk.folder)
    others = await desk.downloads.queue(desk.board.job(KEY), (), desk.folder)
    assert [one.output for one in others] == ["two.bin", "three.bin"]
    tap.is_open.set()
    await desk.rest((running.id, *(one.id for one in others)))
    assert states(desk) == [DownloadState.DONE] * 3
    await desk.close()


async def test_progress_is_told_four_times_a_second(tmp_path: Path, clock: FakeClock) -> None:
    """Each quarter of a second brings 25 kB; the speed is that of the last seconds."""
    told: list[Download] = []

    async def drip() -> AsyncIterator[bytes]:
        for number in range(1, 41):
            yield b"x" * 25_000
            await until(lambda: bool(clock._sleepers))  # the meter has done with the quarter before
            await clock.advance(0.25)
            await until(lambda number=number: len(told) > number)  # type: ignore[misc]

    desk = await Desk(tmp_path, lambda _: httpx.Response(200, content=drip()), clock=clock).open(OUT)
    desk.vendor.links = [(replace(desk.vendor.links[0][0], size=1_000_000, sha1=None),)]  # type: ignore[index]
    desk.board.listen(lambda change: told.extend(one for one in change.downloads if one.attempts))
    (queued,) = await desk.downloads.queue(desk.board.job(KEY), (), desk.folder)
    (download,) = await desk.downloads.wait((queued.id,))
    moving = [one for one in told if one.speed is not None and one.message is None]
    assert [one.bytes for one in moving] == [25_000 * number for number in range(1, 41)]
    assert moving[-1].speed == pytest.approx(100_000)
    assert download.seconds == pytest.approx(10)
    await desk.close()


async def test_what_was_interrupted_starts_again_with_the_next_program(tmp_path: Path, tap: Tap) -> None:
    desk = await opened(tmp_path, tap, at_once=1)
    await desk.started("out.bin", "two.bin")
    await until(lambda: tap.waiting)
    await desk.close()
    assert desk.files() == {}
    again = await Desk(tmp_path, clock=desk.clock).open()
    assert states(again) == [DownloadState.RUNNING, DownloadState.QUEUED]
    again.downloads.take_up()
    await again.rest(tuple(again.board.downloads))
    assert states(again) == [DownloadState.DONE] * 2
    assert again.files() == {"out.bin": CONTENT, "two.bin": CONTENT}
    (third,) = await again.downloads.queue(again.board.job(KEY), ("three.bin",), again.folder)
    assert third.id > max(desk.board.downloads)  # the clock has not moved, and no number is used twice
    await again.close()


async def test_what_another_program_fetches_is_left_to_it(tmp_path: Path, tap: Tap) -> None:
    ours = await opened(tmp_path, tap)
    (download,) = await ours.started("out.bin")
    await until(lambda: tap.waiting)
    theirs = await Desk(tmp_path).open()
    theirs.downloads.take_up()
    await settle(200)
    assert not theirs.web.sent
    with pytest.raises(DownloadError, match="fetched by another program"):
        await theirs.downloads.stop(download.id)
    tap.is_open.set()
    await ours.rest((download.id,))
    await theirs.board.look()
    assert states(ours) == states(theirs) == [DownloadState.DONE]
    assert ours.files() == {"out.bin": CONTENT}
    await ours.close()
    await theirs.close()


async def test_what_belonged_to_a_job_that_was_taken_off_ends(tmp_path: Path, tap: Tap) -> None:
    desk = await opened(tmp_path, tap)
    await desk.started("out.bin")
    await desk.board.remove([KEY])
    await desk.close()
    again = await Desk(tmp_path).open()
    again.downloads.take_up()
    await again.rest(tuple(again.board.downloads))
    assert states(again) == [DownloadState.FAILED]
    await again.close()


@pytest.mark.parametrize("size", [None, 100_000, len(CONTENT)])
async def test_a_file_that_was_named_when_its_program_was_ended_gets_no_second_name(
    tmp_path: Path, size: int | None
) -> None:
    content = CONTENT[: size or 5000]

    async def one(*outputs: Output) -> Desk:
        desk = await Desk(tmp_path, lambda request: whole(request, content)).open(*outputs)
        desk.vendor.links = [(Link("https://bucket.example/out.bin", size=size),)]
        return desk

    first = await one(OUT)
    done = await first.fetch()
    before = replace(done, state=DownloadState.RUNNING, path=None, bytes=0, sha256=None, verified=None)
    await first.board.put_download(before)  # kill -9 came before the word of its end
    await first.close()
    again = await one()
    again.downloads.take_up()
    (done,) = await again.rest((done.id,))
    assert (done.state, done.path) == (DownloadState.DONE, again.folder / "out.bin")
    assert again.files() == {"out.bin": content}
    await again.close()


@pytest.mark.parametrize("size", [None, len(CONTENT)])
async def test_files_of_one_name_and_the_same_bytes_stay_one_each_after_a_kill(
    tmp_path: Path, size: int | None
) -> None:
    desk = await Desk(tmp_path, at_once=4).open(*(Output(f"{number}/out.bin") for number in range(4)))
    desk.vendor.links = [(Link("https://bucket.example/out.bin", size=size),)]
    (told,) = await desk.fetch_all("0/out.bin")
    (desk.folder / "out (1).bin").write_bytes(CONTENT)  # the second one had its name, and nobody had said so
    for number in range(1, 4):
        await desk.board.put_download(
            replace(told, id=number, output=Safe(f"{number}/out.bin"), state=DownloadState.QUEUED, path=None)
        )
    desk.downloads.take_up()
    await desk.rest((1, 2, 3))
    names = [one.path.name for one in desk.board.downloads.values() if one.path]
    assert sorted(names) == ["out (1).bin", "out (2).bin", "out (3).bin", "out.bin"] == sorted(desk.files())
    await desk.close()


FETCHER = """
import asyncio, sys
from pathlib import Path
from typing import Any
from tests.engine.test_downloads_life import Tap, opened
from tests.engine.waiting import until

async def main():
    tap = Tap()
    desk = await opened(Path(sys.argv[1]), tap)
    await desk.started("out.bin")
    await until(lambda: tap.waiting)
    print("started", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_kill_9_and_a_restart_fetch_the_file_whole(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FETCHER, str(tmp_path)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"started\n"
    process.send_signal(signal.SIGKILL)
    await process.wait()
    desk = await Desk(tmp_path, whole).open()
    assert list(desk.files()) == ["out.bin.part", "out.bin.part.json"]
    desk.downloads.take_up()
    await desk.rest(tuple(desk.board.downloads))
    assert states(desk) == [DownloadState.DONE]
    assert desk.files() == {"out.bin": CONTENT}
    await desk.close()
