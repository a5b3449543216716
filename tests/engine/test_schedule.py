"""How long to wait: never shorter than allowed, never longer than promised, never in step."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.scripted import Steady
from tui.engine.border import inert
from tui.engine.next_ask import NextAsk
from tui.engine.polling.plan import LAST_MINUTES, plan_next
from tui.engine.polling.schedule import (
    JITTER,
    MOST_BACKOFF,
    THROTTLED_SECONDS,
    longest_wait,
    off_by,
    usual_wait,
    wait_after_failure,
    wait_after_throttling,
)
from tui.engine.wire.quota import MOST_THROTTLED
from tui.model import Connection, Download, DownloadState, Job, JobState, Output, Reference, Safe, Snapshot

NOW = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
CONNECTION = Connection("c", "v", "https://h")
seeds = st.integers(0, 2**32).map(random.Random)


def between(least: float, more: float) -> Connection:
    return Connection("c", "v", "https://h", min_interval=least, max_interval=least + more)


@given(st.floats(0, 1e7), st.builds(between, st.floats(0.2, 100), st.floats(0, 1000)), seeds)
def test_a_wait_is_between_the_intervals(quiet: float, connection: Connection, rng: random.Random) -> None:
    wait = off_by(usual_wait(quiet, connection), connection, rng.random())
    assert connection.min_interval <= wait <= connection.max_interval
    assert wait <= longest_wait(connection)


@pytest.mark.parametrize(("quiet", "wait"), [(0, 2.2), (20, 2.2), (60, 6), (300, 30), (600, 54), (36_000, 54)])
def test_a_job_is_asked_after_a_tenth_of_its_quiet_time(quiet: float, wait: float) -> None:
    assert off_by(usual_wait(quiet, CONNECTION), CONNECTION, 0.5) == pytest.approx(wait)


def test_jobs_that_start_together_do_not_stay_together() -> None:
    rng = random.Random(1)
    for quiet in (0, 100, 10_000):
        waits = [off_by(usual_wait(quiet, CONNECTION), CONNECTION, rng.random()) for _ in range(200)]
        assert len(set(waits)) > 190
        assert max(waits) - min(waits) > JITTER / 2 * min(waits)


@pytest.mark.parametrize(("failures", "wait"), [(1, 2), (2, 4), (3, 8), (6, 60), (99_999, 60)])
def test_failures_double_the_wait_up_to_a_minute(failures: int, wait: float) -> None:
    assert wait_after_failure(failures, CONNECTION, Steady()) == pytest.approx(wait)


@given(st.integers(0, 10_000), seeds)
def test_no_failure_waits_longer_than_promised(failures: int, rng: random.Random) -> None:
    assert 0.5 < wait_after_failure(failures, between(0.2, 1), rng) <= MOST_BACKOFF * (1 + JITTER)


@given(st.none() | st.floats(0, 1e9), seeds)
def test_the_vendors_wish_is_never_cut_short(retry_after: float | None, rng: random.Random) -> None:
    wait = wait_after_throttling(retry_after, rng)
    wished = THROTTLED_SECONDS * (1 - JITTER) if retry_after is None else min(retry_after, MOST_THROTTLED)
    assert wished <= wait <= longest_wait(CONNECTION)


def test_a_job_that_is_over_is_not_planned() -> None:
    job = Job("c", "v", Reference("A"), NOW, snapshot=inert(Snapshot(JobState.FAILED)), changed_at=NOW)
    assert plan_next(job, CONNECTION, NOW, Steady()) == NextAsk()


def test_an_answer_is_fresh_until_the_next_one_is_really_late() -> None:
    job = Job("c", "v", Reference("A"), NOW, changed_at=NOW - timedelta(seconds=100))
    planned = plan_next(job, CONNECTION, NOW, Steady())
    assert planned.at == NOW + timedelta(seconds=10)
    assert planned.fresh_until is not None
    assert planned.fresh_until >= planned.at + timedelta(seconds=CONNECTION.timeout)


def test_one_file_that_is_here_does_not_end_the_looks_at_another_that_dies() -> None:
    dies = NOW + timedelta(hours=1)
    outputs = (Output("a.zip", expires_at=dies), Output("b.zip", expires_at=dies), Output("c", only_by_name=True))
    job = Job("c", "v", Reference("1"), NOW, snapshot=inert(Snapshot(JobState.SUCCEEDED, outputs=outputs)))
    here = [
        Download(number, job.key, Safe(name), Path(), DownloadState.DONE)
        for number, name in enumerate(("a.zip", "b.zip"))
    ]
    assert plan_next(replace(job, downloads=(here[0],)), CONNECTION, NOW, Steady()).at == dies - LAST_MINUTES
    assert plan_next(replace(job, downloads=tuple(here)), CONNECTION, NOW, Steady()) == NextAsk()
