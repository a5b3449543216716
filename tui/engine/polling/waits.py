"""Why a job waits for long: asked of the vendor now and then, and put into the job's notice."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from tui.clock import Clock
from tui.errors import AskError
from tui.model import Job, JobState, Snapshot
from tui.vendors.contract import ExplainsWaits, Session

LONG = timedelta(minutes=2)
"""A wait of this length is worth the requests that its explanation costs."""
ANEW = 300.0
"""Seconds after which an explanation is asked again."""


@dataclass(frozen=True, slots=True)
class _Told:
    sentence: str | None
    until: float


class WaitExplainer:
    """Remembers what was told per kind of job, so that a hundred waiting jobs cost one explanation."""

    def __init__(self, vendor: ExplainsWaits, clock: Clock) -> None:
        self._vendor = vendor
        self._clock = clock
        self._told: dict[str, _Told] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    def at_hand(self, job: Job, snapshot: Snapshot) -> Snapshot | None:
        """The snapshot as `explain` leaves it, where that needs no request; None where the vendor has to be asked."""
        if not self._is_due(job, snapshot):
            return snapshot
        told = self._known(snapshot)
        return _with(told.sentence, snapshot) if told else None

    async def explain(self, session: Session, job: Job, snapshot: Snapshot) -> Snapshot:
        """The snapshot with the explanation in its notice, where the job waits for long and one is known."""
        if not self._is_due(job, snapshot):
            return snapshot
        async with self._turns.setdefault(_kind(snapshot), asyncio.Lock()):
            told = self._known(snapshot) or await self._ask(session, snapshot)
        return _with(told.sentence, snapshot)

    def _is_due(self, job: Job, snapshot: Snapshot) -> bool:
        """Whether the job waits for so long that its wait is explained."""
        if snapshot.state is not JobState.WAITING:
            return False
        return self._clock.now() - (snapshot.submitted_at or job.tracked_at) >= LONG

    def _known(self, snapshot: Snapshot) -> _Told | None:
        told = self._told.get(_kind(snapshot))
        return told if told is not None and self._clock.monotonic() < told.until else None

    async def _ask(self, session: Session, snapshot: Snapshot) -> _Told:
        sentence = None
        try:
            with suppress(AskError):  # a kindness only: the job's own answer stands
                sentence = await self._vendor.explain_wait(session, snapshot)
        finally:  # after a fault, too: it would come again for each that waits
            told = self._told[_kind(snapshot)] = _Told(sentence, self._clock.monotonic() + ANEW)
        return told


def _kind(snapshot: Snapshot) -> str:
    return snapshot.title or ""


def _with(sentence: str | None, snapshot: Snapshot) -> Snapshot:
    if sentence is None:
        return snapshot
    return replace(snapshot, notice=f"{snapshot.notice}; {sentence}" if snapshot.notice else sentence)
