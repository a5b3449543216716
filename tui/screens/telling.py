"""What is worth a bell and a notice on the desktop: a job that has just ended, a result that is about to die."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from textual.app import App

from tui.engine.telling.notice import Ends, Notice, last_call, notices, to_tell
from tui.model import DownloadState, Job, JobKey
from tui.screens.options import BoardOptions
from tui.screens.window_title import WindowTitle
from tui.widgets.header import Totals

LAST_CALL = timedelta(minutes=2)
"""A result that nobody has fetched is told aloud so long before its link dies."""


class Teller:
    """Tells each end and each last call once, many ends as one with one bell, and the totals in the window's title."""

    def __init__(self, app: App[int], options: BoardOptions) -> None:
        self._app = app
        self._options = options
        self._send = options.send or (lambda _: None)
        self._title = WindowTitle(self._send) if options.window_title else None
        self._ends = Ends()
        self._called: set[JobKey] = set()
        self._gathered: list[Job] = []
        self._rang_at: float | None = None

    def hear(self, jobs: Iterable[Job]) -> None:
        """Ring for ends, and show them on the desktop when others have been gathered."""
        options = self._options
        ended = to_tell(self._ends.ended(jobs), options.notify, options.clock.now())
        if not ended:
            return
        self._ring()
        if options.desktop is not None and not self._gathered:
            self._app.set_timer(options.gather_seconds, lambda: self._app.run_worker(self.show()))
        self._gathered += ended if options.desktop is not None else ()

    async def show(self) -> None:
        """Show what was gathered on the desktop, where there is a way to it."""
        jobs, self._gathered = self._gathered, []
        await self._show(notices(jobs))

    async def _show(self, told: tuple[Notice, ...]) -> None:
        desktop = await self._options.desktop() if told and self._options.desktop else None
        if desktop is not None:
            for notice in told:
                self._send(desktop.sequence(notice.title, notice.outcome))

    def _ring(self) -> None:
        """Ring the bell, unless it has just rung, or is not wanted now."""
        options = self._options
        now = options.clock.monotonic()
        has_just_rung = self._rang_at is not None and now - self._rang_at < options.gather_seconds
        if options.notify.bell and not has_just_rung and not options.notify.quiet.hold(options.clock.now()):
            self._rang_at = now
            self._app.bell()

    def show_totals(self, totals: Totals) -> None:
        """Put the totals into the window's title."""
        if self._title is not None:
            self._title.show(totals)

    def end(self) -> None:
        """Give the window its old title back."""
        if self._title is not None:
            self._title.restore()

    def last_calls(self, jobs: Iterable[Job]) -> tuple[Job, ...]:
        """The jobs whose result dies soon and that were not told of yet; told aloud too, as far as that is wanted."""
        now = self._options.clock.now()
        found = tuple(job for job in dying(jobs, now) if job.key not in self._called)
        self._called |= {job.key for job in found}
        aloud = to_tell(found, self._options.notify, now)
        if aloud:
            self._ring()
            self._app.run_worker(self._show(last_call(aloud)))
        return found


def dying(jobs: Iterable[Job], now: datetime) -> tuple[Job, ...]:
    """The jobs whose result dies soon and is neither fetched nor on its way."""
    return tuple(job for job in jobs if _dies_soon(job, now))


def _dies_soon(job: Job, now: datetime) -> bool:
    coming = {one.output for one in job.downloads if one.state is DownloadState.RUNNING}
    ends = ((one, one.expires_at) for one in job.snapshot.outputs if one.name not in coming)
    return any(end is not None and end - now < LAST_CALL and job.lacks(one, now) for one, end in ends)
