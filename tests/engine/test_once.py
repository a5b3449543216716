"""What changes something at a vendor: written down first, sent once, and looked up after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.clock import START, FakeClock, settle
from tests.engine.inline import inline_store
from tests.engine.scripted import RUNNING
from tui.engine.board import Board
from tui.engine.border import inert
from tui.engine.next_ask import NextAsk
from tui.engine.polling.once import PATIENCE, Once
from tui.engine.storage.store import Store
from tui.errors import AskError, JobdeckError
from tui.model import Job, JobKey, ProblemKind, Reference, Sent

KEY = JobKey("lab:1")
JOB = Job("lab", "scripted", Reference("1"), START, snapshot=inert(RUNNING))
Send = Callable[[], Awaitable[None]]


class Room:
    """A program on a state folder; another one may come after it."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        self.clock = clock
        self.store: Store = inline_store(folder / "board.sqlite")
        self.board = Board(self.store, clock)
        self.once = Once(self.board, clock)
        self.looked_up: list[JobKey] = []

    async def look_up(self, job: Job) -> None:
        self.looked_up.append(job.key)

    @property
    def job(self) -> Job:
        return self.board.job(KEY)

    async def history(self) -> list[str]:
        return [event.text for event in await self.store.events(KEY) if event.kind == "cancel"]


@pytest.fixture
async def room(tmp_path: Path, clock: FakeClock) -> Room:
    room = Room(tmp_path, clock)
    await room.board.add((JOB,), "tracked")
    return room


def raising(error: AskError) -> Send:
    async def send() -> None:
        raise error

    return send


async def test_who_waits_for_a_turn_has_sent_nothing_yet(room: Room) -> None:
    turn, sent = asyncio.Event(), asyncio.Event()

    async def send() -> None:
        assert room.job.sent == Sent("cancel", START)
        sent.set()

    async def wait() -> None:
        await turn.wait()

    sending = asyncio.create_task(room.once.send(KEY, "cancel", send, take_turn=wait))
    await settle()
    assert (room.job.sent, room.job.snapshot.notice) == (None, None)
    with pytest.raises(JobdeckError, match="no answer yet"):  # the key is pressed once more
        await room.once.send(KEY, "cancel", send)
    turn.set()
    await sending
    assert sent.is_set()


async def test_it_is_on_the_disk_before_it_is_sent(room: Room, tmp_path: Path, clock: FakeClock) -> None:
    seen: list[Sent | None] = []

    async def send() -> None:
        other = Room(tmp_path, clock)
        await other.board.load()
        seen.append(other.job.sent)
        assert other.job.snapshot.notice == "cancel sent, no answer yet"
        await other.store.close()

    await room.once.send(KEY, "cancel", send)
    assert seen == [Sent("cancel", START)]
    assert (room.job.sent, room.job.snapshot.notice) == (None, "cancel: the vendor took it")
    assert await room.history() == ["sent to the vendor", "the vendor took it"]
    await room.store.close()


@pytest.mark.parametrize(
    ("error", "notice", "line"),
    [
        (AskError(ProblemKind.BAD_REPLY, "no"), None, "not taken: no"),
        (AskError(ProblemKind.UNREACHABLE, "not there", not_sent=True), None, "not taken: not there"),
        (
            AskError(ProblemKind.UNREACHABLE, "the connection broke"),
            "cancel sent, outcome unknown: the job's next answer tells",
            "outcome unknown: the connection broke",
        ),
        (
            AskError(ProblemKind.TLS, "TLS failed: bad record mac"),
            "cancel sent, outcome unknown: the job's next answer tells",
            "outcome unknown: TLS failed: bad record mac",
        ),
    ],
)
async def test_what_became_of_it_is_written_down(room: Room, error: AskError, notice: str | None, line: str) -> None:
    with pytest.raises(AskError):
        await room.once.send(KEY, "cancel", raising(error))
    assert (room.job.sent, room.job.snapshot.notice) == (None, notice)
    assert await room.history() == ["sent to the vendor", line]
    await room.store.close()


async def test_a_second_wish_is_not_sent_beside_one_without_an_answer(
    room: Room, tmp_path: Path, clock: FakeClock
) -> None:
    """The key pressed twice, or in two programs."""
    answers, sent = asyncio.Event(), []

    async def send() -> None:
        sent.append(clock.now())
        await answers.wait()

    other = Room(tmp_path, clock)
    await other.board.load()
    first = asyncio.create_task(room.once.send(KEY, "reset", send))
    with pytest.raises(JobdeckError, match="no answer yet"):
        await asyncio.gather(first, room.once.send(KEY, "reset", send))
    await settle()
    await clock.advance(3)
    with pytest.raises(JobdeckError, match="reset was sent 3s ago and has no answer yet"):
        await other.once.send(KEY, "cancel", send)
    answers.set()
    await first
    await other.once.send(KEY, "cancel", send)
    assert len(sent) == 2
    await room.store.close()
    await other.store.close()


async def _killed(room: Room) -> int:
    """The program ends while the vendor thinks; returns how often something was sent."""
    sent = 0

    async def send() -> None:
        nonlocal sent
        sent += 1
        await asyncio.Event().wait()

    sending = asyncio.create_task(room.once.send(KEY, "cancel", send))
    await settle()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    await room.store.close()
    return sent


async def test_after_a_crash_the_job_is_looked_up_and_nothing_is_sent_again(
    room: Room, tmp_path: Path, clock: FakeClock
) -> None:
    assert await _killed(room) == 1
    clock.jump(3600)
    after = Room(tmp_path, clock)
    await after.board.load()
    assert (after.job.sent, after.job.snapshot.notice) == (Sent("cancel", START), "cancel sent, no answer yet")
    await after.once.follow_up(after.look_up)
    assert after.looked_up == [KEY]
    unknown = "cancel sent, outcome unknown: the job's next answer tells"
    assert [(job.sent, job.snapshot.notice) for job in after.board.jobs.values()] == [(None, unknown)]
    assert "nothing is sent again" in (await after.history())[-1]
    await after.board.answered(KEY, RUNNING, lambda _: NextAsk())
    assert after.job.snapshot.notice is None
    await after.once.follow_up(after.look_up)
    assert after.looked_up == [KEY]
    await after.store.close()


async def test_what_another_program_has_just_sent_is_left_to_it(room: Room, tmp_path: Path, clock: FakeClock) -> None:
    answer = asyncio.Event()

    async def send() -> None:
        await answer.wait()

    sending = asyncio.create_task(room.once.send(KEY, "cancel", send))
    await settle()
    other = Room(tmp_path, clock)
    await other.board.load()
    following = asyncio.create_task(other.once.follow_up(other.look_up))
    await clock.advance(PATIENCE / 2)
    answer.set()
    await sending
    await other.board.look()
    await clock.advance(PATIENCE)
    await following
    assert (other.looked_up, other.job.snapshot.notice) == ([], "cancel: the vendor took it")
    for one in (room, other):
        await one.store.close()
