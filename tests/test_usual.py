"""How long a job of its kind usually runs, and what that says of one that runs now."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.clock import START
from tui.engine.border import inert
from tui.filter import parse
from tui.model import Job, JobState, Reference, Safe, Snapshot, Usual, UsualStage
from tui.usual import Kind, Run, eta_of, first_running, is_slow, left_of, so_far, usual_of, usual_stage

RUNNING = Snapshot(JobState.RUNNING, "running")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def a_job(said: Snapshot = RUNNING, *, ref: str = "1", **more: object) -> Job:
    return replace(Job("home", "autodesk", Reference(ref), START, snapshot=inert(said)), **more)  # type: ignore[arg-type]


def lasting(*seconds: float) -> list[Run]:
    kind = Kind("home", "k")
    return [Run(a_job(ref=f"{number}").key, kind, each) for number, each in enumerate(seconds)]


def test_few_runs_tell_nothing_and_many_tell_the_median_and_nine_of_ten() -> None:
    assert usual_of(lasting(1, 2)) is None
    assert usual_of(lasting(10, 30, 20)) == Usual(3, 20, 30)
    assert usual_of(lasting(*range(1, 101))) == Usual(100, 50.5, 90)


def test_a_stage_counts_where_it_was_in_enough_runs() -> None:
    runs = [replace(run, stages=(UsualStage(Safe("run"), run.seconds / 2),)) for run in lasting(10, 20, 30)]
    runs[0] = replace(runs[0], stages=(*runs[0].stages, UsualStage(Safe("rare"), 1)))
    usual = usual_of(runs)
    assert usual_stage(usual, "run") == 10
    assert usual_stage(usual, "rare") is None
    assert usual_stage(None, "run") is None


def test_what_is_left_goes_to_the_median_then_to_nine_of_ten_then_nothing_is_promised() -> None:
    job = a_job(replace(RUNNING, started_at=START), usual=Usual(9, 100, 160))
    assert left_of(job, at(40)) == 60
    assert eta_of(job, at(40)) == at(100)
    assert left_of(job, at(130)) == 30
    assert left_of(job, at(161)) is None
    assert eta_of(job, at(161)) is None
    assert left_of(replace(job, usual=None), at(40)) is None
    assert so_far(a_job(), at(40)) is None, "it ran already when it was first asked"
    waiting = a_job(replace(RUNNING, state=JobState.WAITING, started_at=START), usual=Usual(9, 100, 160))
    assert left_of(waiting, at(40)) is None


def test_a_job_is_slow_when_it_runs_half_as_long_again_as_nine_of_ten() -> None:
    job = a_job(replace(RUNNING, started_at=START), usual=Usual(9, 100, 160))
    assert not is_slow(job, at(240))
    assert is_slow(job, at(241))
    assert parse("is:slow").matches(job, at(241))
    assert not parse("is:slow").matches(job, at(240))
    short = replace(job, usual=Usual(9, 1, 2))
    assert not is_slow(short, at(6)), "asking every few seconds cannot tell"
    over = replace(job, snapshot=replace(job.snapshot, state=JobState.FAILED))
    assert not is_slow(over, at(999))


def test_when_a_job_was_first_seen_running() -> None:
    waiting = a_job(Snapshot(JobState.WAITING), checked_at=START)
    assert first_running(waiting, RUNNING, at(7)) == at(7)
    seen = replace(waiting, seen_running_at=at(7), snapshot=inert(RUNNING))
    assert first_running(seen, RUNNING, at(20)) == at(7)
    assert first_running(seen, Snapshot(JobState.SUCCEEDED), at(30)) == at(7)
    fresh = a_job(Snapshot())
    assert first_running(fresh, RUNNING, at(7)) is None, "it may have run for hours"
    assert first_running(replace(fresh, order_body="{}"), RUNNING, at(7)) == START
    assert first_running(replace(fresh, checked_at=at(1), begun_anew_at=at(2)), RUNNING, at(7)) == at(2)
    assert first_running(a_job(Snapshot(JobState.CANCELLING)), RUNNING, at(7)) is None


def test_what_moved_while_nobody_asked_tells_no_length() -> None:
    waiting = replace(a_job(Snapshot(JobState.WAITING)), fresh_until=at(60))
    assert first_running(waiting, RUNNING, at(60)) == at(60)
    assert first_running(waiting, RUNNING, at(61)) is None
    seen = replace(a_job(RUNNING), seen_running_at=at(7), fresh_until=at(60))
    assert first_running(seen, RUNNING, at(3600)) == at(7)
    assert first_running(seen, Snapshot(JobState.SUCCEEDED), at(60)) == at(7)
    assert first_running(seen, Snapshot(JobState.SUCCEEDED), at(3600)) is None
    assert first_running(seen, Snapshot(JobState.SUCCEEDED, finished_at=at(50)), at(3600)) == at(7)


@given(st.lists(st.floats(0, 10**6), min_size=3, max_size=60), st.floats(0, 10**7))
def test_an_estimate_is_never_in_the_past(seconds: list[float], ran: float) -> None:
    usual = usual_of(lasting(*seconds))
    job = a_job(replace(RUNNING, started_at=START), usual=usual)
    left = left_of(job, at(ran))
    assert usual is not None
    assert usual.seconds <= usual.most or len(seconds) < 10
    assert left is None or left > 0
    assert not (left is not None and is_slow(job, at(ran)))
