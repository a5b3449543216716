"""What a vendor says again goes a short way over the board; the board is the same as on the long one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import fields, replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.clock import START, FakeClock
from tests.engine.inline import inline_store
from tui.engine.board import Board
from tui.engine.next_ask import NextAsk
from tui.engine.polling.plan import plan_next
from tui.errors import AskError
from tui.model import Connection, Event, Job, JobKey, JobState, Output, ProblemKind, Reference, Snapshot

CONNECTION = Connection("plant", "octoplant", "https://plant.example")
DIES = START + timedelta(minutes=20)
SAID = (
    Snapshot(JobState.WAITING, "pending", raw="{}"),
    Snapshot(JobState.RUNNING, "running", title="\x1b[31mred", raw="{}"),
    Snapshot(JobState.RUNNING, "running", notice="half", progress=0.5),
    Snapshot(JobState.UNKNOWN, "odd"),
    Snapshot(JobState.SUCCEEDED, "done", outputs=(Output("a.zip", expires_at=DIES),)),
)
WRONG = AskError(ProblemKind.UNREACHABLE, "no answer")


class _Fixed:
    """A way of chance that is always in the middle."""

    def random(self) -> float:
        return 0.5


class _Other(Snapshot):
    """Equal to no plain snapshot, so that each answer is one that says something else."""


class Desk:
    """A board on which jobs hear the same things, some of them always the long way."""

    def __init__(self, path: Path) -> None:
        self.store, self.clock = inline_store(path), FakeClock()
        self.board = Board(self.store, self.clock)
        self._numbers = count()

    def plan(self, job: Job) -> NextAsk:
        return plan_next(job, CONNECTION, self.clock.now(), _Fixed())  # type: ignore[arg-type]

    async def told(self, said: list[Snapshot | None], *, at_length: bool) -> tuple[list[Job], list[Event]]:
        """A new job after each answer, and its history; None is an ask that failed."""
        self.clock.elapsed, seen = 0.0, []
        job = Job(f"plant{next(self._numbers)}", "octoplant", Reference("A"), START)
        await self.board.add((job,), "tracked")
        for one in said:
            self.clock.jump(40)
            if at_length and one is not None:
                known = self.board.job(job.key)
                said_last = {field.name: getattr(known.snapshot, field.name) for field in fields(Snapshot)}
                self.board._jobs[job.key] = replace(known, snapshot=_Other(**said_last))  # type: ignore[arg-type]
            if one is None:
                await self.board.failed(job.key, WRONG, self.clock.now())
            else:
                await self.board.answered(job.key, one, self.plan)
            seen.append(replace(self.board.job(job.key), connection="plant"))
        history = [replace(event, job=JobKey("plant:A")) for event in await self.store.events(job.key)]
        return seen, history


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path / "board.sqlite")
    yield desk
    await desk.store.close()


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=25, deadline=None
)
@given(st.lists(st.sampled_from((*SAID, *SAID[:2], None)), max_size=8))
async def test_the_short_way_leads_to_the_same_board(desk: Desk, said: list[Snapshot | None]) -> None:
    assert await desk.told(said, at_length=False) == await desk.told(said, at_length=True)


async def test_what_is_said_again_after_a_restart_goes_the_short_way_too(desk: Desk) -> None:
    (*_, job), _ = await desk.told([SAID[1]], at_length=False)
    again = Board(desk.store, desk.clock)
    await again.load()
    kept = again.job(JobKey("plant0:A"))
    await again.answered(kept.key, SAID[1], desk.plan)
    assert again.job(kept.key).snapshot is kept.snapshot == job.snapshot


async def test_what_is_said_again_is_written_and_told(desk: Desk) -> None:
    heard: list[Job] = []
    desk.board.listen(lambda change: heard.extend(change.jobs))
    seen, history = await desk.told([SAID[2]] * 3, at_length=False)
    assert [job.checked_at for job in seen] == [START + timedelta(seconds=40 * turn) for turn in (1, 2, 3)]
    assert {job.changed_at for job in seen} == {START + timedelta(seconds=40)}
    assert seen[1].snapshot is seen[2].snapshot
    assert [event.kind for event in history] == ["tracked", "state"]
    assert [job.checked_at for job in heard] == [None, *(job.checked_at for job in seen)]
    assert (await desk.store.load()).jobs == (heard[-1],)
