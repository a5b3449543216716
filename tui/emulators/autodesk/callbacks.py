"""What the emulated Design Automation posts by itself: onProgress and onComplete (dossier autodesk.md, section 3.6)."""

from __future__ import annotations

from collections.abc import Callable

from tui.emulators.autodesk.workitems import Json, WorkItem
from tui.emulators.posting import Posting, next_look, post
from tui.emulators.script import Phase
from tui.emulators.worldtime import WorldTime

PROGRESS_EVERY = 30.0
_STOP = 205


class Callbacks:
    """Posts what was asked for. `status` gives a WorkItem's status document."""

    def __init__(self, time: WorldTime, status: Callable[[WorkItem], Json]) -> None:
        self._time = time
        self._status = status
        self._posting = Posting()

    def follow(self, job: WorkItem, on_complete: str | None, on_progress: str | None) -> None:
        """Post while the WorkItem runs and when it is over, to what was asked for."""
        if on_complete or on_progress:
            self._posting.follow(self._follow(job, on_complete, on_progress))

    async def close(self) -> None:
        """Post nothing more."""
        await self._posting.close()

    async def _follow(self, job: WorkItem, on_complete: str | None, on_progress: str | None) -> None:
        due = job.run.script.starts
        while not job.run.beat(self._time.seconds()).phase.is_over:
            now = self._time.seconds()
            if on_progress and now >= due and job.run.beat(now).phase is not Phase.WAITING:
                due = now + PROGRESS_EVERY
                if await post(on_progress, {"id": job.id}) == _STOP:
                    job.run.cancel(self._time.seconds())
            await next_look(job.run, self._time)
        if on_complete:
            await post(on_complete, self._status(job))
