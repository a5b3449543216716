"""What the detail shows of one job: a title, six tabs, and the text of the open one."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical

from tui.clock import Clock
from tui.engine.door import Door
from tui.engine.facts.jobs import Action
from tui.errors import JobdeckError
from tui.model import ConnectionHealth, Job, JobKey, Output
from tui.widgets.detail_asks import DetailAsks
from tui.widgets.detail_outputs import counts_down
from tui.widgets.detail_overview import overview
from tui.widgets.detail_tabs import Tab, TabLine
from tui.widgets.detail_text import history, raw_text
from tui.widgets.detail_timeline import timeline
from tui.widgets.detail_view import DetailText
from tui.widgets.folding import Group, group_lines, group_title
from tui.widgets.glyphs import ASCII, Glyphs
from tui.widgets.header import danger_pieces
from tui.widgets.lines import EMPTY, Line, Piece, Tone, line, toned, wrap_words
from tui.widgets.longtext import LongText
from tui.widgets.output_cursor import OutputCursor
from tui.widgets.reader import Reader
from tui.widgets.reading_line import ReadingLine
from tui.widgets.rows import STATE_TONES
from tui.widgets.selection import Selection
from tui.widgets.sheet import Build
from tui.widgets.status import Rule
from tui.widgets.words import time_text

_COUNT_SECONDS = 1.0
"""How often times that count seconds are renewed; all else waits for the board's own tick."""
_WHY_SECONDS = 10
"""The sentence about the next ask is renewed this often; if it counted seconds, it would be sent every second."""


_STEPS = {"up": -1, "down": 1}


class DetailPage(Vertical):
    """Shows the job it was given last. What is done with its text is a subclass's."""

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
        self._group: Group | None = None
        self.tab = Tab.OVERVIEW
        self._asks = DetailAsks(door, self._start_asking, self._came)
        self._raw: LongText | None = None
        self._why: tuple[Job, int, str | None] | None = None
        """What was said of the next ask, of which job, and when."""
        self._text = DetailText(glyphs, id="detail-text")
        self._line = ReadingLine(glyphs, id="reading")
        self._cursor = OutputCursor(self._text)
        self.selection = Selection(self._text)
        self.reader = Reader(self._text, self._start_reading, self._say)

    def compose(self) -> ComposeResult:
        """The title, the tabs, the text, and where one stands in it."""
        yield Rule(self.glyphs, id="detail-title")
        yield TabLine(self.glyphs, id="detail-tabs")
        yield self._text
        yield self._line

    def on_mount(self) -> None:
        """Show what was given before there was a screen; from now on time passes."""
        self._text.laid, self._text.step = self._focused, self._step
        self._draw(top=True)
        self.set_interval(_COUNT_SECONDS, self.count)

    def show(self, job: Job | None, group: Group | None = None) -> None:
        """Show a job, a folded group, or nothing. The same job's next version keeps tab and scroll."""
        other = (job.key if job else None) != (self.job.key if self.job else None)
        self.job, self._group = job, group
        if other and self.reader.is_searching:
            self.reader.look_for("")
        if self.is_mounted:
            self._draw(top=other)

    def open(self, tab: Tab) -> None:
        """Open a tab; what must be asked for is asked for anew."""
        self.tab = tab
        self._asks.forget()
        if self.is_mounted:
            self._draw(top=True)

    def turn(self, steps: int) -> None:
        """Open the tab so many to the right, or to the left."""
        tabs = list(Tab)
        self.open(tabs[(tabs.index(self.tab) + steps) % len(tabs)])

    @on(TabLine.Chosen)
    def _chosen(self, event: TabLine.Chosen) -> None:
        event.stop()
        self.open(event.tab)

    def count(self) -> None:
        """A second has passed: a link's life and a running stage are counted to it while they are in sight."""
        job = self.job
        if job is None or not self.screen.is_active:
            return
        dies = self.tab is Tab.OUTPUTS and counts_down(job, self.clock.now())
        if dies or (self.tab is Tab.TIMELINE and not job.state.is_over):
            self._draw_text(job, top=False)

    # ── what is shown ──

    def _draw(self, *, top: bool) -> None:
        job = self.job
        self._draw_title(job)
        self.query_one(TabLine).show(self.tab)
        self.reader.notice_scroll()
        self._draw_text(job, top=top)
        self._say()
        if job is not None:
            self._asks.ask(job, self.tab, follows=self.reader.follows, wraps=self.reader.wraps)

    def _draw_title(self, job: Job | None) -> None:
        title = self.query_one(Rule)
        if self._group is not None:
            title.title(group_title(self._group))
        elif job is None:
            title.title((toned("No job", Tone.DIM),))
        else:
            glyph = toned(f"{self.glyphs.states[job.state]} ", STATE_TONES[job.state])
            title.title((glyph, Piece(job.title, Tone.STRONG), *self._dangers(job)))

    def _dangers(self, job: Job) -> Line:
        """The job's connection, where it is not safe."""
        health = self._health(job.connection)
        if health is None or not (health.insecure or health.plain_http):
            return EMPTY
        found = danger_pieces(insecure=health.insecure, plain_http=health.plain_http)
        return (toned(f"  {job.connection}:", Tone.DIM), *found)

    def _draw_text(self, job: Job | None, *, top: bool) -> None:
        if self.tab is not Tab.OUTPUTS:
            self._cursor.end()
        if top:
            self.selection.drop()
        long = self._long_text(job)
        if long is None:
            if self._text.show(self._builder(job), top=top):
                self.reader.fresh(other=top)
            self._show_cursor()
        elif long is not self._text.sheet:
            long.wraps = self.reader.wraps
            self._text.show_sheet(long, top=top)
            self.reader.fresh(other=top)
        elif top:
            self._text.go_to_top()
            self.reader.fresh(other=True)

    def _step(self, name: str) -> bool:
        if self.selection.move(name):
            self._say()
            return True
        return self.tab is Tab.OUTPUTS and name in _STEPS and self._cursor.step(_STEPS[name])

    def _show_cursor(self) -> None:
        """Put the cursor on an output as soon as keys go to the text."""
        if self._text.has_focus and not self.reader.is_searching:
            self._cursor.begin()
        else:
            self._cursor.show()

    @on(events.DescendantFocus)
    def _focused(self) -> None:
        if self.tab is Tab.OUTPUTS:
            self._show_cursor()

    @property
    def chosen_output(self) -> Output | None:
        """The output under the cursor, while keys go to the Outputs tab."""
        return self._cursor.chosen(self.job) if self.tab is Tab.OUTPUTS and self._text.has_focus else None

    def _long_text(self, job: Job | None) -> LongText | None:
        """The open tab's text where it is a plain and maybe long one, as it came."""
        if job is None:
            return None
        if self.tab is Tab.RAW:
            text = raw_text(job)
            if self._raw is None or self._raw.source != text:
                self._raw = LongText(text)
            return self._raw
        if self.tab is Tab.REPORT and self.door.why_not(Action.REPORT, job) is None:
            found = self._asks.fetched(job.key, self.tab)
            return found if isinstance(found, LongText) else None
        return None

    def _builder(self, job: Job | None) -> Build:
        glyphs, now, group = self.glyphs, self.clock.now(), self._group
        if job is None:
            return lambda _width: [] if group is None else group_lines(group, glyphs)
        match self.tab:
            case Tab.OVERVIEW:
                return lambda width: overview(job, self.clock.now(), glyphs, width, self._why_not_asked(job, now))
            case Tab.TIMELINE:
                return lambda width: timeline(job, self.clock.now(), glyphs, width)
            case Tab.OUTPUTS:
                return lambda width: self._cursor.lines(job, self.clock.now(), glyphs, width, self._asks.held)
            case _:
                return lambda width: self._fetched_lines(job, width)

    def _why_not_asked(self, job: Job, now: datetime) -> str | None:
        slot = int(now.timestamp()) // _WHY_SECONDS
        if self._why is None or self._why[0] is not job or self._why[1] != slot:
            self._why = (job, slot, self.door.why_not_asked(job.key))
        return self._why[2]

    def _fetched_lines(self, job: Job, width: int) -> list[Line]:
        if self.tab is Tab.REPORT and (reason := self.door.why_not(Action.REPORT, job)) is not None:
            return [line(f" {reason}", Tone.DIM)]
        found = self._asks.fetched(job.key, self.tab)
        if isinstance(found, JobdeckError):
            hint = f" ({found.hint})" if found.hint else ""
            return [line(f" {row}", Tone.WARN) for row in wrap_words(f"{found.message}{hint}", width - 2)]
        if isinstance(found, tuple):
            return history(found, self.clock.now(), width)
        return [line(" Asking ..." if self.glyphs is ASCII else " Asking …", Tone.DIM)]

    def _came(self, key: JobKey, tab: Tab, is_first: bool) -> None:
        if self.job is not None and self.job.key == key and self.tab is tab:
            self._draw_text(self.job, top=is_first)
            self._say()

    def _say(self) -> None:
        """Where one stands; in a report also when it was read."""
        told = self.reader.told()
        job = self.job
        if told and job is not None and job.report is not None and self.tab is Tab.REPORT:
            told = (*told, toned(f"  read {time_text(job.report.read_at)}", Tone.DIM))
        if number := self.selection.count:
            told = (toned(f" {number} {'line' if number == 1 else 'lines'} selected ", Tone.KEY), *told)
        self._line.say(told)

    def _start_asking(self, work: Coroutine[None, None, None]) -> None:
        self.run_worker(work, group="detail", exclusive=True)

    def _start_reading(self, work: Coroutine[None, None, None]) -> None:
        self.run_worker(work, group="detail reading", exclusive=True)
