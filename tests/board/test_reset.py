"""Reset on the board: asks first and names the jobs, starts on Cancel, and says why not for all other jobs."""

from __future__ import annotations

import pytest

from tests.board.conftest import SMALL, Open
from tests.board.fakes import CONNECTIONS, FakeDoor, make_job
from tui.errors import JobdeckError
from tui.model import Job, JobKey, JobState
from tui.screens.confirm import Confirm


def order(number: int, state: JobState = JobState.FAILED) -> Job:
    return make_job(number, state, connection="orchestrator", vendor="aspera", title=f"Ingest {number:02d}")


def resets(door: FakeDoor) -> list[object]:
    return [wish for name, wish in door.calls if name == "reset"]


async def test_it_asks_names_the_jobs_and_starts_on_cancel(lab: Open) -> None:
    async with lab(FakeDoor([order(1), order(2)], CONNECTIONS), SMALL) as one:
        await one.press("space", "space", "X")
        assert one.is_open(Confirm)
        assert one.top.query_one("#no").has_focus
        for word in ("Reset 2 jobs at the vendor?", "Ingest 01  (orchestrator)", "Ingest 02", "Cancel", "Reset them"):
            assert word in one.screen_text()
        await one.press("enter")
        assert resets(one.door) == []
        await one.press("X", "tab", "enter")
        assert resets(one.door) == [JobKey("orchestrator:id-0001"), JobKey("orchestrator:id-0002")]
        assert "the vendor took the reset of 2 jobs" in one.toasts()


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (make_job(1, JobState.FAILED), "reset: job 0001: the vendor knows no reset"),
        (order(1, JobState.RUNNING), "reset: Ingest 01: the job is not over"),
    ],
)
async def test_a_job_that_cannot_be_reset_says_why(lab: Open, job: Job, said: str) -> None:
    async with lab(FakeDoor([job], CONNECTIONS)) as one:
        await one.press("X")
        assert said in one.toasts()
        assert one.top is one.board
        assert resets(one.door) == []


async def test_read_only_resets_nothing(lab: Open) -> None:
    async with lab(FakeDoor([order(1)], CONNECTIONS), read_only=True) as one:
        await one.press("X")
        assert "reset: Ingest 01: read-only; ! lifts that" in one.toasts()
        assert resets(one.door) == []


async def test_a_refusal_is_told(lab: Open) -> None:
    door = FakeDoor([order(1)], CONNECTIONS)
    door.refuses = JobdeckError("the account may not", hint="ask its owner")
    async with lab(door) as one:
        await one.press("X", "y")
        assert "the account may not\nask its owner" in one.toasts()
        assert "took" not in one.toasts()
