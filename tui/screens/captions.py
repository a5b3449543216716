"""What the lines around the panes say: the header, the titles, the footer."""

from __future__ import annotations

from tui.model import Job
from tui.screens.panes import Panes
from tui.screens.telling import Teller
from tui.screens.titles import TableFacts, departed_words, downloads_title, filtered_lines, jobs_title
from tui.screens.welcome import no_jobs_lines, welcome_lines
from tui.screens.wishes import Wishes
from tui.widgets.actions import BY_NAME, SPECS, Place, Spec
from tui.widgets.detail_view import DetailText
from tui.widgets.footer import footer_line
from tui.widgets.header import header_lines
from tui.widgets.lines import Line
from tui.widgets.status import Rule, Status


class Captioned(Panes):
    """The panes with what is said around them. A subclass says what can be done, and does it."""

    wishes: Wishes
    teller: Teller

    places = frozenset(Place) - {Place.REPLAY}
    """Whose actions there are."""

    wants_demo = False
    """Whether the user left for the demo."""

    @property
    def current(self) -> Job | None:
        """The job under the cursor."""
        return self.table.job(self.table.cursor) if self.table.cursor is not None else None

    def take_news(self) -> None:
        """Take in everything that is new and paint what it touched."""
        raise NotImplementedError

    def reason(self, spec: Spec) -> str | None:
        """Why an action cannot be done with the current job; None when it can."""
        raise NotImplementedError

    @property
    def badge(self) -> str:
        """What kind of board this is, beside its name; empty for the usual."""
        recording = self.options.recording
        told = ["read-only" if self.wishes.read_only else "", "recording" if recording and recording() else ""]
        return ", ".join(filter(None, told))

    def say(self) -> None:
        """Bring header, titles and footer up to date; what stays the same is not sent."""
        now, width = self.options.clock.now(), self.size.width
        rows = 1 if self.has_class("-small") else 2
        desk, catching = self.desk, self.desk.catching.told
        header = header_lines(
            desk.totals, desk.health, now, width, self.glyphs, rows=rows, badge=self.badge, catching=catching
        )
        self.query_one("#header", Status).say(*header)
        self._say_title()
        files = downloads_title(len(desk.moving), desk.paused, self.pane.failed)
        self.query_one("#downloads-title", Rule).title(files)
        self.teller.show_totals(desk.totals)
        under_way = self.wishes.errands.line(width)
        footer = footer_line(self._footer_specs(), self.keys, width, self.reason, self.glyphs, under_way)
        self.query_one("#footer", Status).say(footer)

    def _say_title(self) -> None:
        table = self.table
        facts = TableFacts(
            shown=table.shown,
            total=table.total,
            filter=table.filter.text,
            order=table.order.words,
            marked=len(table.marks),
            away=sum(table.place_of(key) is None for key in table.marks),
            departed=self.departed(),
            demo=self.options.demo_folder,
        )
        self.query_one("#jobs-title", Rule).title(*jobs_title(facts))
        self.table.say_when_empty(self._empty_lines())

    def _empty_lines(self) -> tuple[Line, ...]:
        """What stands in the table when no job does."""
        if self.table.total:
            return filtered_lines(has_marks=bool(self.table.marks) and self.table.has_focus)
        return no_jobs_lines(self.keys) if self.desk.connections else welcome_lines(self.keys)

    def departed(self) -> str:
        """Where the job went that left from under the cursor; empty when none did."""
        left = self.table.departed
        if left is None:
            return ""
        job = left.job
        is_ours, is_known = job.key in self.wishes.taken_off, job.connection in self.desk.connections
        return departed_words(job, left.how, self.glyphs, is_ours=is_ours, has_connection=is_known)

    @property
    def place(self) -> Place:
        """Where the focus is."""
        if self.pane.has_focus:
            return Place.DOWNLOADS
        if isinstance(self.focused, DetailText):
            return Place.READING
        return Place.TABLE if self.table.has_focus else Place.LIST

    def _footer_specs(self) -> list[Spec]:
        """What matters most here first, since a narrow line shows no more."""
        in_downloads = self.place is Place.DOWNLOADS
        first = ["secret"] if self.desk.refused else []
        first += [] if self.desk.connections else ["connections", "demo"]
        reading = self._reading_specs()
        hidden = {"back", "secret", "demo", *first} | ({"cancel"} if in_downloads else set())
        hidden |= {"filter", "start"} if reading else set()  # their keys look for words here
        at_home = self.table.has_focus and not self.table.marks and not self.table.filter
        return [
            *([] if at_home else [BY_NAME["back"]]),
            *(BY_NAME[name] for name in first),
            *(spec for spec in SPECS if in_downloads and spec.place is Place.DOWNLOADS),
            *reading,
            *(spec for spec in SPECS if spec.place is Place.BOARD and spec.name not in hidden),
        ]

    def _reading_specs(self) -> list[Spec]:
        """What can be done with the text that has the focus."""
        if self.place is not Place.READING:
            return []
        return [spec for spec in SPECS if spec.place is Place.READING and self.reason(spec) is None]
