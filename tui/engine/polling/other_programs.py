"""Several programs on one state folder: each job is asked by one of them.

Who has asked a job plans its next ask, and asks it again; the others leave it to that program for a moment longer
(`asking_order`). Where two may think that it is their turn, the disk decides.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from tui.clock import Clock
from tui.engine.board import Board
from tui.engine.polling.asking_order import LONG_TICK, AskingOrder
from tui.engine.wire.quota import Quota
from tui.errors import StateError
from tui.model import Connection, Job, JobKey

LATE_SECONDS = 1.0 + LONG_TICK
"""A job that is due for longer may have been asked by another program since its changes were last looked for."""


class OtherPrograms:
    """Keeps one connection from asking what another program asks."""

    def __init__(self, connection: Connection, board: Board, order: AskingOrder, quota: Quota, clock: Clock) -> None:
        self._timeout = timedelta(seconds=connection.timeout)
        self._board = board
        self._order = order
        self._quota = quota
        self._clock = clock
        self._began_at = clock.now()

    def asks(self, key: JobKey, job: Job) -> bool:
        """Whether another program has asked for the job in our time, and planned its next ask."""
        asked_since = job.checked_at is not None and job.checked_at > self._began_at
        return asked_since and not self._order.is_ours(key, job)

    async def left_to_us(self, jobs: dict[JobKey, Job]) -> dict[JobKey, Job]:
        """Of jobs that are due, those that no other program has asked lately, or asks now."""
        contested = {key for key, job in jobs.items() if self.asks(key, job) or self._may_ask_too(key, job)}
        if not contested:
            return jobs
        with suppress(StateError):  # a disk that works no more is told of when the answers are to be written
            await self._board.look()
        still_due = {}
        for key, job in jobs.items():
            known = self._board.jobs.get(key)
            if known is not None and known.next_check_at == job.next_check_at:
                still_due[key] = known
            elif known is not None:
                self._order.hear(known)
        if contested.isdisjoint(still_due):
            return still_due
        with suppress(StateError):
            until = self._clock.now() + self._timeout
            ours = await self._board.step_in({key: still_due[key] for key in contested & still_due.keys()}, until)
            return {key: job for key, job in still_due.items() if key in ours or key not in contested}
        return still_due

    def _may_ask_too(self, key: JobKey, job: Job) -> bool:
        """Whether a job is so late that others, who have fewer requests than they would need too, come to it now."""
        if not self._quota.gate.is_shared or self._order.wanted_of((key,)):
            return False
        late = timedelta(seconds=LATE_SECONDS)
        return job.next_check_at is None or self._clock.now() - job.next_check_at > late
