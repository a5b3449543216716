"""Starting a job: written down before it is sent, sent once, and never again by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.clock import FakeClock
from tests.engine.scripted import CONNECTION, ScriptedVendor
from tui.engine.board import Board
from tui.engine.keyring_guard import GuardedKeyring
from tui.engine.secrets import SecretFinder
from tui.engine.sessions import Sessions
from tui.engine.store import Store
from tui.engine.submit import Submitter, Wish
from tui.errors import AskError
from tui.model import Job, ProblemKind, Reference
from tui.vendors.contract import Order

ORDER = Order('{"what": "export"}', "ch-1")


class Desk:
    """A submitter on a real board."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        self.store = Store(folder / "board.sqlite")
        self.board = Board(self.store, clock)
        self.vendor = ScriptedVendor()
        finder = SecretFinder({}, GuardedKeyring(trouble="none here"), clock)
        self.sessions = Sessions(clock, finder, lambda _: self.vendor)
        self.submitter = Submitter(self.board, self.sessions, clock)

    async def submit(self, order: Order = ORDER, title: str | None = None) -> Job:
        return await self.submitter.submit(Wish(CONNECTION, order, title), self.vendor)


@pytest.fixture
async def desk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path, clock)
    await desk.board.load()
    yield desk
    await desk.sessions.close()
    await desk.store.close()


async def test_a_started_job_is_tracked_with_its_body(desk: Desk) -> None:
    job = await desk.submit(title="nightly")
    assert (job.key, job.title, job.order_body, job.order_place) == ("lab:42", "nightly", ORDER.body, "ch-1")
    assert not job.outcome_unknown
    assert list(desk.board.jobs) == ["lab:42"]


async def test_it_is_on_the_disk_before_it_is_sent(desk: Desk, tmp_path: Path) -> None:
    seen: list[bool] = []

    def look(_: Order) -> Reference:
        seen.extend(job.outcome_unknown for job in desk.board.jobs.values())
        return Reference("42")

    desk.vendor.on_submit = look
    await desk.submit()
    assert seen == [True]


async def test_a_lost_reply_stays_and_is_not_sent_again(desk: Desk, tmp_path: Path, clock: FakeClock) -> None:
    def lose(_: Order) -> Reference:
        raise AskError(ProblemKind.UNREACHABLE, "the connection broke")

    desk.vendor.on_submit = lose
    with pytest.raises(AskError, match="nobody knows") as caught:
        await desk.submit()
    assert caught.value.exit_code == 4
    (job,) = desk.board.jobs.values()
    assert job.outcome_unknown
    assert job.snapshot.notice is not None
    assert "outcome unknown" in job.snapshot.notice
    assert len(desk.vendor.submitted) == 1
    again = Board(desk.store, clock)
    await again.load()
    assert [job.outcome_unknown for job in again.jobs.values()] == [True]


@pytest.mark.parametrize("kind", [ProblemKind.AUTH, ProblemKind.FORBIDDEN, ProblemKind.BAD_REPLY, ProblemKind.GONE])
async def test_a_refused_order_leaves_nothing(kind: ProblemKind, desk: Desk) -> None:
    def refuse(_: Order) -> Reference:
        raise AskError(kind, "no")

    desk.vendor.on_submit = refuse
    with pytest.raises(AskError, match="no"):
        await desk.submit()
    assert dict(desk.board.jobs) == {}


async def test_a_body_with_credentials_is_not_kept(desk: Desk) -> None:
    job = await desk.submit(Order('{"headers": {"Authorization": "Bearer eyJcanary"}}'))
    assert job.order_body is None
    assert len(desk.vendor.submitted) == 1
