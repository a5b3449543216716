"""Jobs that are over leave the board after a time, are found, and come back as they were; the file stays small."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.clock import START, FakeClock, settle
from tests.engine.inline import inline_store
from tests.vendors.live import engine_at
from tui.config import Retention
from tui.emulators.server import EmulatedVendors
from tui.engine.board import Board, BoardChange
from tui.engine.border import inert
from tui.engine.facts.jobs import TrackWish
from tui.engine.retention import EVERY_SECONDS, FIRST_SECONDS, Archivist, is_due, rests_since
from tui.engine.storage.batch import Batch
from tui.engine.storage.tidying import KEEP_TRACES
from tui.errors import AskError, StateError
from tui.filter import EVERYTHING, parse
from tui.model import Download, DownloadState, Event, Job, JobKey, JobState, Reference, Safe, Sent, Snapshot

MONTH = timedelta(days=30)


def job(name: str, state: JobState = JobState.SUCCEEDED, age: timedelta = timedelta(days=40)) -> Job:
    return Job(
        "plant", "octoplant", Reference(name), START - age, snapshot=inert(Snapshot(state)), changed_at=START - age
    )


def download(of: Job, state: DownloadState, at: datetime) -> Download:
    return Download(int(at.timestamp() * 1_000_000), of.key, Safe("a.zip"), Path("/x"), state)


class Room:
    """A board with its archivist."""

    def __init__(self, path: Path, clock: FakeClock) -> None:
        self.clock = clock
        self.store = inline_store(path)
        self.board = Board(self.store, clock)
        self.rules = Retention()
        self.archivist = Archivist(self.board, self.store, clock, lambda: self.rules)

    async def put(self, *jobs: Job) -> None:
        await self.store.write(Batch(added=jobs))
        await self.board.load()

    def there(self) -> set[str]:
        return {one.ref.id for one in self.board.jobs.values()}

    async def keep(self) -> None:
        """Keep the rules, time passing while it takes its small steps."""
        keeping = asyncio.create_task(self.archivist.keep())
        for _ in range(200):
            await self.clock.advance(0.1)
            if keeping.done():
                break
        await keeping

    async def archived(self, text: str = "") -> list[str]:
        return [one.ref.id for one in await self.archivist.find(parse(text))]


@pytest.fixture
async def room(tmp_path: Path, clock: FakeClock) -> AsyncGenerator[Room]:
    room = Room(tmp_path / "board.sqlite", clock)
    yield room
    await room.store.close()


OLD = job("old")


@pytest.mark.parametrize(
    ("one", "due"),
    [
        (OLD, True),
        (job("young", age=timedelta(days=29)), False),
        (job("running", JobState.RUNNING), False),
        (job("unknown", JobState.UNKNOWN), False),
        (replace(OLD, brought_back_at=START), False),
        (replace(OLD, begun_anew_at=START), False),
        (replace(OLD, tracked_at=START), False),
        (replace(OLD, sent=Sent("reset", START - timedelta(days=35))), False),
        (replace(OLD, downloads=(download(OLD, DownloadState.DONE, START),)), False),
        (replace(OLD, downloads=(download(OLD, DownloadState.DONE, START - 2 * MONTH),)), True),
        (replace(OLD, downloads=(download(OLD, DownloadState.PAUSED, START - 2 * MONTH),)), False),
    ],
)
def test_what_is_due(one: Job, due: bool) -> None:
    assert is_due(one, START, MONTH) is due


def test_a_job_that_was_over_before_it_was_tracked_rests_since_it_was_tracked() -> None:
    ended = Snapshot(JobState.SUCCEEDED, finished_at=START - timedelta(days=400))
    assert rests_since(replace(job("x", age=timedelta(days=3)), snapshot=inert(ended))) == START - timedelta(days=3)


async def test_old_jobs_leave_the_board_by_themselves_and_are_found(room: Room) -> None:
    await room.put(OLD, job("young", age=timedelta(days=1)), job("running", JobState.RUNNING))
    heard: list[BoardChange] = []
    room.board.listen(heard.append)
    await room.archivist.keep()
    assert room.there() == {"young", "running"}
    assert heard == [BoardChange(gone=(OLD.key,))]
    (found,) = await room.archivist.find(parse("is:archived"))
    assert found == replace(OLD, archived_at=START)
    assert await room.archived("state:failed") == []
    assert await room.archived("ol state:succeeded") == ["old"]
    await room.board.load()
    assert room.there() == {"young", "running"}


async def test_never_is_never(room: Room) -> None:
    room.rules = Retention(archive_after=None)
    await room.put(OLD)
    await room.archivist.keep()
    assert room.there() == {"old"}


async def test_it_happens_a_moment_after_the_start_and_then_every_hour(room: Room, clock: FakeClock) -> None:
    await room.put(job("a", age=MONTH), job("b", age=MONTH - timedelta(seconds=EVERY_SECONDS)))
    running = asyncio.create_task(room.archivist.run())
    await clock.advance(FIRST_SECONDS - 1)
    assert room.there() == {"a", "b"}
    await clock.advance(1)
    assert room.there() == {"b"}
    await clock.advance(EVERY_SECONDS)
    assert room.there() == set()
    running.cancel()
    await settle()


async def test_everything_of_a_job_comes_back_with_it_and_it_rests_anew(room: Room, clock: FakeClock) -> None:
    file = download(OLD, DownloadState.DONE, START - 2 * MONTH)
    events = tuple(Event(START, OLD.key, "state", Safe(f"{number}")) for number in range(3))
    await room.put(OLD)
    await room.store.write(Batch(downloads=(file,), events=events, report=(OLD.key, "all of the log")))
    await room.board.load()
    await room.archivist.keep()
    assert not room.board.downloads
    assert await room.store.events(OLD.key) == events
    assert await room.store.report(OLD.key) == "all of the log"
    (back,) = await room.board.bring_back([OLD.key])
    assert back == replace(OLD, downloads=(file,), brought_back_at=START)
    assert room.board.downloads == {file.id: file}
    assert await room.store.events(OLD.key) == events
    assert await room.store.report(OLD.key) == "all of the log"
    assert await room.archived() == []
    await room.archivist.keep()
    assert room.there() == {"old"}
    clock.jump(MONTH.total_seconds())
    await room.archivist.keep()
    assert room.there() == set()
    assert await room.board.bring_back([JobKey("plant:never")]) == ()


async def test_to_track_an_archived_job_brings_it_back_with_what_was_known(room: Room) -> None:
    await room.put(replace(OLD, given_title=Safe("Mine")))
    await room.archivist.keep()
    await room.board.add([Job("plant", "octoplant", Reference("old", outputs=("b/k",)), START)], "tracked")
    one = room.board.job(OLD.key)
    assert (one.title, one.state, one.ref.outputs, one.archived_at) == ("Mine", JobState.SUCCEEDED, ("b/k",), None)
    assert await room.archived() == []


async def test_a_user_archives_what_is_over_and_no_more(room: Room) -> None:
    busy = job("busy")
    await room.put(OLD, job("running", JobState.RUNNING), busy)
    await room.board.put_download(download(busy, DownloadState.RUNNING, START))
    archived = await room.archivist.archive([*room.board.jobs, JobKey("plant:none")])
    assert [one.ref.id for one in archived] == ["old"]
    assert room.there() == {"running", "busy"}


async def test_a_job_that_another_program_moved_meanwhile_stays(room: Room, tmp_path: Path) -> None:
    await room.put(OLD)
    other = Room(tmp_path / "board.sqlite", room.clock)
    await other.board.load()
    await other.board.reopened(OLD.key)
    await room.archivist.keep()
    assert room.there() == {"old"}
    await room.board.look()
    assert room.board.job(OLD.key).state is JobState.UNKNOWN
    await other.store.close()


async def test_a_disk_that_takes_nothing_leaves_the_job_where_it_is(room: Room) -> None:
    await room.put(OLD)
    await room.store.close()
    with pytest.raises(StateError):
        await room.archivist.keep()
    assert room.there() == {"old"}


async def test_what_a_screen_shows_of_the_archive_goes_when_it_looks_elsewhere(room: Room) -> None:
    await room.put(OLD, job("older"))
    await room.archivist.keep()
    shown, gone = await room.archivist.show(parse("is:archived"))
    assert ({one.ref.id for one in shown}, gone) == ({"old", "older"}, ())
    shown, gone = await room.archivist.show(parse("is:archived older"))
    assert ([one.ref.id for one in shown], gone) == (["older"], (OLD.key,))
    await room.board.bring_back([shown[0].key])
    assert await room.archivist.show(None) == ((), ())


async def test_no_more_than_some_are_found_at_once_those_archived_last_first(room: Room, clock: FakeClock) -> None:
    for number in range(4):
        await room.put(job(f"{number}"))
        await room.archivist.keep()
        clock.jump(60)
    assert [one.ref.id for one in await room.archivist.find(EVERYTHING, 3)] == ["3", "2", "1"]


async def test_what_lies_in_the_archive_is_forgotten_when_config_says_so(room: Room, clock: FakeClock) -> None:
    room.rules = Retention(archive_after=MONTH, forget_after=MONTH)
    await room.put(OLD)
    await room.archivist.keep()
    clock.jump(MONTH.total_seconds() - 1)
    await room.archivist.keep()
    assert await room.archived() == ["old"]
    clock.jump(2)
    await room.archivist.keep()
    assert await room.archived() == []
    assert await room.store.events(OLD.key) == ()


async def test_traces_of_untracked_jobs_go_after_a_week_and_who_missed_it_reads_all(
    room: Room, tmp_path: Path, clock: FakeClock
) -> None:
    sleeper = Room(tmp_path / "board.sqlite", clock)
    await room.board.add([OLD, job("stays")], "tracked")
    await sleeper.board.look()
    await room.board.remove([OLD.key])
    room.rules = Retention(archive_after=None)
    await room.archivist.keep()
    assert len(await room.store.events(OLD.key)) == 2
    clock.jump(KEEP_TRACES.total_seconds() + 1)
    await room.archivist.keep()
    assert await room.store.events(OLD.key) == ()
    assert sleeper.there() == {"old", "stays"}
    await sleeper.board.look()
    assert sleeper.there() == {"stays"}
    await sleeper.store.close()


async def test_an_endless_history_keeps_its_end(room: Room) -> None:
    await room.put(OLD, job("other"))
    endless = tuple(Event(START, OLD.key, "problem", Safe(f"{number}")) for number in range(2_500))
    short = tuple(Event(START, JobKey("plant:other"), "problem", Safe(f"{number}")) for number in range(5))
    await room.store.write(Batch(events=(*endless, *short)))
    room.rules = Retention(archive_after=None)
    await room.keep()
    assert await room.store.events(OLD.key) == endless[-1000:]
    assert await room.store.events(JobKey("plant:other")) == short
    room.rules = Retention()
    await room.keep()
    kept = await room.store.events(OLD.key)
    assert (kept[0], kept[-1]) == (endless[1500], endless[-1])
    assert [event.text for event in kept if event.kind == "left out"] == ["500 lines of this history were not kept"]
    assert len(kept) == 501


async def test_the_file_gives_its_room_back(room: Room, tmp_path: Path) -> None:
    large = [
        replace(job(f"{number}"), snapshot=inert(Snapshot(JobState.SUCCEEDED, raw="x" * 20_000)))
        for number in range(200)
    ]
    await room.put(*large)
    room.rules = Retention(archive_after=MONTH, forget_after=timedelta(seconds=1))
    await room.keep()
    room.clock.jump(60)
    await room.keep()
    await room.store.close()
    assert (tmp_path / "board.sqlite").stat().st_size < 2_000_000


async def test_a_renamed_connection_takes_its_archived_jobs_along(room: Room) -> None:
    file = download(OLD, DownloadState.DONE, START - 2 * MONTH)
    await room.put(OLD)
    await room.board.put_download(file)
    await room.keep()
    await room.board.rename("plant", "works")
    (found,) = await room.archivist.find(EVERYTHING)
    assert (found.key, found.downloads[0].job) == ("works:old", "works:old")
    assert await room.board.bring_back([JobKey("works:old")])


async def test_an_archived_job_is_tracked_again_although_its_vendor_has_forgotten_it(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with EmulatedVendors(clock=clock) as world, engine_at(world, "octoplant", clock, tmp_path) as engine:
        name = "0c5b9c1e-77aa-4f0e-9a53-3f1d2b6c8e10"
        forgotten = Job("octoplant", "octoplant", Reference(name), START, snapshot=OLD.snapshot)
        await engine.board.add((forgotten,), "tracked")
        await engine.archivist.archive([forgotten.key])
        assert not engine.board.jobs
        job = await engine.asking.track(TrackWish(name, "octoplant", title="Mine"))
        assert (job.state, job.title, job.problem) == (JobState.SUCCEEDED, "Mine", None)
        with pytest.raises(AskError):
            await engine.asking.track(TrackWish("0c5b9c1e-77aa-4f0e-9a53-3f1d2b6c8e11", "octoplant"))
