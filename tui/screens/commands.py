"""What each of the board's actions does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from functools import partial

from tui.engine.facts.jobs import Action
from tui.model import Download, Job, OutputKind
from tui.screens import dialogs
from tui.screens.captions import Captioned
from tui.screens.choosing import Choosing
from tui.screens.coming import Coming
from tui.screens.copying import Copying
from tui.screens.fetches import Fetches
from tui.screens.finding import Finding
from tui.screens.joining import Joining
from tui.screens.leaving import Leaving
from tui.screens.outputs_tab import OutputsTab
from tui.screens.reading import Reading
from tui.screens.reasons import Reasons
from tui.screens.terminal_wish import NAMES as TERMINAL_ACTIONS
from tui.screens.terminal_wish import TerminalWish
from tui.widgets.actions import Place, Spec
from tui.widgets.detail_tabs import Tab


class Commands:
    """The board's actions by their names."""

    def __init__(self, screen: Captioned) -> None:
        self.screen = screen
        wishes = screen.wishes
        self._leaving = Leaving(screen)
        self._fetches = Fetches(wishes, screen.door)
        self.finding = Finding(screen)
        self._coming = Coming(screen)
        self.joining = Joining(screen, self._coming, self._start)
        self._copying = Copying(screen)
        self._choosing = Choosing(screen, self._copying)
        self.reasons = Reasons(screen)
        self._output = OutputsTab(screen.app, screen.door, screen.options.clock, wishes, self._copying)
        self._reading = Reading(screen, self._look_at_outputs)
        self._on_jobs: Mapping[str, Callable[[list[Job]], Coroutine[None, None, None]]] = {
            "download": wishes.download,
            "cancel": wishes.cancel,
            "reset": wishes.reset,
            "refresh": wishes.refresh,
            "again": wishes.again,
            "untrack": wishes.untrack,
            "alert": wishes.alert,
            "archive": wishes.archive,
            "bring_back": wishes.bring_back,
        }
        self._here: Mapping[str, Callable[[], object]] = {
            "open": screen.table.chosen,
            "track": self.joining.open_track,
            "connections": self.joining.open_connections,
            "secret": lambda: self._start(self.joining.secret()),
            "pause_connection": lambda: self._start(self.joining.pause_connection()),
            "demo": self._leaving.for_demo,
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
            "outputs": lambda: self._start(self._choosing.run()),
            "start": lambda: self._start(self._coming.start_job()),
            "lately": lambda: self._start(self._coming.lately()),
            "undo": lambda: self._start(wishes.undo()),
            "quit": lambda: self._start(self._leaving.quit()),
            "tab_left": lambda: screen.detail.turn(-1),
            "tab_right": lambda: screen.detail.turn(1),
        }

    async def run(self, name: str) -> None:
        """Carry out an action. Keys typed ahead of a dialog are not obeyed beneath it; only quitting is."""
        if self._leaving.is_under_way or not (self.screen.is_active or name == "quit"):
            return
        reason = self.why_not(name)
        if reason is not None:
            self.screen.wishes.say(f"{_spoken(name)}: {reason}", wrong=True)
        elif name in self._fetches and (download := self.screen.pane.current):
            self._start(self._fetches.run(name, download))
        elif (work := self._on_chosen(name)) is not None:
            self._start(work)
        elif name in self._on_jobs:
            self._do_with_jobs(name)
        else:
            self._here[name]()
        await asyncio.sleep(0)  # what was started takes its first step, to its dialog, before the next key

    def _do_with_jobs(self, name: str) -> None:
        targets = self.screen.table.targets()
        if targets:
            self._start(self._on_jobs[name](targets))
        else:
            self.screen.wishes.say(f"{_spoken(name)}: {self.reasons.no_job}", wrong=True)

    def why_not(self, name: str) -> str | None:
        """Why an action that the engine is not asked about cannot be done; None when it can."""
        if name in self._fetches:
            return self._fetches.why_not(name, self.screen.pane.current)
        if name in self.finding.actions:
            return self.finding.why_not(name)
        if name in self._reading.actions:
            return self._reading.why_not(name)
        return self.reasons.why_not(name)

    def show_download(self, download: Download) -> None:
        """Go to a download's job, where all that is known of it stands."""
        screen = self.screen
        if not screen.table.reveal(download.job):
            why = "its job is hidden by the filter" if download.job in screen.desk.jobs else "its job was taken off"
            screen.wishes.say(f"open: {why}", wrong=True)
            return
        screen.table.select(download.job)
        screen.detail.open(Tab.OUTPUTS)
        screen.table.chosen()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        """Run it beside the screen, which does not wait for it; a dialog that closes does not end it."""
        self.screen.app.run_worker(work)

    def _on_chosen(self, name: str) -> Coroutine[None, None, None] | None:
        """What the action does with the output or lines chosen in the detail; None where it does its usual work."""
        detail = self.screen.detail
        job, output = detail.job, detail.chosen_output
        if name == "copy" and detail.selection.is_on:
            return self._copy_selected()
        if job is None or output is None:
            return None
        if name == "download":
            return self.screen.wishes.download([job], (output.name,))
        if name == "copy" and output.kind is not OutputKind.FILE:
            return self._output.copy(job, output)
        return None

    async def _copy_selected(self) -> None:
        selection = self.screen.detail.selection
        number = selection.count
        name = "the selected line" if number == 1 else f"the selection of {number} lines"
        await self._copying.put(selection.text, name)
        self.screen.detail.drop_selection()

    def _look_at_outputs(self) -> None:
        job, output = self.screen.detail.job, self.screen.detail.chosen_output
        if job is not None and output is not None:
            self._start(self._output.open(job, output))

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
        if screen.detail.drop_selection():
            return
        if not screen.table.has_focus:
            screen.show_table()
        elif screen.table.marks:
            screen.table.drop_marks()
        elif screen.table.filter or screen.filter_line.is_open:
            screen.filter_line.clear()

    def _help(self) -> None:
        screen = self.screen
        order = [screen.place, *(one for one in Place if one in screen.places and one is not screen.place)]
        screen.app.push_screen(dialogs.HelpDialog(order, screen.keys, self._help_reason, screen.glyphs))

    def _help_reason(self, spec: Spec) -> str | None:
        """Why not, for the help; what is done in a dialog of its own is told there."""
        return None if spec.place in (Place.OUTPUTS, Place.CONNECTIONS) else self.screen.reason(spec)


def _spoken(name: str) -> str:
    """An action's name as a word in a message."""
    return name.removesuffix("_download").replace("_", " ")
