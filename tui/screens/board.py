"""The board: header, job table, detail, downloads, footer. It shows what came through the door and nothing else."""

from __future__ import annotations

from contextlib import suppress
from enum import Enum
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.message import Message
from textual.screen import Screen

from tui.engine.door import Door
from tui.model import Job
from tui.screens.commands import Commands
from tui.screens.desk import Desk, Touched
from tui.screens.options import BoardOptions
from tui.screens.telling import Teller
from tui.screens.welcome import welcome_lines
from tui.screens.wishes import Wishes
from tui.widgets.actions import BY_NAME, SPECS, Place, Spec, bindings
from tui.widgets.detail import Detail
from tui.widgets.downloads import DownloadsPane
from tui.widgets.filterline import FilterLine
from tui.widgets.footer import footer_line
from tui.widgets.header import header_lines
from tui.widgets.lines import EMPTY, Line, Piece, Tone, line
from tui.widgets.status import Rule, Status
from tui.widgets.table import JobTable
from tui.widgets.textview import TextView

_REST = 5
"""How many times longer changes are gathered after lines have moved: then the whole table had to be sent."""


class View(Enum):
    """What a small screen shows; larger ones show all at once."""

    TABLE = "-table"
    DETAIL = "-reading"
    DOWNLOADS = "-fetching"


class BoardScreen(Screen[None]):
    """The one screen that is always there."""

    AUTO_FOCUS = "#jobs"

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.BOARD, Place.DETAIL)]

    DEFAULT_CSS = """
    BoardScreen { layout: vertical; background: $background; }
    BoardScreen #header { height: 2; }
    BoardScreen #body { height: 1fr; layout: vertical; }
    BoardScreen #left { height: 1fr; width: 1fr; }
    BoardScreen #jobs { height: 1fr; }
    BoardScreen #detail { height: 40%; max-height: 18; }
    BoardScreen #downloads { height: auto; max-height: 6; display: none; }
    BoardScreen.-shows-downloads #downloads { display: block; }
    BoardScreen #downloads-list { height: auto; max-height: 5; min-height: 1; }
    BoardScreen.-wide #body { layout: horizontal; }
    BoardScreen.-wide #detail { width: 42%; height: 1fr; max-height: 100%; border-left: solid $border-blurred; }
    BoardScreen.-wide.-ascii #detail { border-left: ascii $border-blurred; }
    BoardScreen.-small #header { height: 1; }
    BoardScreen.-small #detail { display: none; }
    BoardScreen.-small #downloads { display: none; }
    BoardScreen.-small.-reading #left { display: none; }
    BoardScreen.-small.-reading #detail { display: block; height: 1fr; max-height: 100%; }
    BoardScreen.-small.-fetching #body { display: none; }
    BoardScreen.-small.-fetching #downloads { display: block; height: 1fr; max-height: 100%; }
    BoardScreen.-small.-fetching #downloads-list { height: 1fr; max-height: 100%; }
    BoardScreen.-wide:ansi #detail { border-left: solid ansi_bright_black; }
    BoardScreen.-wide.-ascii:ansi #detail { border-left: ascii ansi_bright_black; }
    """

    class News(Message):
        """The door has something."""

    def __init__(self, door: Door, options: BoardOptions) -> None:
        super().__init__(classes="-ascii" if options.ascii else None)
        self.door = door
        self.options = options
        self.glyphs = options.glyphs
        self.keys = options.keys
        self.desk = Desk()
        self.teller = Teller()
        self.view = View.TABLE
        self.wants_demo = False
        """Whether the user left for the demo."""
        self.wants_downloads: bool | None = None
        """Whether the user wants the downloads pane; None leaves it to whether there are any."""
        self._gathering = False
        self._rest = options.flush_seconds
        glyphs, clock = self.glyphs, options.clock
        self.table = JobTable(clock, glyphs, id="jobs")
        self.detail = Detail(door, clock, glyphs, health=self.desk.connections.get, id="detail")
        self.pane = DownloadsPane(glyphs, id="downloads-list")
        self.filter_line = FilterLine(glyphs, id="filter")

    def compose(self) -> ComposeResult:
        """The panes from top to bottom."""
        glyphs = self.glyphs
        yield Status(glyphs, id="header")
        yield self.filter_line
        with Container(id="body"):
            with Vertical(id="left"):
                yield Rule(glyphs, id="jobs-title")
                yield self.table
            yield self.detail
        with Vertical(id="downloads"):
            yield Rule(glyphs, id="downloads-title")
            yield self.pane
        yield Status(glyphs, id="footer")

    def on_mount(self) -> None:
        """Start listening; everything there is comes with the first drain."""
        options = self.options
        self.wishes = Wishes(self.app, self.door, self.glyphs, read_only=options.read_only, tmux=options.tmux)
        self.commands = Commands(self)
        self.door.on_changes(self._wake)
        self.set_interval(self.options.tick_seconds, self.tick)

    # ── what comes through the door ──

    def _wake(self) -> None:
        """Called from the engine's thread."""
        with suppress(RuntimeError):  # the screen's loop may have ended a moment ago
            self.post_message(self.News())

    @on(News)
    def _gather(self) -> None:
        """Changes are painted together a little later, so that a burst costs one repaint.

        Behind a dialog each repaint sends the whole screen (Textual composes both), so there it happens rarely.
        """
        if not self._gathering:
            self._gathering = True
            self.set_timer(self._rest if self.is_active else self.options.tick_seconds, self.flush)

    def on_screen_resume(self) -> None:
        """At the start, and when a dialog has closed: catch up."""
        self.flush()
        self.tick()

    def flush(self) -> None:
        """Take in everything that is new and paint what it touched."""
        self._gathering = False
        news = self.door.drain()
        for text in news.told:
            self.wishes.say(text, wrong=True)
        waiting = self.desk.refused
        touched = self.desk.apply(news)
        self._offer_prompt({one.name for one in self.desk.refused} - {one.name for one in waiting})
        if self.teller.ended(touched.jobs):
            self._ring()
        for key in touched.gone:
            self.table.discard(key)
        for job in touched.jobs:
            self.table.put(job)
        moved = self.table.settle()
        self._rest = self.options.flush_seconds * (_REST if moved else 1)
        self.pane.forget(touched.lost_downloads)
        self.pane.put(touched.downloads)
        self._show_current(touched)
        self.show_downloads()
        self.say()

    def tick(self) -> None:
        """Time has passed."""
        for job in self.teller.dying(self.desk.jobs.values(), self.options.clock.now()):
            self.notify(f"{job.title}: its result dies soon, fetch it now", severity="warning", markup=False)
            self._ring()
        if not self.is_active:
            return
        self.table.tick()
        self.detail.show(self.current)
        self.say()

    def _offer_prompt(self, refused: set[str]) -> None:
        """Say once who waits for a secret: a prompt never pops up over what is being typed."""
        if refused:
            key = self.keys.shown(BY_NAME["secret"])
            names = ", ".join(sorted(refused))
            self.wishes.say(f"{names}: not logged in, nothing is asked there; {key} enters the secret", wrong=True)

    def _ring(self) -> None:
        if self.options.bell:
            self.app.bell()

    def _show_current(self, touched: Touched) -> None:
        current = self.current
        if current is None or self.detail.job is None or any(job.key == current.key for job in touched.jobs):
            self.detail.show(current)

    @property
    def current(self) -> Job | None:
        """The job under the cursor."""
        return self.table.job(self.table.cursor) if self.table.cursor is not None else None

    # ── what the lines around the panes say ──

    def say(self) -> None:
        """Bring header, titles and footer up to date; what stays the same is not sent."""
        now, width = self.options.clock.now(), self.size.width
        rows = 1 if self.has_class("-small") else 2
        badge = "read-only" if self.options.read_only else ""
        header = header_lines(self.desk.totals, self.desk.health, now, width, self.glyphs, rows=rows, badge=badge)
        self.query_one("#header", Status).say(*header)
        self._say_title()
        self.query_one("#downloads-title", Rule).title(line(self._downloads_title()))
        self.table.welcome = self._welcome()
        footer = footer_line(self._footer_specs(), self.keys, width, lambda spec: self.reason(spec) is None)
        self.query_one("#footer", Status).say(footer)

    def _say_title(self) -> None:
        table = self.table
        shown, total = len(table.keys), table.total
        start: Line = (Piece("Jobs", Tone.STRONG), Piece(f" {shown} of {total}" if shown != total else f" {total}"))
        if table.filter:
            start = (*start, Piece(f"  /{table.filter.text}", Tone.KEY))
        end: Line = line(f"by {table.sort_by.value}", Tone.DIM)
        if table.marks:
            unseen = sum(table.place_of(key) is None for key in table.marks)
            hidden = f", {unseen} out of sight" if unseen else ""
            end = line(f"{len(table.marks)} marked{hidden}, order held", Tone.KEY)
        elif self.options.demo_folder is not None:
            end = (*end, Piece(f"  demo in {self.options.demo_folder}", Tone.WARN))
        self.query_one("#jobs-title", Rule).title(start, end)

    def _downloads_title(self) -> str:
        moving, paused = len(self.desk.moving), self.desk.paused
        told = [f"{moving} under way" if moving else "", f"{paused} paused" if paused else ""]
        return "  ".join(["Downloads", *filter(None, told)])

    def _welcome(self) -> tuple[Line, ...]:
        if self.table.total:
            return (line("No job matches the filter.", Tone.STRONG), line("Escape clears it.", Tone.DIM))
        first = line("No jobs yet.", Tone.STRONG)
        paste = (Piece("t", Tone.KEY), Piece("  track a job: paste its id, its URL or a curl command"))
        if self.desk.connections:
            return (first, EMPTY, paste)
        return welcome_lines(self.keys)

    # ── actions ──

    def reason(self, spec: Spec) -> str | None:
        """Why an action cannot be done with the current job; None when it can."""
        if spec.asks is None:
            return self.commands.why_not(spec.name)
        jobs = self.table.targets()
        if not jobs:
            return "there is no job"
        reasons = [self.wishes.why_not(spec.asks, job) for job in jobs]
        return reasons[0] if None not in reasons else None

    @property
    def place(self) -> Place:
        """Where the focus is."""
        if self.pane.has_focus:
            return Place.DOWNLOADS
        return Place.DETAIL if isinstance(self.focused, TextView) else Place.LIST

    def _footer_specs(self) -> list[Spec]:
        """What matters most here first, since a narrow line shows no more."""
        in_downloads = self.place is Place.DOWNLOADS
        first = ["secret"] if self.desk.refused else []
        first += [] if self.desk.connections else ["connections", "demo"]
        hidden = {"back", "secret", "demo", *first} | ({"cancel"} if in_downloads else set())
        at_home = self.table.has_focus and not self.table.marks and not self.table.filter
        return [
            *([] if at_home else [BY_NAME["back"]]),
            *(BY_NAME[name] for name in first),
            *(spec for spec in SPECS if in_downloads and spec.place is Place.DOWNLOADS),
            *(spec for spec in SPECS if spec.place is Place.BOARD and spec.name not in hidden),
        ]

    async def action_run(self, name: str) -> None:
        """Carry out an action by its name."""
        await self.commands.run(name)
        self.say()

    @on(JobTable.Moved)
    def _moved(self, event: JobTable.Moved) -> None:
        self.door.focus(event.key)
        self.detail.show(self.current)
        self.say()

    @on(JobTable.Opened)
    def _opened(self) -> None:
        self.show_view(View.DETAIL)
        self.query_one("#detail-text", TextView).focus()

    @on(JobTable.Pasted)
    def _pasted(self, event: JobTable.Pasted) -> None:
        self.commands.open_track(event.text)

    @on(DownloadsPane.Wished)
    async def _wished(self, event: DownloadsPane.Wished) -> None:
        await self.action_run(event.name)

    @on(DownloadsPane.Opened)
    def _opened_download(self, event: DownloadsPane.Opened) -> None:
        self.commands.show_download(event.download)

    @on(FilterLine.Changed)
    def _filtered(self, event: FilterLine.Changed) -> None:
        self.table.use_filter(event.chosen)
        self.detail.show(self.current)
        self.say()

    @on(FilterLine.Left)
    def _left_filter(self) -> None:
        self.table.focus()

    def on_descendant_focus(self) -> None:
        """The footer follows the focus."""
        self.say()

    # ── layout ──

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout for the size."""
        width, height = event.size
        self.set_class(width >= 160, "-wide")
        self.set_class(width < 100 or height < 30, "-small")
        if not self.has_class("-small"):
            self.show_view(View.TABLE)
        self.call_after_refresh(self.say)

    def show_view(self, view: View) -> None:
        """On a small screen: show this; on others everything is shown anyway."""
        self.view = view if self.has_class("-small") else View.TABLE
        for one in View:
            self.set_class(one is self.view, one.value)

    def show_table(self) -> None:
        """Back to the table."""
        self.show_view(View.TABLE)
        self.table.focus()

    def toggle_downloads(self) -> None:
        """Show the downloads, or hide them; a small screen shows them alone."""
        if self.has_class("-small"):
            if self.view is View.DOWNLOADS:
                self.show_table()
            else:
                self.show_view(View.DOWNLOADS)
                self.pane.focus()
            return
        self.wants_downloads = not self.has_class("-shows-downloads")
        self.show_downloads()
        if not self.wants_downloads and self.pane.has_focus:
            self.table.focus()

    def show_downloads(self) -> None:
        """Show the downloads pane when there is something in it, unless the user said otherwise."""
        wanted = self.wants_downloads
        self.set_class(bool(self.desk.moving or self.pane.keys) if wanted is None else wanted, "-shows-downloads")
