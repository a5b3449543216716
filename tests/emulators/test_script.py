from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.emulators.script import STUBBORN, Phase, Run, Script

SCRIPT = Script(born=10, wait=5, stages=(4.0, 6.0))


@pytest.mark.parametrize(
    ("now", "phase", "entered"),
    [
        (10, Phase.WAITING, ()),
        (15, Phase.RUNNING, (15.0,)),
        (20, Phase.RUNNING, (15.0, 19.0)),
        (25, Phase.SUCCEEDED, (15.0, 19.0)),
    ],
)
def test_a_life(now: float, phase: Phase, entered: tuple[float, ...]) -> None:
    beat = SCRIPT.beat(now)
    assert (beat.phase, beat.entered) == (phase, entered)
    assert beat.ended == (25 if phase.is_over else None)


def test_a_failing_script_ends_in_its_last_stage() -> None:
    beat = Script(0, 1, (2.0,), succeeds=False).beat(3)
    assert (beat.phase, beat.entered, beat.ended) == (Phase.FAILED, (1,), 3)


def test_cancel_in_the_queue_is_at_once() -> None:
    run = Run(SCRIPT)
    assert run.cancel(12)
    beat = run.beat(12)
    assert (beat.phase, beat.ended, beat.entered) == (Phase.CANCELLED, 12, ())


def test_cancel_while_running_takes_a_while() -> None:
    run = Run(SCRIPT)
    assert run.cancel(16)
    assert run.beat(18).phase is Phase.CANCELLING
    assert run.beat(19).phase is Phase.CANCELLED
    assert run.beat(100).entered == (15.0,)
    assert not run.cancel(20)


def test_a_cancel_can_come_too_late_or_be_ignored() -> None:
    late, stubborn = Run(SCRIPT), Run(Script(0, 0, (10.0,), cancel_takes=STUBBORN))
    assert late.cancel(24)
    assert stubborn.cancel(1)
    assert late.beat(24.5).phase is Phase.RUNNING
    assert late.beat(25).phase is stubborn.beat(25).phase is Phase.SUCCEEDED


def test_somebody_else_cancels_it() -> None:
    run = Run(SCRIPT, cancelled_at=16)
    assert run.beat(15.5).phase is Phase.RUNNING
    assert run.beat(17).phase is Phase.CANCELLING
    assert run.end == 19


def test_restart() -> None:
    run = Run(SCRIPT)
    run.cancel(12)
    run.restart(50)
    assert (run.attempt, run.beat(51).phase, run.end) == (2, Phase.WAITING, 65)


SECONDS = st.floats(0, 100, allow_nan=False)


@given(SECONDS, st.lists(SECONDS, min_size=1, max_size=5), st.none() | SECONDS, st.lists(SECONDS, min_size=2))
def test_time_only_goes_on(wait: float, stages: list[float], cancelled: float | None, times: list[float]) -> None:
    run = Run(Script(0, wait, tuple(stages)), cancelled_at=cancelled)
    beats = [run.beat(now) for now in sorted(times)]
    for before, after in pairwise(beats):
        assert after.entered[: len(before.entered)] == before.entered
        assert not before.phase.is_over or after == before
