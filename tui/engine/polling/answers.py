"""What a vendor says of jobs, as values: no fault of a vendor's leaves this room as an exception."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

from tui.clock import Clock
from tui.engine.border import as_ask_error
from tui.engine.polling.waits import WaitExplainer
from tui.engine.wire.live_session import LiveSession
from tui.errors import AskError
from tui.model import Job, ProblemKind, Reference, Snapshot
from tui.vendors.contract import AsksMany, ExplainsWaits, Lags, Vendor

AT_ONCE = 4
"""Asks under way at the same time on one connection, where a vendor has no call for many jobs."""

Answer = Snapshot | AskError
_log = logging.getLogger("jobdeck.poller")


class Answers:
    """Asks one vendor, in whatever way it can be asked."""

    def __init__(self, vendor: Vendor, clock: Clock) -> None:
        self._vendor = vendor
        self._waits = WaitExplainer(vendor, clock) if isinstance(vendor, ExplainsWaits) else None
        # Asked once: to see what an object can do costs more than to look at its job.
        self._many = vendor if isinstance(vendor, AsksMany) else None
        self._lagging = vendor if isinstance(vendor, Lags) else None

    @property
    def comes_in_lists(self) -> bool:
        """Whether one request asks for many jobs."""
        return self._many is not None

    @property
    def at_once(self) -> int:
        """How many jobs are asked for together."""
        return self._many.most_at_once if self._many else AT_ONCE

    async def about(self, session: LiveSession, refs: Sequence[Reference]) -> Mapping[str, Answer]:
        """An answer or an error for each `ref.id`."""
        if len(refs) == 1:
            return {refs[0].id: await self._about_one(session, refs[0])}
        if self._many and refs:
            try:
                told = await self._many.ask_many(session, refs)
            except Exception as error:  # noqa: BLE001  # a border: no vendor's fault ends the asking
                return dict.fromkeys((ref.id for ref in refs), _as_value(error))
            left_out = AskError(ProblemKind.BAD_REPLY, "the vendor's answer leaves this job out", hint="look at its id")
            return {ref.id: told.get(ref.id, left_out) for ref in refs}
        answers = await asyncio.gather(*(self._about_one(session, ref) for ref in refs))
        return {ref.id: answer for ref, answer in zip(refs, answers, strict=True)}

    def at_hand(self, job: Job, told: Snapshot) -> Snapshot | None:
        """What `explained` makes of the answer, where that needs no request; None where the vendor is asked first."""
        try:
            return self._waits.at_hand(job, told) if self._waits else told
        except Exception as error:  # noqa: BLE001  # a border, as above: a vendor's time may be none
            _log.error("a fault while completing an answer", exc_info=error)
            return told

    async def explained(self, session: LiveSession, job: Job, told: Snapshot) -> Snapshot:
        """The answer with the reason of a long wait, where the vendor can tell it."""
        try:
            return await self._waits.explain(session, job, told) if self._waits else told
        except Exception as error:  # noqa: BLE001  # a border, as above; the answer itself stands
            _log.error("a fault while completing an answer", exc_info=error)
            return told

    def newer(self, job: Job, told: Snapshot) -> Snapshot:
        """What counts as told: not what is older than what was told before."""
        try:
            return job.snapshot if self._lagging and self._lagging.is_behind(job.snapshot, told) else told
        except Exception as error:  # noqa: BLE001  # a border, as above; the answer itself stands
            _log.error("a fault while completing an answer", exc_info=error)
            return told

    async def _about_one(self, session: LiveSession, ref: Reference) -> Answer:
        try:
            return await self._vendor.ask(session, ref)
        except Exception as error:  # noqa: BLE001  # a border, as above
            return _as_value(error)


def _as_value(error: Exception) -> AskError:
    """The error without the frames it came through: they hold whole answers until a cycle is collected."""
    told = as_ask_error(error).with_traceback(None)
    told.__cause__ = told.__context__ = None
    return told
