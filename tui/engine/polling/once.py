"""What changes something at a vendor is sent once: written down before, settled after, looked up after a crash."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tui.clock import Clock
from tui.engine.board import Board
from tui.engine.border import inert_error
from tui.engine.calls import no_way_back
from tui.errors import AskError, JobdeckError
from tui.model import Job, JobKey, Sent
from tui.wording import duration

PATIENCE = 60.0
"""Seconds for which a wish without an answer is left to the program that sent it: it may be at it yet."""

_WAIT = "wait for its answer; the job shows it"

Step = Callable[[], Awaitable[None]]
LookUp = Callable[[Job], Awaitable[None]]


class Once:
    """Sends a wish for one job. Nothing here is ever sent a second time."""

    def __init__(self, board: Board, clock: Clock) -> None:
        self._board = board
        self._clock = clock
        self._under_way: set[JobKey] = set()

    async def send(self, key: JobKey, action: str, send: Step, *, take_turn: Step | None = None) -> None:
        """Write the wish down, send it, write down what became of it. Raises AskError when it was not taken.

        `take_turn` waits until what `send` sends may go at once: what is written down as sent is on its way.
        What ends in the middle, with the program or by a fault, stays on the board as sent. While one wish for a job
        has no answer yet, here or in another program, none is sent beside it: JobdeckError.
        """
        if key in self._under_way:
            raise JobdeckError("what was sent for this job has no answer yet", hint=_WAIT)
        self._under_way.add(key)
        try:
            if take_turn:
                await take_turn()
            await self._refuse_second(key)
            await self._send(key, action, send)
        finally:
            self._under_way.discard(key)

    async def _refuse_second(self, key: JobKey) -> None:
        await self._board.look()
        sent = self._board.job(key).sent
        age = (self._clock.now() - sent.at).total_seconds() if sent else PATIENCE
        if sent and 0 <= age < PATIENCE:
            raise JobdeckError(f"{sent.action} was sent {duration(age)} ago and has no answer yet", hint=_WAIT)

    async def _send(self, key: JobKey, action: str, send: Step) -> None:
        said = self._board.job(key).snapshot.notice
        sent = Sent(action, self._clock.now())
        no_way_back()
        await self._board.mark_sent(key, sent, "sent to the vendor", f"{action} sent, no answer yet")
        try:
            await send()
        except AskError as error:
            told = inert_error(error)
            if error.leaves_open:
                await self._board.mark_sent(key, None, f"outcome unknown: {told}", _unknown(action), action)
            else:
                await self._board.mark_sent(key, None, f"not taken: {told}", said, action)
            raise
        await self._board.mark_sent(key, None, "the vendor took it", f"{action}: the vendor took it", action)

    async def follow_up(self, look_up: LookUp) -> None:
        """After a start: have each job looked up whose wish an earlier run sent in vain. Raises StateError.

        A job whose own start was sent in vain is looked for in `engine.lost`.
        """
        left = {job.key: job.sent for job in self._board.jobs.values() if job.sent and not job.outcome_unknown}
        for key, sent in sorted(left.items(), key=lambda one: one[1].at):
            age = (self._clock.now() - sent.at).total_seconds()
            await self._clock.sleep(min(max(PATIENCE - age, 0.0), PATIENCE))
            job = self._board.jobs.get(key)
            if job is not None and job.sent == sent:
                text = (
                    "outcome unknown: jobdeck ended before the answer came; the vendor is asked, nothing is sent again"
                )
                await self._board.mark_sent(key, None, text, _unknown(sent.action), sent.action)
                await look_up(self._board.job(key))


def _unknown(action: str) -> str:
    return f"{action} sent, outcome unknown: the job's next answer tells"
