"""Jobs that are asked together share a row for their times: what they say, keep and tell is as if each had its own."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.clock import START, FakeClock
from tests.engine.inline import inline_store
from tests.engine.scripted import ManyVendor, Room
from tests.engine.test_three_programs import Program
from tui.engine.board import Board
from tui.engine.polling.asking_order import AskingOrder
from tui.engine.polling.plan import Planning
from tui.engine.storage.batch import Batch
from tui.engine.storage.database import Database
from tui.engine.storage.rounds import Round
from tui.errors import AskError, StateError
from tui.model import Connection, Job, JobKey, JobState, ProblemKind, Reference, Snapshot

CONNECTION = Connection("aps", "autodesk", "https://aps.example")
IDS = tuple("abcdef")
KEYS = tuple(JobKey(f"aps:{one}") for one in IDS)
SAID = tuple(Snapshot(JobState.RUNNING, "inprogress", notice=f"step {number}") for number in range(2))
OTHER = (
    Snapshot(JobState.WAITING, "pending"),
    Snapshot(JobState.SUCCEEDED, "success"),
    Snapshot(JobState.RUNNING, "odd"),
)
WRONG = AskError(ProblemKind.UNREACHABLE, "no answer")


def job(name: str, minutes: int = 0) -> Job:
    then = START - timedelta(hours=2)
    at = START + timedelta(minutes=minutes)
    times = (at, at + timedelta(seconds=50), at + timedelta(seconds=90))
    return Job(
        "aps", "autodesk", Reference(name), then, changed_at=then,
        checked_at=times[0], next_check_at=times[1], fresh_until=times[2],
    )  # fmt: skip


def jobs(names: str, minutes: int = 0) -> tuple[Job, ...]:
    return tuple(job(one, minutes) for one in names)


def round_of(*jobs: Job) -> Round:
    return Round({job.key: job for job in jobs})


def on_the_board(database: Database) -> dict[str, Job]:
    return {one.ref.id: one for one in database.load().jobs}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "board.sqlite")) as database:
        yield database


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Database]:
    """The same file in another program."""
    with closing(Database(tmp_path / "board.sqlite")) as other:
        other.load()
        yield other


def rows(database: Database, table: str = "rounds") -> int:
    return sum(1 for _ in database.rows(table, ("1",)))


def test_a_round_counts_for_its_jobs_and_for_no_others(database: Database) -> None:
    database.write([Batch(added=jobs("abc"))])
    database.write([Batch(rounds=(round_of(*jobs("ab", 1)),))])
    assert on_the_board(database) == {one.ref.id: one for one in (*jobs("ab", 1), job("c"))}
    database.write([Batch(rounds=(round_of(*jobs("ab", 2)),))])
    assert (on_the_board(database)["a"], rows(database)) == (job("a", 2), 1)


def test_one_that_leaves_or_joins_makes_another_round_and_changes_nobodys_times(database: Database) -> None:
    database.write([Batch(added=jobs("abcd"))])
    database.write([Batch(rounds=(round_of(*jobs("abc", 1)),))])
    database.write([Batch(rounds=(round_of(*jobs("abd", 2)),))])
    assert on_the_board(database) == {one.ref.id: one for one in (*jobs("abd", 2), job("c", 1))}
    database.write([Batch(updated=jobs("d", 3))])
    database.write([Batch(rounds=(round_of(*jobs("ab", 4)),))])
    assert on_the_board(database) == {one.ref.id: one for one in (*jobs("ab", 4), job("c", 1), job("d", 3))}
    database.tidy(START, None)
    assert rows(database) == 2


def test_what_is_written_of_a_job_and_its_round_in_one_go_counts_in_this_order(database: Database) -> None:
    database.write([Batch(added=jobs("abc"))])
    database.write([Batch(rounds=(round_of(*jobs("abc", 1)),))])
    told = replace(job("a", 2), alert=True)
    database.write([Batch(updated=(told,), rounds=(round_of(told, *jobs("bc", 2)),)), Batch(updated=jobs("b", 3))])
    assert on_the_board(database) == {"a": told, "b": job("b", 3), "c": job("c", 2)}
    assert rows(database) == 1


def test_taken_off_and_put_back_a_job_is_in_no_round(database: Database) -> None:
    over = Snapshot(JobState.SUCCEEDED, "success")
    database.write([Batch(added=tuple(replace(one, snapshot=over) for one in jobs("abc")))])  # type: ignore[arg-type]
    database.write([Batch(rounds=(round_of(*jobs("abc", 1)),))])
    assert database.archive(KEYS[:1], START) == KEYS[:1]
    archived = database.archived_job(KEYS[0])
    assert archived
    assert archived.checked_at == job("a", 1).checked_at
    assert [one.checked_at for one in database.bring_back(KEYS[:1], START)] == [archived.checked_at]
    database.write([Batch(removed=KEYS[1:2])])
    database.write([Batch(rounds=(round_of(*jobs("abc", 2)),))])
    assert {name: one.checked_at for name, one in on_the_board(database).items()} == {
        name: job(name, 2).checked_at for name in "ac"
    }


def test_another_program_hears_of_a_round_once_and_may_end_it(database: Database, other: Database) -> None:
    database.write([Batch(added=jobs("abc"))])
    other.news()
    database.write([Batch(rounds=(round_of(*jobs("ab", 1)),))])
    assert {*other.news().jobs} == {*jobs("ab", 1)}
    assert other.news().jobs == ()
    told = replace(job("a", 1), alert=True)
    other.write([Batch(updated=(told,))])
    database.write([Batch(rounds=(round_of(*jobs("ab", 2)),))])
    told = replace(job("a", 2), alert=True)
    assert {*database.news().jobs} == {told, job("b", 2)}
    assert on_the_board(database) == {"a": told, "b": job("b", 2), "c": job("c")}


def test_of_two_that_step_in_one_gets_what_is_still_due(database: Database, other: Database) -> None:
    until = START + timedelta(minutes=9)
    database.write([Batch(added=jobs("abc"))])
    database.write([Batch(rounds=(round_of(*jobs("ab", 1)),))])
    due = {one.key: one.next_check_at for one in (*jobs("ab", 1), *jobs("cd"))}
    other.write([Batch(updated=jobs("c", 2))])
    assert database.step_in(due, until) == {KEYS[0], KEYS[1]}
    assert other.step_in(due, until) == frozenset()
    put_off = {name: replace(job(name, 1), next_check_at=until) for name in "ab"}
    assert on_the_board(other) == put_off | {"c": job("c", 2)}
    assert rows(database) == 1


def test_a_reset_in_another_program_is_not_undone_by_a_round_of_the_run_before(
    database: Database, other: Database
) -> None:
    database.write([Batch(added=jobs("ab"))])
    other.news()
    fresh = replace(job("a"), begun_anew_at=START, next_check_at=None)
    other.write([Batch(updated=(fresh,))])
    database.write([Batch(rounds=(round_of(*jobs("ab", 1)),))])
    assert on_the_board(database) == {"a": fresh, "b": job("b", 1)}


def test_renamed_a_connections_jobs_keep_their_times(database: Database) -> None:
    database.write([Batch(added=jobs("ab"))])
    database.write([Batch(rounds=(round_of(*jobs("ab", 1)),))])
    database.rename("aps", "acme")
    assert on_the_board(database) == {one.ref.id: replace(one, connection="acme") for one in jobs("ab", 1)}


async def test_what_was_learnt_of_its_kind_is_kept_with_a_job_that_says_nothing_new(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "board.sqlite")
    await desk.begin()
    plan = Planning(CONNECTION, START, 0.5).of
    began = Snapshot(JobState.RUNNING, "inprogress", started_at=START)
    ended = replace(began, state=JobState.SUCCEEDED, finished_at=START + timedelta(minutes=1))
    await desk.board.all_answered([(key, began) for key in KEYS], plan)
    await desk.board.all_answered([(key, ended) for key in KEYS[:3]], plan)
    await desk.board.all_answered([(key, began) for key in KEYS[3:]], plan)
    kept = await desk.kept()
    assert {key: job.usual.seconds for key, job in kept.items() if job.usual} == dict.fromkeys(KEYS[3:], 60.0)
    await desk.close()


async def test_what_the_disk_did_not_take_is_written_with_the_next_answer_that_says_the_same(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "board.sqlite")
    await desk.begin()
    plan = Planning(CONNECTION, START, 0.5).of
    await desk.board.all_answered([(key, SAID[0]) for key in KEYS], plan)
    sql = desk.store._database._sql
    sql.set_authorizer(lambda what, *_: sqlite3.SQLITE_DENY if what == sqlite3.SQLITE_UPDATE else 0)  # a fault
    with pytest.raises(StateError):
        await desk.board.all_answered([(key, SAID[1]) for key in KEYS], plan)
    sql.set_authorizer(None)
    desk.clock.jump(40)
    await desk.board.all_answered([(key, SAID[1]) for key in KEYS], plan)
    assert await desk.kept() == desk.board.jobs
    await desk.close()


def test_what_another_program_said_meanwhile_outlives_two_changes_in_one_go(
    database: Database, other: Database
) -> None:
    database.write([Batch(added=jobs("ab"))])
    other.news()
    other.write([Batch(updated=(replace(job("a"), alert=True),))])
    database.write([Batch(rounds=(round_of(*jobs("ab", 1)),)), Batch(updated=jobs("a", 2))])
    assert on_the_board(database) == {"a": replace(job("a", 2), alert=True), "b": job("b", 1)}


def test_jobs_that_are_due_together_join_a_request_all_or_none(clock: FakeClock) -> None:
    order = AskingOrder(CONNECTION, 50, clock, random.Random(1))
    groups = {"small": (20, 40), "large": (40, 41), "alone": (1, 42), "middle": (25, 43), "late": (1, 59)}
    for name, (count, seconds) in groups.items():
        at = START + timedelta(seconds=seconds)
        ours = [replace(job(f"{name}{number}"), checked_at=START, next_check_at=at) for number in range(count)]
        for one in ours:
            order.planned(one.key, at)
        order.hear_together({one.key: one for one in ours})
    clock.jump(40)
    taken = order.take(50, fill=True)
    assert Counter(one.ref.id.rstrip("0123456789") for one in taken.values()) == {"small": 20, "alone": 1, "middle": 25}
    clock.jump(1)
    assert len(order.take(50, fill=True)) == 40


# --- the whole way: answers that come together, and the same ones each by itself ---

Step = tuple[str, int, int]
steps = st.lists(
    st.tuples(st.sampled_from(("ask", "ask", "ask", "fail", "alert", "look")), st.integers(0, 63), st.integers(0, 9)),
    max_size=10,
)


class Desk:
    """Two boards on one file each; a second program has the file open, too."""

    def __init__(self, path: Path) -> None:
        self.path, self.clock = path, FakeClock()
        self.store, self.other = inline_store(path), inline_store(path)
        self.board, self.second = Board(self.store, self.clock), Board(self.other, self.clock)

    async def begin(self) -> None:
        then = START - timedelta(hours=2)
        ours = [Job("aps", "autodesk", Reference(name), then, changed_at=then) for name in IDS]
        await self.board.add(ours, "tracked")
        await self.second.load()

    async def go(self, step: Step, *, together: bool) -> None:
        what, some, number = step
        keys = [key for place, key in enumerate(KEYS) if some >> place & 1]
        self.clock.jump(40)
        if what == "ask":
            plan = Planning(CONNECTION, self.clock.now(), number / 9).of
            said = [(key, OTHER[place % 3] if place == number else SAID[number % 2]) for place, key in enumerate(keys)]
            if together:
                await self.board.all_answered(said, plan)
            else:
                for key, one in said:
                    await self.board.answered(key, one, plan)
        elif what == "fail":
            for key in keys[:1]:
                await self.board.failed(key, WRONG, self.clock.now() + timedelta(seconds=number))
        elif what == "alert":
            await self.second.set_alert(keys[:2], on=number > 4)
        else:
            await self.second.look()
        await self.board.look()

    async def kept(self) -> dict[JobKey, Job]:
        with closing(Database(self.path)) as database:
            return {one.key: one for one in database.load().jobs}

    async def close(self) -> None:
        await self.store.close()
        await self.other.close()


@pytest.fixture
def desk_of(tmp_path: Path) -> Callable[[], Desk]:
    desks: list[Desk] = []

    def make() -> Desk:
        desks.append(Desk(tmp_path / f"{len(desks)}.sqlite"))
        return desks[-1]

    return make


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None)
@given(steps)
async def test_asked_together_or_one_by_one_the_boards_and_what_is_kept_are_the_same(
    desk_of: Callable[[], Desk], taken: list[Step]
) -> None:
    one, other = desk_of(), desk_of()
    for desk in (one, other):
        await desk.begin()
        for step in taken:
            await desk.go(step, together=desk is one)
    assert one.board.jobs == other.board.jobs
    assert await one.kept() == one.board.jobs == await other.kept()
    await one.second.look()
    assert one.second.jobs == one.board.jobs
    await one.close()
    await other.close()


async def test_jobs_that_are_read_together_stay_together_and_a_restart_asks_no_sooner(tmp_path: Path) -> None:
    vendor = ManyVendor()
    room = Room(tmp_path / "board.sqlite", rng=random.Random(3))
    room.add("aps", vendor)
    await room.track("aps", *(f"job{number}" for number in range(50)))
    room.poller.start()
    await room.clock.advance(400)
    assert {len(some) for some in vendor.lists} == {50}
    due = {one.next_check_at for one in room.board.jobs.values()}
    assert len(due) == 1
    await room.close()
    later = Room(tmp_path / "board.sqlite", clock=room.clock)
    again = ManyVendor()
    later.add("aps", again)
    await later.board.load()
    assert {one.next_check_at for one in later.board.jobs.values()} == due
    later.poller.start()
    (at,) = due
    assert at
    await later.clock.advance((at - later.clock.now()).total_seconds() - 1)
    assert not again.lists
    await later.clock.advance(10)
    assert len(again.lists) == 1
    await later.close()


async def test_of_two_programs_one_asks_for_all_and_the_other_steps_in_when_it_is_gone(tmp_path: Path) -> None:
    clock = FakeClock()
    vendors = (ManyVendor(), ManyVendor())
    one, other = (Program(tmp_path / "board.sqlite", seed, clock, vendor) for seed, vendor in enumerate(vendors))
    await one.room.track("plant", *(f"job{number}" for number in range(60)))
    await one.start()
    await clock.advance(60)
    await other.start()
    asked = len(vendors[0].lists)
    await clock.advance(120)
    assert len(vendors[0].lists) > asked + 10
    assert not vendors[1].lists
    assert {key: job.next_check_at for key, job in other.room.board.jobs.items()} == {
        key: job.next_check_at for key, job in one.room.board.jobs.items()
    }
    await one.kill()
    await clock.advance(120)
    assert {name for some in vendors[1].lists for name in some} == {
        job.ref.id for job in other.room.board.jobs.values()
    }
    assert max(map(len, vendors[1].lists)) == 50
    await one.close()
    await other.close()
