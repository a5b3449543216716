"""Looking inside outputs: at the vendor by ranges, or in the fetched file; what is there, how it begins, one of it."""

from __future__ import annotations

import asyncio
import stat
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.engine.ranged import FILES, KEY, ZIP, Lab, Shelf, named
from tests.engine.waiting import until
from tests.engine.zips import make_zip, noise
from tui.engine.facts.archives import Member
from tui.engine.inside.ranges import TAIL
from tui.errors import DownloadError, JobdeckError, UsageError
from tui.model import JobState, Safe


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(ZIP)


@pytest.fixture
async def lab(tmp_path: Path, shelf: Shelf) -> AsyncIterator[Lab]:
    lab = await Lab(tmp_path, shelf).open()
    yield lab
    await lab.close()


async def test_members_are_listed_in_one_request(lab: Lab) -> None:
    contents = await lab.inside.look(KEY, "out.zip")
    assert [(one.name, one.size, one.is_folder, one.is_locked) for one in contents.members] == [
        (name, len(content), False, False) for name, content in FILES.items()
    ]
    assert (contents.preview, contents.is_here) == (None, False)
    assert lab.asked == [f"bytes=-{TAIL}"]
    assert lab.folder.exists() is False


async def test_a_presigned_link_gets_no_login_and_no_header_that_is_not_signed(lab: Lab) -> None:
    contents = await lab.inside.look(KEY, "out.zip")
    await lab.inside.preview(KEY, "out.zip", contents.members[0])
    first, *later = lab.web.sent
    usual = {"host", "accept", "accept-encoding", "connection", "user-agent", "range"}
    assert set(first.headers) == usual
    assert {name for one in later for name in one.headers} == {*usual, "if-match"}
    assert {one.headers["accept-encoding"] for one in lab.web.sent} == {"identity"}
    assert {one.headers["if-match"] for one in later} == {'"one"'}


async def test_a_preview_reads_little_and_a_second_one_less(lab: Lab) -> None:
    contents = await lab.inside.look(KEY, "out.zip")
    preview = await lab.inside.preview(KEY, "out.zip", contents.members[0])
    assert (preview.kind, preview.text, preview.note) == ("text", "hello\n" * 20, "")
    assert len(lab.asked) == 2
    preview = await lab.inside.preview(KEY, "out.zip", contents.members[1])
    assert (preview.kind, preview.text) == ("JSON", '{\n  "b": [\n    1,\n    2\n  ],\n  "a": null\n}')
    assert len(lab.asked) == 2, "it lay beside the first"


async def test_members_are_fetched_by_themselves(lab: Lab) -> None:
    contents = await lab.inside.look(KEY, "out.zip")
    wanted = (named(contents, "deep/noise.bin"), named(contents, "a.txt"))
    taken = await lab.inside.take(KEY, "out.zip", wanted)
    assert [(one.name, one.path, one.bytes) for one in taken] == [
        ("deep/noise.bin", lab.folder / "noise.bin", 400_000),
        ("a.txt", lab.folder / "a.txt", 120),
    ]
    assert lab.files() == {"noise.bin": FILES["deep/noise.bin"], "a.txt": FILES["a.txt"]}
    (again,) = await lab.inside.take(KEY, "out.zip", wanted[1:], lab.folder)
    assert again.path == lab.folder / "a (1).txt"
    assert lab.kept == [(KEY, "out.zip", one) for one in (*taken, again)]
    assert stat.S_IMODE((lab.folder / "a.txt").stat().st_mode) == 0o600


async def test_one_member_of_a_large_archive_costs_little(tmp_path: Path) -> None:
    content = make_zip({f"{number}.bin": noise(300_000 + number) for number in range(20)}, packed=0)
    lab = await Lab(tmp_path, Shelf(content)).open()
    contents = await lab.inside.look(KEY, "out.zip")
    (taken,) = await lab.inside.take(KEY, "out.zip", (named(contents, "7.bin"),))
    assert taken.path.read_bytes() == noise(300_007)
    spans = [(int(first), int(last)) for first, last in (one[6:].split("-") for one in lab.asked if one[6] != "-")]
    assert sum(last + 1 - first for first, last in spans) < 1_000_000 < len(content) / 5
    await lab.close()


async def test_of_a_file_that_is_no_archive_the_beginning_is_shown(tmp_path: Path) -> None:
    text = b"one line\n" * 20_000
    lab = await Lab(tmp_path, Shelf(text), "run.log").open()
    contents = await lab.inside.look(KEY, "run.log")
    assert contents.members == ()
    assert contents.preview is not None
    assert contents.preview.text.startswith("one line\none line")
    assert (contents.preview.kind, contents.preview.note) == ("text", "the first 65.5 kB of 180 kB")
    assert len(lab.asked) <= 3
    member = Member(0, "a", Safe("a"), 1, 1)
    for work in (lab.inside.preview(KEY, "run.log", member), lab.inside.take(KEY, "run.log", (member,))):
        with pytest.raises(DownloadError, match=r"run\.log is no archive"):
            await work
    await lab.close()


async def test_a_fetched_file_is_looked_into_without_the_vendor(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "here.zip").write_bytes(ZIP)
    await lab.fetched(tmp_path / "here.zip")
    contents = await lab.inside.look(KEY, "out.zip")
    assert contents.is_here
    assert (await lab.inside.preview(KEY, "out.zip", contents.members[0])).text == "hello\n" * 20
    (taken,) = await lab.inside.take(KEY, "out.zip", contents.members[2:])
    assert taken.path.read_bytes() == FILES["deep/noise.bin"]
    assert lab.web.sent == []
    folder = await lab.inside.unpack(KEY, "out.zip")
    assert folder == tmp_path / "here"
    assert (folder / "deep" / "data.json").read_bytes() == FILES["deep/data.json"]
    assert ("unpacked", f"here.zip into {folder}") in [(one.kind, one.text) for one in await lab.store.events(KEY)]


async def test_a_member_that_is_there_is_told_though_nobody_waits_any_more(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "here.zip").write_bytes(ZIP)
    await lab.fetched(tmp_path / "here.zip")
    contents = await lab.inside.look(KEY, "out.zip")
    folder = tmp_path / "slow"
    task = asyncio.create_task(lab.inside.take(KEY, "out.zip", contents.members[:1], folder))
    await until(folder.exists)
    while not any(path.suffix == ".txt" for path in folder.iterdir()):
        time.sleep(0.0005)  # noqa: ASYNC251  # the loop hears of nothing meanwhile: that is the point
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [one.path for _, _, one in lab.kept] == list(folder.iterdir())


async def test_a_fetched_file_that_was_moved_away_is_looked_for_at_the_vendor(lab: Lab, tmp_path: Path) -> None:
    await lab.fetched(tmp_path / "moved.zip")
    assert not (await lab.inside.look(KEY, "out.zip")).is_here
    with pytest.raises(DownloadError, match="not downloaded") as caught:
        await lab.inside.unpack(KEY, "out.zip")
    assert caught.value.hint == "download it, then unpack it"


async def test_only_files_of_jobs_that_have_results_are_looked_into(tmp_path: Path) -> None:
    lab = await Lab(tmp_path, Shelf(ZIP)).open(JobState.RUNNING)
    with pytest.raises(JobdeckError, match="still running"):
        await lab.inside.look(KEY, "out.zip")
    with pytest.raises(UsageError, match="no file named other") as caught:
        await lab.inside.look(KEY, "other")
    assert caught.value.hint == "its files: out.zip"
    await lab.close()


@pytest.mark.parametrize("how", ["cancelled", "closed"])
async def test_whoever_goes_away_leaves_no_thread_and_no_file(lab: Lab, shelf: Shelf, how: str) -> None:
    contents = await lab.inside.look(KEY, "out.zip")
    hangs = asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        hangs.set()
        await asyncio.Event().wait()
        return shelf(request)

    work: Callable[[], Coroutine[Any, Any, object]] = (
        (lambda: lab.inside.take(KEY, "out.zip", contents.members))
        if how == "cancelled"
        else (lambda: lab.inside.preview(KEY, "out.zip", contents.members[0]))
    )
    lab.web.answer = slow  # type: ignore[assignment]  # httpx's transport for tests awaits it
    task = asyncio.create_task(work())
    await hangs.wait()
    if how == "cancelled":
        task.cancel()
    else:
        lab.inside.close()
    await until(task.done)
    assert task.cancelled() or isinstance(task.exception(), DownloadError)
    assert lab.files() == {}


async def test_names_that_are_hostile_do_no_harm(tmp_path: Path) -> None:
    names = ["../../slip.txt", "/abs.txt", "esc\x1b[31m.txt", "\u202etxt.exe", "C:\\win\\CON", "..", "[red]x[/]"]
    lab = await Lab(tmp_path, Shelf(make_zip({name: name.encode() for name in names}))).open()
    contents = await lab.inside.look(KEY, "out.zip")
    shown = "".join(one.name for one in contents.members)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert [one.raw for one in contents.members] == names
    taken = await lab.inside.take(KEY, "out.zip", contents.members)
    assert {one.path.parent for one in taken} == {lab.folder}
    assert [one.path.read_bytes().decode() for one in taken] == names
    assert all(character.isprintable() for one in taken for character in one.path.name)
    assert len(contents.members) == len(replace(contents).members) == len(lab.files())
    await lab.close()
