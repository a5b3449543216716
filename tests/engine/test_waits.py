"""Answers that are older than what was told before, and waits that are long enough to be explained."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.clock import START
from tests.engine.scripted import DONE, RUNNING, Room, ScriptedVendor
from tui.engine.polling.waits import ANEW
from tui.errors import AskError
from tui.model import JobState, ProblemKind, Snapshot
from tui.vendors.contract import Session

WAITING = Snapshot(JobState.WAITING, "pending", title="acme.Render", submitted_at=START)
LONG_AGO = replace(WAITING, submitted_at=START - timedelta(minutes=10))


class Explaining(ScriptedVendor):
    """Says why a job waits; `failure` is raised instead."""

    def __init__(self) -> None:
        super().__init__()
        self.explained: list[str | None] = []
        self.sentence: str | None = "the queue of 3dsMax is 4 minutes long"
        self.failure: Exception | None = None

    async def explain_wait(self, session: Session, snapshot: Snapshot) -> str | None:
        self.explained.append(snapshot.title)
        await session.clock.sleep(0.5)
        if self.failure:
            raise self.failure
        return self.sentence


class Lagging(ScriptedVendor):
    """A vendor whose answers may be behind: a job that ran does not wait."""

    def is_behind(self, known: Snapshot, told: Snapshot) -> bool:
        return known.state is JobState.RUNNING and told.state is JobState.WAITING


async def test_an_older_answer_takes_no_job_back(room: Room) -> None:
    vendor = Lagging()
    vendor.answers["job1"] = [RUNNING, WAITING, WAITING, DONE]
    room.add("plant", vendor)
    await room.track("plant", "job1")
    room.poller.start()
    await room.clock.advance(3)
    assert room.job("plant:job1").state is JobState.RUNNING
    await room.clock.advance(3)
    assert room.job("plant:job1").state is JobState.RUNNING
    assert len(vendor.asked) >= 2
    await room.clock.advance(10)
    assert room.job("plant:job1").state is JobState.SUCCEEDED


async def test_a_long_wait_is_explained_once_for_all_of_a_kind(room: Room) -> None:
    vendor = Explaining()
    for one in ("job1", "job2", "job3"):
        vendor.answers[one] = [LONG_AGO]
    room.add("plant", vendor)
    await room.track("plant", "job1", "job2", "job3")
    room.poller.start()
    await room.clock.advance(30)
    assert {room.job(f"plant:job{n}").snapshot.notice for n in (1, 2, 3)} == {vendor.sentence}
    assert vendor.explained == ["acme.Render"]
    await room.clock.advance(ANEW + 60)
    assert len(vendor.explained) == 2


async def test_what_is_known_of_a_wait_holds_up_no_answer(room: Room) -> None:
    heard: list[int] = []
    vendor = Explaining()
    for one in ("job1", "job2", "job3"):
        vendor.answers[one] = [LONG_AGO]
    room.add("plant", vendor, min_interval=20.0, max_interval=20.0)
    await room.track("plant", "job1", "job2", "job3")
    room.poller.start()
    await room.clock.advance(10)
    room.board.listen(lambda change: heard.append(len(change.jobs)))
    await room.clock.advance(20)
    assert heard == [3]  # all in one step
    assert len(vendor.explained) == 1


async def test_a_short_wait_costs_nothing(room: Room) -> None:
    vendor = Explaining()
    vendor.answers["job1"] = [WAITING]
    room.add("plant", vendor)
    await room.track("plant", "job1")
    room.poller.start()
    await room.clock.advance(60)
    assert vendor.explained == []
    await room.clock.advance(90)
    assert vendor.explained == ["acme.Render"]


async def test_the_vendors_own_notice_comes_first(room: Room) -> None:
    vendor = Explaining()
    vendor.answers["job1"] = [replace(LONG_AGO, notice="about number 40 in the queue")]
    room.add("plant", vendor)
    await room.track("plant", "job1")
    room.poller.start()
    await room.clock.advance(4)
    assert room.job("plant:job1").snapshot.notice == f"about number 40 in the queue; {vendor.sentence}"


@pytest.mark.parametrize("failure", [AskError(ProblemKind.FORBIDDEN, "no"), ValueError("a fault of ours")])
async def test_an_explanation_that_fails_is_no_problem_of_the_job(room: Room, failure: Exception) -> None:
    vendor = Explaining()
    vendor.failure = failure
    vendor.answers["job1"] = vendor.answers["job2"] = [LONG_AGO]
    room.add("plant", vendor)
    await room.track("plant", "job1", "job2")
    room.poller.start()
    await room.clock.advance(30)
    job = room.job("plant:job1")
    assert (job.state, job.problem, job.snapshot.notice) == (JobState.WAITING, None, None)
    assert len(vendor.explained) == 1


async def test_a_time_without_a_zone_costs_no_answer(room: Room) -> None:
    vendor = Explaining()
    vendor.answers["job1"] = [replace(WAITING, submitted_at=datetime(2026, 1, 1))]
    room.add("plant", vendor)
    await room.track("plant", "job1")
    room.poller.start()
    await room.clock.advance(1)
    assert room.job("plant:job1").state is JobState.WAITING
    assert vendor.explained == []
