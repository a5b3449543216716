"""The board: header, job table, detail, downloads, footer. It shows what came through the door and nothing else."""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message

from tui.engine.door import Door
from tui.engine.facts.jobs import Action
from tui.filter import Filter
from tui.screens.captions import Captioned
from tui.screens.commands import Commands
from tui.screens.desk import Touched
from tui.screens.options import BoardOptions
from tui.screens.pace import Pace
from tui.screens.panes import View
from tui.screens.reasons import LOOKED_AT
from tui.screens.remembering import Remembering
from tui.screens.telling import Teller
from tui.screens.wishes import Wishes
from tui.widgets.actions import BY_NAME, Place, Spec, bindings
from tui.widgets.completion import Words
from tui.widgets.detail_view import DetailText
from tui.widgets.downloads import DownloadsPane
from tui.widgets.filterline import FilterLine
from tui.widgets.table import JobTable

_OF_THE_LINE = frozenset({"mark"})
"""Actions that do not wait until the detail shows the cursor's job, since their keys are held down."""
_REST = 5
"""After lines have moved, changes are gathered so many times longer: the whole table had to be sent."""


class BoardScreen(Captioned):
    """The one screen that is always there."""

    AUTO_FOCUS = "#jobs"

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.BOARD, Place.DETAIL)]

    class News(Message):
        """The door has news."""

    def __init__(self, door: Door, options: BoardOptions) -> None:
        super().__init__(door, options)
        self._gathering = False
        self._sought: Filter | None = None
        """The filter by which archived jobs are shown."""
        self._rest = options.news_seconds
        self._following = Pace(self._follow, options.follow_seconds, options.clock, self.set_timer)

    def on_mount(self) -> None:
        """Start listening; everything there is comes with the first news."""
        self.teller = Teller(self.app, self.options)
        self.wishes = Wishes(self.app, self.door, self.options)
        self.wishes.errands.changed = lambda: self.say() if self.is_active else None
        self.commands = Commands(self)
        self.filter_line.words = self._words
        self.remembering = Remembering(self)
        self.looks = self.remembering.recall()
        self.door.on_changes(self._wake)
        self.set_interval(self.options.tick_seconds, self.tick)

    def on_unmount(self) -> None:
        """The window gets its title back, and the user's place is kept."""
        self.give_title_back()
        self.remembering.keep(is_end=True)

    def give_title_back(self) -> None:
        """Have the window show the title that it had."""
        if self.is_mounted:
            self.teller.end()

    def put_title(self) -> None:
        """Have the window's title tell the totals again."""
        if self.is_mounted:
            self.teller.show_totals(self.desk.totals)

    def _words(self) -> Words:
        """What a filter can name."""
        health = self.desk.connections
        vendors = tuple({one.vendor for one in health.values()})
        return Words(tuple(health), vendors, self.door.saved_filters())

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
            self.set_timer(self._rest if self.is_active else self.options.tick_seconds, self.take_news)

    def on_screen_resume(self) -> None:
        """At the start, and when a dialog has closed: catch up."""
        self.take_news()
        self.tick()

    def take_news(self) -> None:
        """Take in everything that is new and paint what it touched."""
        self._gathering = False
        news = self.door.drain()
        self.wishes.warn_of(news.told)
        waiting = self.desk.refused
        touched = self.desk.apply(news)
        self.offer_prompt({one.name for one in self.desk.refused} - {one.name for one in waiting})
        self.teller.hear(touched.jobs)
        for key in touched.gone:
            self.table.discard(key)
        for job in touched.jobs:
            self.looks.hear(job, self.table.job(job.key))
            self.table.put(job)
        moved = self.table.settle()
        self._rest = self.options.news_seconds * (_REST if moved else 1)
        self.pane.forget(touched.lost_downloads)
        self.pane.put(touched.downloads)
        self._show_current(touched)
        self.show_downloads()
        self._look_in_archive()
        self.say()

    def tick(self) -> None:
        """Time has passed."""
        self.warn_of_dying()
        self.remembering.keep()
        if not self.is_active:
            return
        self.table.tick()
        self._show_detail()
        self.say()

    def warn_of_dying(self) -> None:
        """Say once of each result that it is about to be lost."""
        dying = self.teller.last_calls(self.desk.jobs.values())
        self.wishes.warn_of([f"{job.title}: its result dies soon, fetch it now" for job in dying])

    def _look_in_archive(self) -> None:
        """Have the archived jobs come that the filter asks for, and go when it does not any more."""
        wanted = self.table.filter if self.table.filter.archived else None
        if wanted is not self._sought:
            self._sought = wanted
            self.run_worker(self._find_archived(wanted))

    async def _find_archived(self, wanted: Filter | None) -> None:
        await self.wishes.grant(self.door.find_archived(wanted), "", "looking in the archive", is_question=True)

    def offer_prompt(self, refused: set[str]) -> None:
        """Say once who waits for a secret: a prompt never pops up over what is being typed."""
        if refused:
            key = self.keys.shown(BY_NAME["secret"])
            names = ", ".join(sorted(refused))
            self.wishes.say(f"{names}: not logged in, nothing is asked there; {key} enters the secret", wrong=True)

    def _show_current(self, touched: Touched) -> None:
        current = self.current
        if current is None or self.detail.job is None or any(job.key == current.key for job in touched.jobs):
            self._show_detail()

    def _show_detail(self) -> None:
        """Show in the detail what is under the cursor."""
        self.detail.show(self.current, self.table.folded_group)

    # ── actions ──

    def reason(self, spec: Spec) -> str | None:
        """Why an action cannot be done with the current job; None when it can."""
        if spec.asks is None:
            return self.commands.why_not(spec.name)
        if spec.asks is Action.DOWNLOAD and self.detail.job is not None and self.detail.chosen_output is not None:
            return self.wishes.why_not(Action.DOWNLOAD_NAMED, self.detail.job)
        jobs = self.table.targets(LOOKED_AT)
        first: str | None = None
        for job in jobs:
            reason = self.wishes.why_not(spec.asks, job)
            if reason is None:
                return None
            first = first or reason
        return None if len(self.table.marks) > len(jobs) else first or self.commands.reasons.no_job

    @property
    def filters(self) -> dict[str, str]:
        """What the palette can show: saved filters, then the jobs of each connection."""
        saved = {f"Filter @{name}: {text}": f"@{name}" for name, text in self.door.saved_filters().items()}
        return saved | {f"Jobs of {name}": f"connection:{name}" for name in sorted(self.desk.connections)}

    def use_filter(self, text: str) -> None:
        """Filter the table."""
        self.filter_line.take(text)

    async def action_run(self, name: str) -> None:
        """Carry out an action by its name."""
        if name not in _OF_THE_LINE:
            self._catch_up()
        await self.commands.run(name)
        self.say()

    @on(JobTable.Moved)
    def _moved(self) -> None:
        self._following.wish()

    def _catch_up(self) -> None:
        """Bring detail and footer to the cursor's job now, without waiting for the message that the cursor moved."""
        current, shown = self.current, self.detail.job
        if (current.key if current else None) != (shown.key if shown else None):
            self._following.wish()
        self._following.catch_up()

    def _follow(self) -> None:
        """The cursor stands on another job: tell the engine, and bring detail and footer to it."""
        current = self.current
        self.door.focus(current.key if current else None)
        self._show_detail()
        self.place_toasts()
        self.say()

    @on(JobTable.Arranged)
    def _arranged(self) -> None:
        self.say()

    @on(JobTable.Opened)
    def _opened(self) -> None:
        self._catch_up()
        self.show_view(View.DETAIL)
        self.query_one(DetailText).focus()

    @on(JobTable.Pasted)
    def _pasted(self, event: JobTable.Pasted) -> None:
        if self.is_active:
            self.take_paste(event.text)

    def take_paste(self, text: str) -> None:
        """What is pasted onto the board names a job."""
        self.commands.joining.open_track(text)

    @on(DownloadsPane.Opened)
    def _opened_download(self, event: DownloadsPane.Opened) -> None:
        self.commands.show_download(event.download)

    @on(FilterLine.Changed)
    def _filtered(self, event: FilterLine.Changed) -> None:
        self.table.use_filter(event.chosen)
        self._look_in_archive()
        self._show_detail()
        self.say()

    @on(FilterLine.Left)
    def _left_filter(self) -> None:
        self.table.focus()

    def on_descendant_focus(self) -> None:
        """The footer follows the focus."""
        self.say()
