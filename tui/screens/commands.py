"""What each of the board's actions does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import TYPE_CHECKING

from tui.engine.facts.jobs import Action
from tui.model import Download, Job
from tui.screens import dialogs
from tui.screens.coming import Coming
from tui.screens.copying import Copying
from tui.screens.fetches import Fetches
from tui.screens.finding import Finding
from tui.screens.joining import Joining
from tui.screens.reading import Reading
from tui.screens.reasons import Reasons
from tui.screens.terminal_wish import NAMES as TERMINAL_ACTIONS
from tui.screens.terminal_wish import TerminalWish
from tui.widgets.actions import Place, Spec
from tui.widgets.detail_tabs import Tab

if TYPE_CHECKING:
    from tui.screens.board import BoardScreen


class Commands:
    """The board's actions by their names."""

    def __init__(self, screen: BoardScreen) -> None:
        self.screen = screen
        wishes = screen.wishes
        self._is_leaving = False
        self._asks_to_quit = False
        self._fetches = Fetches(wishes, screen.door)
        self.finding = Finding(screen)
        self._coming = Coming(screen)
        self.joining = Joining(screen, self._coming, self._start)
        self._copying = Copying(screen)
        self._reasons = Reasons(screen)
        self._reading = Reading(screen, lambda: self._start(self._outputs()))
        self._on_jobs: Mapping[str, Callable[[list[Job]], Coroutine[None, None, None]]] = {
            "download": wishes.download,
            "cancel": wishes.cancel,
            "reset": wishes.reset,
            "refresh": wishes.refresh,
            "again": wishes.again,
            "untrack": wishes.untrack,
            "watch": wishes.watch,
            "archive": wishes.archive,
            "bring_back": wishes.bring_back,
        }
        self._here: Mapping[str, Callable[[], object]] = {
            "open": screen.table.chosen,
            "track": self.joining.open_track,
            "connections": self.joining.open_connections,
            "secret": lambda: self._start(self.joining.secret()),
            "pause_connection": lambda: self._start(self.joining.pause_connection()),
            "demo": self._leave_for_demo,
            "report": self._report,
            **self.finding.actions,
            **self._reading.actions,
            **{name: partial(screen.post_message, TerminalWish(name)) for name in TERMINAL_ACTIONS},
            "mark": screen.table.toggle_mark,
            "back": self._back,
            "downloads": screen.toggle_downloads,
            "copy": lambda: self._start(self._copying.run()),
            "read_only": lambda: self._start(self._read_only()),
            "help": self._help,
            "palette": screen.app.action_command_palette,
            "download_finished": lambda: self._start(wishes.download_finished()),
            "outputs": lambda: self._start(self._outputs()),
            "start": lambda: self._start(self._coming.start_job()),
            "lately": lambda: self._start(self._coming.lately()),
            "undo": lambda: self._start(wishes.undo()),
            "quit": lambda: self._start(self._quit()),
            "tab_left": lambda: screen.detail.turn(-1),
            "tab_right": lambda: screen.detail.turn(1),
        }

    async def run(self, name: str) -> None:
        """Carry out an action. Keys typed ahead of a dialog are not obeyed beneath it; only quitting is."""
        if self._is_leaving or not (self.screen.is_active or name == "quit"):
            return
        reason = self.why_not(name)
        if reason is not None:
            self.screen.wishes.say(f"{name.removesuffix('_download')}: {reason}", wrong=True)
        elif name in self._fetches and (download := self.screen.pane.current):
            self._start(self._fetches.run(name, download))
        elif name in self._on_jobs:
            self._start(self._on_jobs[name](self.screen.table.targets()))
        else:
            self._here[name]()
        await asyncio.sleep(0)  # what was started takes its first step, to its dialog, before the next key

    def why_not(self, name: str) -> str | None:
        """Why an action that is about no job cannot be done; None when it can."""
        if name in self._fetches:
            return self._fetches.why_not(name, self.screen.pane.current)
        if name in self.finding.actions:
            return self.finding.why_not(name)
        if name in self._reading.actions:
            return self._reading.why_not(name)
        return self._reasons.why_not(name)

    def show_download(self, download: Download) -> None:
        """Go to a download's job, where all that is known of it stands."""
        screen = self.screen
        if screen.table.place_of(download.job) is None:
            why = "its job is hidden by the filter" if download.job in screen.desk.jobs else "its job was taken off"
            screen.wishes.say(f"open: {why}", wrong=True)
            return
        screen.table.select(download.job)
        screen.detail.open(Tab.OUTPUTS)
        screen.table.chosen()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        """What may wait runs beside the screen, and goes on when a dialog closes."""
        self.screen.app.run_worker(work)

    def _leave_for_demo(self) -> None:
        """End the board; its caller then opens the demo in this terminal."""
        self.screen.wants_demo = True
        self._leave()

    async def _outputs(self) -> None:
        screen = self.screen
        job = screen.current
        if job is None:
            screen.wishes.say("outputs: there is no job", wrong=True)
            return
        clock, why_no_browse = screen.options.clock, self._why_no_browse(job)
        dialog = dialogs.OutputsDialog(screen.door, job, screen.glyphs, clock, why_no_browse=why_no_browse)
        wish = await screen.app.push_screen_wait(dialog)
        if wish is None:
            return
        match wish.do:
            case dialogs.Do.DOWNLOAD:
                await screen.wishes.download([job], wish.names)
            case dialogs.Do.HAND_OVER:
                await screen.wishes.hand_over(job, wish.names[0])
            case dialogs.Do.COPY:
                await self._copying.command(job, wish.names[0])
            case dialogs.Do.BROWSE:
                names = await screen.app.push_screen_wait(dialogs.BrowseDialog(screen.door, job, screen.glyphs, clock))
                if names:
                    screen.wishes.say(f"attached to {job.title}: {', '.join(names)}")

    def _why_no_browse(self, job: Job) -> str | None:
        offer = next((offer for offer in self.screen.door.offers() if offer.connection == job.connection), None)
        if offer is None:
            return f"the connection {job.connection} is not in config.toml"
        return None if offer.browse else f"the files of {offer.vendor} cannot be looked through"

    def _report(self) -> None:
        screen = self.screen
        job = screen.current
        if screen.wishes.able(Action.REPORT, [job] if job else []):
            screen.detail.open(Tab.REPORT)
            screen.table.chosen()

    async def _read_only(self) -> None:
        """Back to read-only at once; out of it only by a typed word."""
        screen = self.screen
        on = screen.wishes.read_only
        if not on or await screen.app.push_screen_wait(dialogs.LiftDialog(screen.glyphs)):
            screen.wishes.allow_changes(on=on)
            screen.say()

    def _back(self) -> None:
        """One step back: no longer waiting, to the table, then without marks, then without the filter."""
        screen = self.screen
        if screen.wishes.errands.leave_newest() is not None:
            return
        if not screen.table.has_focus:
            screen.show_table()
        elif screen.table.marks:
            screen.table.drop_marks()
        elif screen.table.filter or screen.filter_line.is_open:
            screen.filter_line.clear()

    def _help(self) -> None:
        screen = self.screen
        order = [screen.place, *(place for place in Place if place is not screen.place)]
        screen.app.push_screen(dialogs.HelpDialog(order, screen.keys, self._help_reason, screen.glyphs))

    def _help_reason(self, spec: Spec) -> str | None:
        """Why not, for the help; what is done in a dialog of its own is told there."""
        return None if spec.place in (Place.OUTPUTS, Place.CONNECTIONS) else self.screen.reason(spec)

    async def _quit(self) -> None:
        screen = self.screen
        moving = screen.desk.moving
        if self._asks_to_quit:
            return
        if moving:
            names = [one.output for one in moving]
            then = "the demo forgets them" if screen.options.demo_folder else "they go on at the next start"
            question = f"Files are still coming; {then}. Quit?"
            dialog = dialogs.Confirm(question, names, yes="Quit", no="Stay", glyphs=screen.glyphs)
            self._asks_to_quit = True
            try:
                if not await screen.app.push_screen_wait(dialog):
                    return
            finally:
                self._asks_to_quit = False
        self._leave()

    def _leave(self) -> None:
        """End the board; keys that were typed behind the one that ends it do nothing."""
        self._is_leaving = True
        self.screen.app.exit(0)
