"""What each of the board's actions does."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING

from tui.engine.door import Action
from tui.model import Job
from tui.screens.confirm import Confirm
from tui.screens.help import HelpDialog
from tui.screens.outputs import OutputsDialog
from tui.screens.track import TrackDialog
from tui.widgets.actions import Place
from tui.widgets.detail import Tab

if TYPE_CHECKING:
    from tui.screens.board import BoardScreen


class Commands:
    """The board's actions by their names."""

    def __init__(self, screen: BoardScreen) -> None:
        self.screen = screen
        wishes = screen.wishes
        self._on_jobs: Mapping[str, Callable[[list[Job]], Coroutine[None, None, None]]] = {
            "download": wishes.download,
            "cancel": wishes.cancel,
            "refresh": wishes.refresh,
            "again": wishes.again,
            "untrack": wishes.untrack,
        }
        self._here: Mapping[str, Callable[[], None]] = {
            "open": screen.table.chosen,
            "track": self.open_track,
            "report": self._report,
            "filter": screen.filter_line.open,
            "sort": lambda: screen.table.sort(screen.table.sort_by.next),
            "mark": screen.table.toggle_mark,
            "back": self._back,
            "downloads": screen.toggle_downloads,
            "help": self._help,
            "palette": screen.app.action_command_palette,
            "outputs": lambda: self._start(self._outputs()),
            "undo": lambda: self._start(wishes.undo()),
            "quit": lambda: self._start(self._quit()),
            "tab_left": lambda: screen.detail.turn(-1),
            "tab_right": lambda: screen.detail.turn(1),
        }

    async def run(self, name: str) -> None:
        """Carry out an action."""
        if name in self._on_jobs:
            self._start(self._on_jobs[name](self.screen.table.targets()))
        else:
            self._here[name]()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        """What may wait runs beside the screen, and goes on when a dialog closes."""
        self.screen.app.run_worker(work)

    def open_track(self, text: str = "") -> None:
        """Ask what to track."""
        screen = self.screen
        dialog = TrackDialog(screen.door, sorted(screen.desk.connections), screen.glyphs, text=text)
        screen.app.push_screen(dialog, self._tracked)

    def _tracked(self, job: Job | None) -> None:
        if job is not None:
            self.screen.wishes.say(f"tracking {job.title}")
            self.screen.flush()
            self.screen.table.select(job.key)

    async def _outputs(self) -> None:
        screen = self.screen
        job = screen.current
        if job is None:
            screen.wishes.say("outputs: there is no job", wrong=True)
            return
        names = await screen.app.push_screen_wait(OutputsDialog(job, screen.glyphs))
        if names:
            await screen.wishes.download([job], names)

    def _report(self) -> None:
        screen = self.screen
        job = screen.current
        if screen.wishes.able(Action.REPORT, [job] if job else []):
            screen.detail.open(Tab.REPORT)
            screen.table.chosen()

    def _back(self) -> None:
        """One step back: to the table, then without marks, then without the filter."""
        screen = self.screen
        if not screen.table.has_focus:
            screen.show_table()
        elif screen.table.marks:
            screen.table.drop_marks()
        elif screen.table.filter:
            screen.filter_line.clear()

    def _help(self) -> None:
        screen = self.screen
        order = [screen.place, *(place for place in Place if place is not screen.place)]
        screen.app.push_screen(HelpDialog(order, screen.keys, screen.glyphs))

    async def _quit(self) -> None:
        screen = self.screen
        moving = screen.desk.moving
        if moving:
            names = [one.output for one in moving]
            question = "Files are still coming; they go on at the next start. Quit?"
            dialog = Confirm(question, names, yes="Quit", no="Stay", glyphs=screen.glyphs)
            if not await screen.app.push_screen_wait(dialog):
                return
        screen.app.exit(0)
