"""Why a job waits for long: asked of the vendor now and then, and put into the job's notice."""

from __future__ import annotations

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

    def is_due(self, job: Job, snapshot: Snapshot) -> bool:
        """Whether the job waits for so long that its wait is explained."""
        if snapshot.state is not JobState.WAITING:
            return False
        return self._clock.now() - (snapshot.submitted_at or job.tracked_at) >= LONG

    async def explain(self, session: Session, job: Job, snapshot: Snapshot) -> Snapshot:
        """The snapshot with the explanation in its notice, where the job waits for long and one is known."""
        if not self.is_due(job, snapshot):
            return snapshot
        sentence = await self._sentence(session, snapshot)
        if sentence is None:
            return snapshot
        return replace(snapshot, notice=f"{snapshot.notice}; {sentence}" if snapshot.notice else sentence)

    async def _sentence(self, session: Session, snapshot: Snapshot) -> str | None:
        kind, now = snapshot.title or "", self._clock.monotonic()
        told = self._told.get(kind)
        if told is None or now >= told.until:
            try:
                sentence = await self._vendor.explain_wait(session, snapshot)
            except AskError:  # a kindness only: the job's own answer stands
                sentence = None
            told = self._told[kind] = _Told(sentence, now + ANEW)
        return told.sentence
