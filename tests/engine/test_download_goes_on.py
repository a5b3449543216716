"""The same wish once more: what a program that ended left behind goes on, under its own number."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.fetching import CONTENT, KEY, Desk
from tests.engine.test_downloads_life import Tap
from tests.engine.waiting import until
from tui.errors import DownloadError
from tui.model import DownloadState, Output

OUT = Output("out.bin")


async def test_what_an_ended_program_left_goes_on(tmp_path: Path) -> None:
    tap = Tap()
    first = await Desk(tmp_path, tap).open(OUT)
    (left,) = await first.started()
    await until(lambda: tap.waiting)
    await first.close()
    second = await Desk(tmp_path, clock=first.clock).open()
    done = await second.fetch()
    assert (done.id, done.state) == (left.id, DownloadState.DONE)
    assert second.files() == {"out.bin": CONTENT}
    assert "out.bin: goes on" in await second.events()
    await second.close()


async def test_what_another_program_fetches_is_not_fetched_twice(tmp_path: Path) -> None:
    tap = Tap()
    ours = await Desk(tmp_path, tap).open(OUT)
    (download,) = await ours.started()
    await until(lambda: tap.waiting)
    theirs = await Desk(tmp_path).open()
    with pytest.raises(DownloadError, match="being fetched already"):
        await theirs.downloads.queue(theirs.board.job(KEY), (), theirs.folder)
    (elsewhere,) = await theirs.downloads.queue(theirs.board.job(KEY), (), tmp_path / "other")
    await theirs.downloads.wait((elsewhere.id,))
    tap.is_open.set()
    await ours.downloads.wait((download.id,))
    assert (tmp_path / "other" / "out.bin").read_bytes() == CONTENT == ours.files()["out.bin"]
    await theirs.close()
    await ours.close()
