"""Why nobody asks: a test for each sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.clock import START, settle
from tests.engine.scripted import DONE, RUNNING, Room, ScriptedVendor
from tui.engine.border import inert
from tui.engine.polling.why_not_asked import (
    NO_CONNECTION,
    NOT_ON_BOARD,
    ConnectionStanding,
    JobStanding,
    why_connection_is_silent,
    why_job_is_not_asked,
)
from tui.errors import AskError
from tui.model import Condition, Job, JobKey, LostStart, Problem, ProblemKind, Reference, Safe

JOB = Job("lab", "scripted", Reference("1"), START, snapshot=inert(RUNNING))
OVER = replace(JOB, snapshot=inert(DONE))
FAILED = replace(JOB, problem=Problem(ProblemKind.UNREACHABLE, Safe("no answer"), START, START))
GIVEN_UP = replace(JOB, problem=Problem(ProblemKind.GONE, Safe("unknown"), START, None))
FINE = ConnectionStanding(Condition.OK, jobs=3, next_in=0.0)
NOON = datetime(2026, 3, 2, 12, 3, 5, tzinfo=UTC)
THROTTLED = replace(FINE, condition=Condition.THROTTLED, throttled=50.0, throttled_until=NOON)
HELD = (
    (replace(FINE, condition=Condition.PAUSED), "paused by you"),
    (replace(FINE, condition=Condition.REFUSED), "credentials refused: not asked until you refresh"),
    (THROTTLED, f"throttled by the vendor until {NOON.astimezone():%H:%M:%S}"),
    (replace(FINE, condition=Condition.DOWN, held=39.2), "connection down, probe in 40s"),
)


def standing(job: Job = JOB, **more: object) -> JobStanding:
    return JobStanding(**{"job": job, "connection": FINE, "is_lined_up": True, "due_in": 0.0, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (standing(replace(JOB, outcome_unknown=True)), "sent, outcome unknown: not asked by itself"),
        (
            standing(replace(JOB, outcome_unknown=True, lost=LostStart("a"), next_check_at=START)),
            "sent, outcome unknown: looked up in the vendor's list",
        ),
        (standing(OVER, is_lined_up=False), "finished: not asked any more"),
        (standing(GIVEN_UP, is_lined_up=False), "given up: the vendor does not know it"),
        (standing(is_lined_up=False), "not asked in this run"),
        (standing(due_in=11.4), "next ask in 12s"),
        (standing(FAILED, due_in=30.0), "the last ask failed, next one in 30s"),
        (standing(OVER, due_in=3 * 3600.0), "finished: looked at again in 3h00m"),
        (
            standing(due_in=4.0, is_another_programs=True),
            "another program on this state folder asks, this one in 4s if it does not",
        ),
        (standing(ahead=14), "14 asks wait before it"),
        (standing(ahead=1, connection=replace(FINE, requests_left=0)), "quota: 1 ask waits before it"),
        (standing(connection=replace(FINE, requests_left=0)), "quota: it waits for its turn"),
        (standing(), None),
        (standing(is_lined_up=False, is_asked_now=True), None),
        *((standing(due_in=5.0, connection=connection), says) for connection, says in HELD),
    ],
)
def test_a_job(facts: JobStanding, says: str | None) -> None:
    assert why_job_is_not_asked(facts) == says


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        *HELD,
        (replace(FINE, jobs=0), "nothing to ask: no job here is under way"),
        (replace(FINE, next_in=61.0), "next ask in 1m01s"),
        (replace(FINE, requests_left=0), "quota: the next ask waits for its turn"),
        (FINE, None),
    ],
)
def test_a_connection(facts: ConnectionStanding, says: str | None) -> None:
    assert why_connection_is_silent(facts) == says


async def test_the_poller_knows_the_facts(room: Room) -> None:
    vendor, poller, key = ScriptedVendor(), room.poller, JobKey("plant:job1")
    room.add("plant", vendor)
    assert (poller.why_not_asked(key), poller.why_silent("nobody")) == (NOT_ON_BOARD, NO_CONNECTION)
    await room.track("plant", "job1")
    await room.track("nobody", "job1")
    poller.start()
    await settle()
    assert poller.why_not_asked(JobKey("nobody:job1")) == NO_CONNECTION
    assert (poller.why_not_asked(key), poller.why_silent("plant")) == ("next ask in 3s", "next ask in 3s")
    poller.pause("plant", on=True)
    assert poller.why_not_asked(key) == "paused by you"
    poller.pause("plant", on=False)
    vendor.takes = 1.0
    await room.clock.advance(2.5)
    assert poller.why_not_asked(key) is None
    vendor.answers["job1"] = [AskError(ProblemKind.RATE_LIMITED, "slower", retry_after=100.0)]
    await room.clock.advance(5)
    assert str(poller.why_not_asked(key)).startswith("throttled by the vendor until ")
    vendor.answers["job1"] = [AskError(ProblemKind.AUTH, "refused")]
    await room.clock.advance(120)
    assert poller.why_silent("plant") == "credentials refused: not asked until you refresh"


async def test_the_job_in_focus_is_the_connections_next_ask(room: Room) -> None:
    room.add("plant", ScriptedVendor())
    quiet = START - timedelta(minutes=10)
    await room.track("plant", "job1", change=lambda job: replace(job, snapshot=inert(RUNNING), changed_at=quiet))
    room.poller.start()
    await settle()
    assert room.poller.why_silent("plant") == "next ask in 54s"
    room.poller.focus(JobKey("plant:job1"))
    assert room.poller.why_silent("plant") == "next ask in 27s"


async def test_what_another_program_asks_is_said(room: Room) -> None:
    room.add("plant", ScriptedVendor())
    room.poller.start()
    await room.clock.advance(10)
    asked = START + timedelta(seconds=9)
    planned = asked + timedelta(seconds=20)
    await room.track("plant", "job1", change=lambda job: replace(job, checked_at=asked, next_check_at=planned))
    told = room.poller.why_not_asked(JobKey("plant:job1"))
    assert told == "another program on this state folder asks, this one in 24s if it does not"
