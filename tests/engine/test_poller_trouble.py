"""Asking when things go wrong: back-off, Retry-After, one probe when down, a refused login, faults of our own."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.clock import START, settle
from tests.engine.scripted import DONE, RUNNING, ManyVendor, Room, ScriptedVendor
from tui.engine.polling.answers import AT_ONCE
from tui.engine.polling.connection_poller import DOWN_AFTER
from tui.engine.wire.quota import MOST_THROTTLED
from tui.errors import AskError, ConfigError, CredentialsError, UsageError
from tui.model import Condition, Inert, JobState, Output, Problem, ProblemKind, Safe, Snapshot

DOWN = AskError(ProblemKind.UNREACHABLE, "no answer in 20 s")
TLS = AskError(ProblemKind.TLS, "TLS failed: certificate verify failed")
GONE = AskError(ProblemKind.GONE, "unknown job (404)")
FORBIDDEN = AskError(ProblemKind.FORBIDDEN, "the vendor forbids this (403)")
BAD = AskError(ProblemKind.BAD_REPLY, "not JSON")
REFUSED = AskError(ProblemKind.AUTH, "the login was refused (401)", hint="check the secret")


def busy(seconds: float | None, kind: ProblemKind = ProblemKind.RATE_LIMITED) -> AskError:
    return AskError(kind, "fewer requests, please", retry_after=seconds)


async def test_one_job_that_fails_is_asked_less_often_while_the_others_go_on(
    room: Room, vendor: ScriptedVendor
) -> None:
    room.add("plant", vendor)
    vendor.answers["job1"] = [DOWN]
    await room.track("plant", "job1", "job2")
    room.poller.start()
    await room.clock.advance(20)
    assert vendor.times("job1") == [0.0, 2.0, 6.0, 14.0]
    assert len(vendor.times("job2")) == 9
    assert room.condition("plant") is Condition.OK


async def test_when_everything_fails_one_probe_is_sent_not_one_ask_per_job(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    ids = [f"job{number}" for number in range(40)]
    for one in ids:
        vendor.answers[one] = [DOWN]
    await room.track("plant", *ids)
    room.poller.start()
    await room.clock.advance(1)
    assert room.condition("plant") is Condition.DOWN
    asked_until_down = len(vendor.asked)
    assert asked_until_down == DOWN_AFTER * 4
    await room.clock.advance(600)
    assert len(vendor.asked) - asked_until_down <= 15
    health = room.health["plant"]
    assert health.message == "no answer in 20 s"
    assert health.next_try_at is not None
    assert START + timedelta(seconds=601) < health.next_try_at <= START + timedelta(seconds=601 + 60)
    vendor.answers.clear()
    await room.clock.advance(55)
    assert room.condition("plant") is Condition.OK
    vendor.takes = 0.01
    await room.clock.advance(40 / AT_ONCE + 1)
    assert {job.problem for job in room.board.jobs.values()} == {None}
    assert {job.state for job in room.board.jobs.values()} == {JobState.RUNNING}


async def test_a_server_that_answers_nothing_readable_gets_one_probe_too(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    ids = [f"job{number}" for number in range(40)]
    for one in ids:
        vendor.answers[one] = [BAD]
    await room.track("plant", *ids)
    room.poller.start()
    await settle(500)
    await room.clock.advance(660)
    assert (room.condition("plant"), room.health["plant"].message) == (Condition.DOWN, BAD.message)
    until_down, probes = len(ids) + DOWN_AFTER * AT_ONCE, 15
    assert len(vendor.asked) <= until_down + probes, "each once, until no job is left that is well"
    vendor.answers.clear()
    await room.clock.advance(75)
    assert room.condition("plant") is Condition.OK


async def test_a_job_that_is_over_or_another_programs_tells_nothing_for_the_server(
    room: Room, vendor: ScriptedVendor
) -> None:
    room.add("plant", vendor)
    ids = [f"job{number}" for number in range(40)]
    for one in ids:
        vendor.answers[one] = [BAD]
    tomorrow = START + timedelta(days=1)
    over = Inert(Snapshot(JobState.SUCCEEDED, outputs=(Output(Safe("out.bin"), expires_at=tomorrow),)))
    await room.track("plant", "over", change=lambda job: replace(job, snapshot=over, next_check_at=tomorrow))
    broken = Problem(BAD.kind, Safe("not JSON"), START, START + timedelta(minutes=15))
    await room.track("plant", "theirs", change=lambda job: replace(job, problem=broken, next_check_at=broken.retry_at))
    await room.track("plant", *ids)
    room.poller.start()
    await settle(500)
    await room.clock.advance(660)
    assert room.condition("plant") is Condition.DOWN
    assert len(vendor.asked) <= len(ids) + DOWN_AFTER * AT_ONCE + 15


async def test_jobs_that_nobody_can_read_do_not_hold_up_the_others(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    for number in range(12):
        vendor.answers[f"bad{number}"] = [BAD]
    await room.track("plant", *vendor.answers, "good")
    room.poller.start()
    await room.clock.advance(300)
    times = vendor.times("good")
    assert max(later - sooner for sooner, later in pairwise(times)) <= 30.0
    assert (room.job("plant:good").problem, room.condition("plant")) == (None, Condition.OK)


async def test_one_lost_request_for_many_jobs_is_one_failure(room: Room) -> None:
    vendor = ManyVendor()
    vendor.failure = DOWN
    room.add("aps", vendor)
    await room.track("aps", *(f"job{number}" for number in range(50)))
    room.poller.start()
    await settle(200)
    assert room.condition("aps") is Condition.IDLE
    assert len(vendor.lists) == 1
    vendor.failure = None
    await room.clock.advance(3)
    assert room.condition("aps") is Condition.OK


async def test_a_refresh_tries_a_connection_that_is_down(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    vendor.answers["job1"] = [TLS]
    await room.track("plant", "job1")
    room.poller.start()
    await room.clock.advance(300)
    assert room.condition("plant") is Condition.DOWN
    asked = len(vendor.asked)
    await room.poller.refresh([room.job("plant:job1")])
    await settle()
    assert len(vendor.asked) == asked + 1


@pytest.mark.parametrize("kind", [ProblemKind.RATE_LIMITED, ProblemKind.UNREACHABLE])
async def test_retry_after_is_obeyed_by_all_jobs_and_by_refreshes(
    room: Room, vendor: ScriptedVendor, kind: ProblemKind
) -> None:
    room.rng = random.Random(5)
    room.add("plant", vendor)
    vendor.answers["job1"] = [busy(120, kind), RUNNING]
    await room.track("plant", "job1", "job2")
    room.poller.start()
    await room.clock.advance(1)
    assert room.condition("plant") is Condition.THROTTLED
    assert len(vendor.asked) == 2
    await room.poller.refresh(list(room.board.jobs.values()))
    await room.clock.advance(118)
    assert len(vendor.asked) == 2
    problem, health = room.job("plant:job1").problem, room.health["plant"]
    assert problem is not None
    assert problem.retry_at is not None
    assert health.next_try_at is not None
    assert START + timedelta(seconds=120) <= problem.retry_at
    assert START + timedelta(seconds=120) <= health.next_try_at <= START + timedelta(seconds=144)
    await room.clock.advance(60)
    assert len(vendor.asked) > 3
    assert room.condition("plant") is Condition.OK


async def test_a_pause_asked_of_another_program_holds_for_one_that_begins_in_it(
    room: Room, vendor: ScriptedVendor
) -> None:
    room.add("plant", vendor)
    told = Problem(ProblemKind.RATE_LIMITED, Safe("slower, please"), START, START + timedelta(seconds=60))
    await room.track("plant", "job1", change=lambda job: replace(job, problem=told, next_check_at=told.retry_at))
    await room.track("plant", "job2", "job3")
    room.poller.start()
    await room.poller.refresh(list(room.board.jobs.values()))
    await room.clock.advance(59)
    health = room.health["plant"]
    assert (vendor.asked, health.condition) == ([], Condition.THROTTLED)
    assert health.message == "slower, please; asking goes on by itself"
    await room.clock.advance(10)
    assert {one for _, one in vendor.asked} == {"job1", "job2", "job3"}


async def test_a_pause_asked_of_one_account_holds_for_no_other_that_takes_its_place(
    room: Room, vendor: ScriptedVendor
) -> None:
    room.add("plant", vendor, options={"username": "ann"})
    vendor.answers["job1"] = [busy(600), RUNNING]
    await room.track("plant", "job1", "job2")
    room.poller.start()
    await room.clock.advance(1)
    assert room.condition("plant") is Condition.THROTTLED
    asked = len(vendor.asked)
    await room.poller.remove("plant")
    room.add("plant", vendor, options={"username": "bob"})
    await room.poller.refresh(list(room.board.jobs.values()))
    await room.clock.advance(5)
    assert len(vendor.asked) > asked
    assert room.condition("plant") is Condition.OK


async def test_a_pause_that_was_written_by_a_clock_that_went_ahead_ends_all_the_same(
    room: Room, vendor: ScriptedVendor
) -> None:
    room.add("plant", vendor)
    told = Problem(ProblemKind.RATE_LIMITED, Safe("slower, please"), START, START + timedelta(days=400))
    await room.track("plant", "job1", change=lambda job: replace(job, problem=told, next_check_at=told.retry_at))
    room.poller.start()
    await room.clock.advance(MOST_THROTTLED + 60)
    assert room.job("plant:job1").problem is None


async def test_a_wish_without_a_time_and_one_without_an_end(room: Room, vendor: ScriptedVendor) -> None:
    other = ScriptedVendor()
    room.add("plant", vendor)
    room.add("lab", other)
    vendor.answers["job1"] = [busy(None), RUNNING]
    other.answers["job1"] = [busy(10**9), RUNNING]
    await room.track("plant", "job1")
    await room.track("lab", "job1")
    room.poller.start()
    await room.clock.advance(MOST_THROTTLED * 1.2)
    assert vendor.times()[1] == pytest.approx(10.0)
    assert other.times()[1] == pytest.approx(MOST_THROTTLED * 1.1)


@pytest.mark.parametrize("where", ["answer", "login", "settings"])
async def test_a_refused_login_stops_the_asking_until_a_refresh(
    tmp_path: Path, room: Room, vendor: ScriptedVendor, where: str
) -> None:
    errors = {
        "answer": REFUSED,
        "login": CredentialsError("plant: the password is missing", hint="run: jobdeck secret set plant password"),
        "settings": ConfigError("plant: the username is missing"),
    }
    room.add("plant", vendor)
    await room.track("plant", "job1", "job2", "job3", "job4", "job5")
    for number in range(1, 6):
        vendor.answers[f"job{number}"] = [errors[where], RUNNING]
    room.poller.start()
    await room.clock.advance(3600)
    assert len(vendor.asked) == 4
    assert room.condition("plant") is Condition.REFUSED
    for job in room.board.jobs.values():
        assert job.problem is not None
        assert (job.problem.kind, job.problem.retry_at) == (ProblemKind.AUTH, None)
        assert job.state is JobState.UNKNOWN
    assert errors[where].message in str(room.health["plant"].message)
    logins = vendor.logins
    vendor.answers.clear()
    await room.poller.refresh([room.job("plant:job1")])
    await room.clock.advance(5)
    assert vendor.logins == logins + 1  # a new session, which may find a new secret
    assert room.condition("plant") is Condition.OK
    assert {job.problem for job in room.board.jobs.values()} == {None}


async def test_a_job_that_is_unknown_thrice_is_expired_and_left_alone(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    vendor.answers["job1"] = [RUNNING, GONE]
    await room.track("plant", "job1", "job2")
    room.poller.start()
    await room.clock.advance(600)
    assert room.job("plant:job1").state is JobState.EXPIRED
    assert len(vendor.times("job1")) == 4
    assert room.condition("plant") is Condition.OK


async def test_a_job_that_was_never_known_is_asked_thrice_and_again_by_hand_or_at_the_next_start(
    room: Room, vendor: ScriptedVendor
) -> None:
    room.add("plant", vendor)
    vendor.answers["job1"] = [GONE]
    await room.track("plant", "job1", "job2")
    room.poller.start()
    await room.clock.advance(600)
    job = room.job("plant:job1")
    assert (job.state, job.is_given_up, len(vendor.times("job1"))) == (JobState.UNKNOWN, True, 3)
    await room.poller.refresh([job])
    await room.clock.advance(600)
    assert len(vendor.times("job1")) == 4
    await room.poller.stop()
    vendor.answers["job1"] = [RUNNING]
    room.poller.start()
    await room.clock.advance(5)
    assert (room.job("plant:job1").state, room.job("plant:job1").problem) == (JobState.RUNNING, None)


async def test_what_another_program_gave_up_is_not_asked_for(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    room.poller.start()
    problem = Problem(ProblemKind.GONE, Safe("unknown"), START, None)
    await room.track("plant", "job1", change=lambda job: replace(job, problem=problem))
    await room.clock.advance(60)
    assert vendor.asked == []


async def test_connections_of_one_account_share_a_pause_and_tell_of_it(room: Room) -> None:
    first, second, other = ScriptedVendor(), ScriptedVendor(), ScriptedVendor()
    for name, vendor, user in (("a", first, "ops"), ("b", second, "ops"), ("c", other, "eve")):
        room.add(name, vendor, called="plain", options={"username": user})
        await room.track(name, "job1")
    first.answers["job1"] = [RUNNING, busy(100), RUNNING]
    room.poller.start()
    await room.clock.advance(90)
    throttled_at = first.times()[-1]
    assert len(first.asked) == 2
    assert second.times()[-1] <= throttled_at
    assert len(other.asked) > 10
    assert (room.condition("a"), room.condition("b"), room.condition("c")) == (
        Condition.THROTTLED,
        Condition.THROTTLED,
        Condition.OK,
    )
    assert room.health["b"].next_try_at == room.health["a"].next_try_at
    await room.clock.advance(60)
    assert (room.condition("a"), room.condition("b")) == (Condition.OK, Condition.OK)
    assert min(at for at in second.times() if at > throttled_at) >= throttled_at + 100


@pytest.mark.parametrize("error", [FORBIDDEN, BAD])
async def test_answers_that_cannot_be_used_are_no_good_health(
    room: Room, vendor: ScriptedVendor, error: AskError
) -> None:
    room.add("plant", vendor)
    vendor.answers["job1"] = [error]
    await room.track("plant", "job1")
    room.poller.start()
    await room.clock.advance(60)
    health = room.health["plant"]
    assert (health.condition, health.message, health.last_good_at) == (Condition.DOWN, error.message, None)
    vendor.answers["job1"] = [DONE]
    await room.clock.advance(61)
    assert (room.condition("plant"), room.health["plant"].message) == (Condition.OK, None)


@pytest.mark.parametrize("fault", [KeyError("secret-in-a-fault"), RecursionError(), UsageError("wrong")])
async def test_a_fault_of_our_own_is_a_problem_of_that_job_and_asking_goes_on(
    room: Room, vendor: ScriptedVendor, fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    room.add("plant", vendor)
    vendor.answers["job1"] = [fault]
    await room.track("plant", "job1", "job2")
    room.poller.start()
    await room.clock.advance(30)
    problem = room.job("plant:job1").problem
    assert problem is not None
    assert problem.kind is ProblemKind.BAD_REPLY
    assert "secret-in-a-fault" not in problem.message
    assert len(vendor.times("job1")) > 2
    assert len(vendor.times("job2")) > 10


async def test_a_fault_in_reading_many_is_a_problem_of_all_and_asking_goes_on(room: Room) -> None:
    vendor = ManyVendor()
    vendor.failure = TypeError("unexpected")
    room.add("aps", vendor)
    await room.track("aps", "job1", "job2")
    room.poller.start()
    await room.clock.advance(30)
    assert len(vendor.lists) > 2
    assert {job.problem.kind for job in room.board.jobs.values() if job.problem} == {ProblemKind.BAD_REPLY}


async def test_a_vendor_that_lets_all_hang_is_slow_before_it_is_down(room: Room, vendor: ScriptedVendor) -> None:
    room.add("plant", vendor)
    vendor.answers["job1"] = [RUNNING, DOWN]
    await room.track("plant", "job1")
    room.poller.start()
    await room.clock.advance(1)
    assert room.condition("plant") is Condition.OK
    vendor.takes = 20.0
    await room.clock.advance(25)
    health = room.health["plant"]
    assert (health.condition, health.message, health.latency) == (Condition.SLOW, "no answer in 20 s", 20.0)
    await room.clock.advance(75)
    assert room.condition("plant") is Condition.DOWN
