"""The board's panes, and which of them a screen of some size has room for."""

from __future__ import annotations

from enum import Enum

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.screen import Screen

from tui.engine.door import Door
from tui.screens.desk import Desk
from tui.screens.options import BoardOptions
from tui.widgets.detail import Detail
from tui.widgets.downloads import DownloadsPane
from tui.widgets.filterline import FilterLine
from tui.widgets.keyed import KeyedLines
from tui.widgets.status import Rule, Status
from tui.widgets.table import JobTable


class View(Enum):
    """What a small screen shows; larger ones show all at once."""

    TABLE = "-table"
    DETAIL = "-reading"
    DOWNLOADS = "-fetching"


class Panes(Screen[None]):
    """Header, filter line, job table, detail, downloads, footer. A subclass fills them."""

    DEFAULT_CSS = """
    Panes { layout: vertical; background: $background; }
    Panes #header { height: 2; }
    Panes #body { height: 1fr; layout: vertical; }
    Panes #left { height: 1fr; width: 1fr; }
    Panes #jobs { height: 1fr; }
    Panes #detail { height: 40%; max-height: 18; }
    Panes #downloads { height: auto; max-height: 6; display: none; }
    Panes.-shows-downloads #downloads { display: block; }
    Panes #downloads-list { height: auto; max-height: 5; min-height: 1; }
    Panes.-wide #body { layout: horizontal; }
    Panes.-wide #detail { width: 42%; height: 1fr; max-height: 100%; border-left: solid $border-blurred; }
    Panes.-wide.-ascii #detail { border-left: ascii $border-blurred; }
    Panes.-small #header { height: 1; }
    Panes.-small #detail { display: none; }
    Panes.-small #downloads { display: none; }
    Panes.-small.-reading #left { display: none; }
    Panes.-small.-reading #detail { display: block; height: 1fr; max-height: 100%; }
    Panes.-small.-fetching #body { display: none; }
    Panes.-small.-fetching #downloads { display: block; height: 1fr; max-height: 100%; }
    Panes.-small.-fetching #downloads-list { height: 1fr; max-height: 100%; }
    Panes.-wide:ansi #detail { border-left: solid ansi_bright_black; }
    Panes.-wide.-ascii:ansi #detail { border-left: ascii ansi_bright_black; }
    """

    def __init__(self, door: Door, options: BoardOptions) -> None:
        super().__init__(classes="-ascii" if options.ascii else None)
        self.door = door
        self.options = options
        self.glyphs = options.glyphs
        self.keys = options.keys
        self.desk = Desk()
        self.view = View.TABLE
        self.wants_downloads: bool | None = None
        """Whether the user wants the downloads pane; None leaves it to whether there are any."""
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

    def say(self) -> None:
        """Bring the lines around the panes up to date."""
        raise NotImplementedError

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout for the size."""
        width, height = event.size
        self.set_class(width >= 160, "-wide")
        self.set_class(width < 100 or height < 30, "-small")
        if not self.has_class("-small"):
            self.show_view(View.TABLE)
        self.call_after_refresh(self.say)

    def place_toasts(self) -> None:
        """Show notices at the top when the user looks at the lower half, else at the bottom."""
        for rack in self.query("ToastRack"):
            rack.set_class(self._line_looked_at * 2 >= self.size.height, "-up")

    @property
    def _line_looked_at(self) -> int:
        """The line of the screen that the user looks at: the cursor's, or where a text says what is found in it."""
        if isinstance(self.focused, KeyedLines):
            return self.focused.cursor_row
        if self.focused is not None and self.detail in self.focused.ancestors:
            return self.detail.region.bottom - 1
        return self.focused.region.y if self.focused is not None else 0

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
