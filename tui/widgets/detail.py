"""The detail of one job: a title, six tabs, and the text of the open one."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import suppress
from enum import Enum

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical

from tui.clock import Clock
from tui.engine.door import Door
from tui.engine.facts.archives import Inventory
from tui.engine.facts.jobs import Action
from tui.errors import JobdeckError
from tui.model import ConnectionHealth, DownloadState, Event, Job, JobKey
from tui.widgets import detail_text
from tui.widgets.glyphs import Glyphs
from tui.widgets.header import danger_pieces
from tui.widgets.lines import EMPTY, Line, Piece, Tone, line, wrap_words
from tui.widgets.rows import STATE_TONES
from tui.widgets.status import Rule, Status
from tui.widgets.textview import Build, TextView
from tui.widgets.waiting import granted

Fetched = str | tuple[Event, ...] | JobdeckError
"""A report, a history, or why there is none."""


class Tab(Enum):
    """The tabs from left to right."""

    OVERVIEW = "Overview"
    TIMELINE = "Timeline"
    REPORT = "Report"
    OUTPUTS = "Outputs"
    HISTORY = "History"
    RAW = "Raw"


class Detail(Vertical):
    """Shows the job it was given last.

    Report, history and what fetched archives hold are asked of the door only while their tab is open.
    """

    DEFAULT_CSS = """
    Detail { height: 1fr; }
    Detail > TextView { height: 1fr; }
    """

    def __init__(
        self,
        door: Door,
        clock: Clock,
        glyphs: Glyphs,
        *,
        health: Callable[[str], ConnectionHealth | None],
        id: str | None = None,  # noqa: A002  # Textual's name
    ) -> None:
        super().__init__(id=id)
        self._health = health
        self.door = door
        self.clock = clock
        self.glyphs = glyphs
        self.job: Job | None = None
        self.tab = Tab.OVERVIEW
        self._fetched: tuple[Hashable, Fetched] | None = None
        self._asked: Hashable = None
        self._held: dict[int, Inventory] = {}
        """What fetched archives hold, by the number of their download."""

    def compose(self) -> ComposeResult:
        """The title, the tabs, the text."""
        yield Rule(self.glyphs, id="detail-title")
        yield TabLine(self.glyphs, id="detail-tabs")
        yield TextView(self.glyphs, id="detail-text")

    def on_mount(self) -> None:
        """Show what was given before there was a screen."""
        self._draw(top=True)

    def show(self, job: Job | None) -> None:
        """Show a job, or nothing. The same job's next version keeps tab and scroll."""
        other = (job.key if job else None) != (self.job.key if self.job else None)
        self.job = job
        if self.is_mounted:
            self._draw(top=other)

    def open(self, tab: Tab) -> None:
        """Open a tab; what must be asked for is asked for anew."""
        self.tab = tab
        self._asked = None
        if self.is_mounted:
            self._draw(top=True)

    def turn(self, steps: int) -> None:
        """Open the tab so many to the right, or to the left."""
        tabs = list(Tab)
        self.open(tabs[(tabs.index(self.tab) + steps) % len(tabs)])

    def _draw(self, *, top: bool) -> None:
        job = self.job
        title = self.query_one(Rule)
        if job is None:
            title.title((Piece("No job", Tone.DIM),))
        else:
            glyph = Piece(f"{self.glyphs.states[job.state]} ", STATE_TONES[job.state])
            title.title((glyph, Piece(job.title, Tone.STRONG), *self._dangers(job)))
        self.query_one(TabLine).show(self.tab)
        self.query_one(TextView).show(self._builder(job), top=top)
        if job is not None:
            self._fetch(job)

    def _dangers(self, job: Job) -> Line:
        """The job's connection, where it is not safe."""
        health = self._health(job.connection)
        if health is None or not (health.insecure or health.plain_http):
            return EMPTY
        found = danger_pieces(insecure=health.insecure, plain_http=health.plain_http)
        return (Piece(f"  {job.connection}:", Tone.DIM), *found)

    def _builder(self, job: Job | None) -> Build:
        if job is None:
            return lambda _width: []
        glyphs = self.glyphs
        match self.tab:
            case Tab.OVERVIEW:
                return lambda width: detail_text.overview(job, self.clock.now(), glyphs, width)
            case Tab.TIMELINE:
                return lambda width: detail_text.timeline(job, self.clock.now(), glyphs, width)
            case Tab.OUTPUTS:
                return lambda width: detail_text.outputs(job, self.clock.now(), glyphs, width, self._held)
            case Tab.RAW:
                return lambda width: detail_text.raw(job, width)
            case Tab.REPORT | Tab.HISTORY:
                return lambda width: self._fetched_lines(job, width)

    # ── what the door must be asked for ──

    def _version(self, job: Job) -> Hashable:
        """What has to change before the open tab's text is asked for again."""
        if self.tab is Tab.REPORT:
            return (job.key, self.tab, job.changed_at, job.report)
        downloads = tuple((one.id, one.state) for one in job.downloads)
        if self.tab is Tab.OUTPUTS:
            return (job.key, self.tab, downloads)
        return (job.key, self.tab, job.changed_at, job.problem, downloads)

    def _fetch(self, job: Job) -> None:
        if self.tab not in (Tab.REPORT, Tab.HISTORY, Tab.OUTPUTS):
            return
        version = self._version(job)
        if version == self._asked:
            return
        if self.tab is Tab.REPORT and self.door.why_not(Action.REPORT, job) is not None:
            return
        self._asked = version
        if self.tab is Tab.OUTPUTS:
            if any(one.state is DownloadState.DONE for one in job.downloads):
                self.run_worker(self._look_inside(job.key), group="detail", exclusive=True)
            return
        self.run_worker(self._load(job.key, self.tab, version), group="detail", exclusive=True)

    async def _load(self, key: JobKey, tab: Tab, version: Hashable) -> None:
        found: Fetched
        try:
            if tab is Tab.REPORT:
                found = await granted(self.door.report(key))
            else:
                found = await granted(self.door.history(key))
        except JobdeckError as error:
            found = error
        first = self._fetched is None or self._same_place(self._fetched[0], version) is False
        self._fetched = (version, found)
        if self.job is not None and self.job.key == key and self.tab is tab:
            self.query_one(TextView).show(self._builder(self.job), top=first)

    async def _look_inside(self, key: JobKey) -> None:
        with suppress(JobdeckError):  # a kindness only: the outputs stand without it
            self._held = {one.download: one for one in await granted(self.door.inventory(key))}
        if self._held and self.job is not None and self.job.key == key and self.tab is Tab.OUTPUTS:
            self.query_one(TextView).show(self._builder(self.job), top=False)

    @staticmethod
    def _same_place(old: Hashable, new: Hashable) -> bool:
        """Whether two versions are of one job and one tab."""
        return isinstance(old, tuple) and isinstance(new, tuple) and old[:2] == new[:2]

    def _fetched_lines(self, job: Job, width: int) -> list[Line]:
        if self.tab is Tab.REPORT:
            reason = self.door.why_not(Action.REPORT, job)
            if reason is not None:
                return [line(f" {reason}", Tone.DIM)]
        if self._fetched is None or not self._same_place(self._fetched[0], (job.key, self.tab)):
            return [line(" Asking …" if self.glyphs.ellipsis == "…" else " Asking ...", Tone.DIM)]
        found = self._fetched[1]
        if isinstance(found, JobdeckError):
            hint = f" ({found.hint})" if found.hint else ""
            return [line(f" {row}", Tone.WARN) for row in wrap_words(f"{found.message}{hint}", width - 2)]
        if isinstance(found, str):
            return detail_text.text_lines(found, width)
        return detail_text.history(found, width)


class TabLine(Status):
    """The tabs' names, the open one marked; a click opens one."""

    DEFAULT_CSS = """
    TabLine { height: 1; }
    """

    def show(self, tab: Tab) -> None:
        """Mark a tab."""
        pieces: list[Piece] = [Piece(" ")]
        for one in Tab:
            pieces += [Piece(one.value, Tone.TAB if one is tab else Tone.DIM), Piece("  ")]
        self.say(tuple(pieces))

    def on_click(self, event: events.Click) -> None:
        """Open the tab that was hit."""
        start = 1
        for tab in Tab:
            if start <= event.x < start + len(tab.value) + 1 and isinstance(self.parent, Detail):
                self.parent.open(tab)
            start += len(tab.value) + 2
