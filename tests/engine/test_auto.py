"""Fetching by itself: what the rule fits, once, also what succeeded while nobody looked; never the past in bulk."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.clock import START, FakeClock, settle
from tests.engine.five import SECRETS, five
from tests.engine.octoplant_web import A, B, PlayedOctoplant
from tests.engine.waiting import until
from tests.engine.zips import make_zip
from tui.engine.border import inert
from tui.engine.engine import Engine, Surroundings
from tui.engine.facts.archives import TakenMember
from tui.engine.facts.jobs import Queued, TrackWish
from tui.engine.fetching.missing import missing_results
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.model import (
    Download,
    DownloadState,
    Job,
    JobKey,
    JobState,
    Output,
    OutputKind,
    Reference,
    Safe,
    Snapshot,
)

KEY, OTHER = JobKey(f"plant:{A}"), JobKey(f"plant:{B}")


class Desk:
    """Programs on one state folder, one after the other or side by side."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.clock = FakeClock()
        self.plant = PlayedOctoplant(content=make_zip())
        for name in (A, B):
            self.plant.put(name)

    @asynccontextmanager
    async def program(self, auto: str = "false") -> AsyncIterator[Engine]:
        more = f"[downloads]\nfolder = '{self.home / 'got'}'\nauto = {auto}\n"
        environ = Surroundings(
            self.clock, random.Random(1), SECRETS, GuardedKeyring(trouble="none here"), self.plant.transport
        )
        engine = Engine(five(more), self.home / "board.sqlite", environ)
        await engine.open()
        try:
            yield engine
        finally:
            await engine.close()

    def succeed(self, *names: str) -> None:
        self.clock.jump(10)
        for name in names:
            self.plant.put(name, "STATE_SUCCEEDED", done=True)

    def fetched(self) -> list[str]:
        folder = self.home / "got"
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def is_done(engine: Engine, *keys: JobKey) -> Callable[[], bool]:
    return lambda: {one.job for one in engine.board.downloads.values() if one.state is DownloadState.DONE} == set(keys)


async def test_what_succeeds_is_fetched_once(desk: Desk) -> None:
    async with desk.program("true") as engine:
        await engine.start_auto()
        await engine.asking.track(TrackWish(A))
        desk.succeed(A)
        await engine.asking.ask_now(KEY)
        await until(is_done(engine, KEY))
        await engine.asking.ask_now(KEY)
        await settle()
    async with desk.program("true") as engine:
        await engine.start_auto()
        await settle(200)
    assert desk.fetched() == [f"{A}.zip"]


async def test_what_succeeded_while_no_board_ran_is_fetched_at_the_next_start(desk: Desk) -> None:
    async with desk.program("true") as board:
        await board.start_auto()
    async with desk.program("true") as command:
        await command.asking.track(TrackWish(A))
        desk.succeed(A)
        await command.asking.ask_now(KEY)
    assert desk.fetched() == []
    async with desk.program("true") as board:
        await board.start_auto()
        await until(is_done(board, KEY))


@pytest.mark.parametrize("before", ["false", '"id:none"'])
async def test_the_past_is_not_fetched_when_a_rule_is_made_or_changed(desk: Desk, before: str) -> None:
    async with desk.program(before) as board:
        await board.start_auto()
        desk.succeed(A)
        await board.asking.track(TrackWish(A))
    desk.clock.jump(10)
    async with desk.program("true") as board:
        await board.start_auto()
        await board.asking.track(TrackWish(B))
        desk.succeed(B)
        await board.asking.ask_now(OTHER)
        await until(is_done(board, OTHER))
        await settle(200)
    assert desk.fetched() == [f"{B}.zip"]


async def test_one_member_that_was_fetched_alone_is_not_the_result(desk: Desk) -> None:
    async with desk.program("true") as engine:
        await engine.start_auto()
        await engine.asking.track(TrackWish(A))
        await engine.downloads.record_member(KEY, "out.zip", TakenMember(Safe("a"), desk.home / "a", 1))
        desk.succeed(A)
        await engine.asking.ask_now(KEY)
        await until(lambda: desk.fetched() == [f"{A}.zip"])


async def test_a_rule_may_be_a_filter(desk: Desk) -> None:
    async with desk.program('"vendor:octoplant -nightly"') as board:
        await board.start_auto()
        await board.asking.track(TrackWish(A, title="nightly compare"))
        await board.asking.track(TrackWish(B, title="Export line 3"))
        desk.succeed(A, B)
        await board.asking.ask_now(KEY)
        await board.asking.ask_now(OTHER)
        await until(is_done(board, OTHER))
        await settle(200)
    assert desk.fetched() == [f"{B}.zip"]


async def test_of_two_programs_one_fetches(desk: Desk) -> None:
    async with desk.program("true") as one, desk.program("true") as two:
        await one.asking.track(TrackWish(A))
        await two.board.look()
        await one.start_auto()
        await two.start_auto()
        desk.succeed(A)
        await one.asking.ask_now(KEY)
        await two.asking.ask_now(KEY)
        await until(lambda: desk.fetched() == [f"{A}.zip"])
        await desk.clock.advance(2)
        await one.board.look()
        await two.board.look()
        await until(is_done(one, KEY))
        assert len(one.board.downloads) == 1


# ── download all finished ──

FILE = Output("out.zip")


def a_job(state: JobState = JobState.SUCCEEDED, *outputs: Output) -> Job:
    return Job("plant", "octoplant", Reference("1"), START, snapshot=inert(Snapshot(state, outputs=outputs or (FILE,))))


def a_download(state: DownloadState) -> Download:
    return Download(1, JobKey("plant:1"), Safe("out.zip"), Path("/tmp"), state)


@pytest.mark.parametrize(
    ("job", "missing"),
    [
        (a_job(), ("out.zip",)),
        (a_job(JobState.FAILED), ()),
        (a_job(JobState.RUNNING), ()),
        (a_job(JobState.SUCCEEDED, FILE, Output("x", OutputKind.LINK), Output("log", only_by_name=True)), ("out.zip",)),
        (a_job(JobState.SUCCEEDED, replace(FILE, expires_at=START)), ()),
        *((replace(a_job(), downloads=(a_download(state),)), ()) for state in DownloadState if not state.is_over),
        (replace(a_job(), downloads=(a_download(DownloadState.DONE),)), ()),
        (replace(a_job(), downloads=(a_download(DownloadState.FAILED),)), ("out.zip",)),
        (replace(a_job(), downloads=(a_download(DownloadState.CANCELLED),)), ("out.zip",)),
    ],
)
def test_which_results_are_missing(job: Job, missing: tuple[str, ...]) -> None:
    assert missing_results(job, START) == missing


async def test_all_finished_are_queued_and_the_others_skipped(desk: Desk) -> None:
    async with desk.program() as engine:
        desk.succeed(A)
        await engine.asking.track(TrackWish(A))
        await engine.asking.track(TrackWish(B))
        lost = Job(
            "gone", "octoplant", Reference("9"), START, snapshot=inert(Snapshot(JobState.SUCCEEDED, outputs=(FILE,)))
        )
        await engine.board.add([lost], "tracked")
        assert await engine.job_desk.download_finished() == Queued(files=1, jobs=1, skipped=1)
        await until(is_done(engine, KEY))
        assert await engine.job_desk.download_finished() == Queued(files=0, jobs=0, skipped=1)
    assert desk.fetched() == [f"{A}.zip"]


async def test_the_boards_downloads_follow_the_layout_and_a_named_folder_does_not(desk: Desk, tmp_path: Path) -> None:
    layout = "layout = '{connection}/{title}/{output}'"
    async with desk.program(f"false\n{layout}") as engine:
        desk.succeed(A)
        await engine.asking.track(TrackWish(A, title="Line 3 / PLC"))
        for folder in (None, tmp_path / "here"):
            await engine.downloads.wait(tuple(one.id for one in await engine.job_desk.download(KEY, folder=folder)))
            desk.clock.jump(1)  # two that end in the same moment are written down together
    assert (tmp_path / "got" / "plant" / "Line 3 _ PLC" / f"{A}.zip").exists()
    assert (tmp_path / "here" / f"{A}.zip").exists()
