"""What the open tab needs from the engine: a report, a history, what fetched archives hold; each asked for once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from tui.engine.door import Door
from tui.engine.facts.archives import Inventory
from tui.engine.facts.jobs import Action
from tui.errors import JobdeckError
from tui.model import DownloadState, Event, Job, JobKey, ProblemKind
from tui.widgets.detail_tabs import Tab
from tui.widgets.longtext import LongText
from tui.widgets.waiting import answered

Fetched = LongText | tuple[Event, ...] | JobdeckError
"""A report, a history, or why there is none."""

_LONG = 200_000
"""Characters from which on a text is prepared beside the screen."""


@dataclass(frozen=True, slots=True)
class _Need:
    """What has to change before the open tab's text is asked for again."""

    key: JobKey
    tab: Tab
    changed_at: datetime | None = None
    checked_at: datetime | None = None
    problem: ProblemKind | None = None
    downloads: tuple[tuple[int, DownloadState], ...] = ()


class DetailAsks:
    """`start` runs what waits for an answer and gives up what waited before; `came` is called with each answer's key.

    The second argument of `came` tells whether it is the first answer for this job and tab.
    """

    def __init__(
        self,
        door: Door,
        start: Callable[[Coroutine[None, None, None]], object],
        came: Callable[[JobKey, Tab, bool], None],
    ) -> None:
        self._door = door
        self._start = start
        self._came = came
        self._asked: _Need | None = None
        self._under_way: _Need | None = None
        self._place: tuple[JobKey, Tab] | None = None
        self._fetched: Fetched | None = None
        self.held: dict[int, Inventory] = {}
        """What fetched archives hold, by the number of their download."""

    def fetched(self, key: JobKey, tab: Tab) -> Fetched | None:
        """What came for this job and tab; None while nothing has."""
        return self._fetched if self._place == (key, tab) else None

    def forget(self) -> None:
        """Ask anew, whatever was asked before."""
        self._asked = self._under_way = None

    def ask(self, job: Job, tab: Tab, *, follows: bool, wraps: bool) -> None:
        """Ask for what the tab needs and was not asked for yet. A followed report is asked for after each answer."""
        need = _need(job, tab, follows=follows)
        if need is None or self._is_met(need) or self._is_coming(need):
            return
        if tab is Tab.REPORT and self._door.why_not(Action.REPORT, job) is not None:
            return
        self._asked = need
        if tab is Tab.OUTPUTS:
            if any(one.is_whole for one in job.downloads):
                self._start(self._look_inside(job.key))
            return
        self._under_way = need
        self._start(self._load(need, wraps=wraps))

    def _is_met(self, need: _Need) -> bool:
        """Whether it was asked for; a report that is not followed any more was."""
        asked = self._asked
        return asked is not None and need in (asked, replace(asked, checked_at=None))

    def _is_coming(self, need: _Need) -> bool:
        """Whether a followed report is on its way: it comes whole before it is asked for again, however slowly."""
        coming = self._under_way
        return coming is not None and replace(need, checked_at=None) == replace(coming, checked_at=None)

    async def _load(self, need: _Need, *, wraps: bool) -> None:
        key, tab = need.key, need.tab
        found: Fetched
        try:
            found = await (self._report(key, wraps=wraps) if tab is Tab.REPORT else answered(self._door.history(key)))
        except JobdeckError as error:
            found = error
        is_first = self._place != (key, tab)
        self._place, self._fetched = (key, tab), found
        if self._under_way is need:
            self._under_way = None
        self._came(key, tab, is_first)

    async def _report(self, key: JobKey, *, wraps: bool) -> LongText:
        text = await answered(self._door.report(key))
        known = self.fetched(key, Tab.REPORT)
        if isinstance(known, LongText) and known.source is text:
            return known
        if len(text) < _LONG:
            return LongText(text, wraps=wraps, marks=True)
        return await asyncio.to_thread(LongText, text, wraps=wraps, marks=True)

    async def _look_inside(self, key: JobKey) -> None:
        with suppress(JobdeckError):  # a kindness only: the outputs stand without it
            self.held = {one.download: one for one in await answered(self._door.inventory(key))}
        if self.held:
            self._came(key, Tab.OUTPUTS, False)


def _need(job: Job, tab: Tab, *, follows: bool) -> _Need | None:
    downloads = tuple((one.id, one.state) for one in job.downloads)
    match tab:
        case Tab.REPORT:
            grows = follows and not job.state.is_over
            return _Need(job.key, tab, job.changed_at, job.checked_at if grows else None)
        case Tab.OUTPUTS:
            return _Need(job.key, tab, downloads=downloads)
        case Tab.HISTORY:
            problem = job.problem.kind if job.problem else None
            return _Need(job.key, tab, job.changed_at, problem=problem, downloads=downloads)
        case _:
            return None
