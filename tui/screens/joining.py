"""Tracking jobs, and the connections it takes: the first of them, their list, their secrets."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import cached_property

from tui.model import Job
from tui.screens import dialogs
from tui.screens.captions import Captioned
from tui.screens.coming import Coming
from tui.widgets.actions import BY_NAME


class Joining:
    """The dialogs of it, one after the other; `start` runs what waits for them beside the screen."""

    def __init__(self, screen: Captioned, coming: Coming, start: Callable[[Coroutine[None, None, None]], None]) -> None:
        self.screen = screen
        self._coming = coming
        self._start = start

    @cached_property
    def _connecting(self) -> dialogs.Connecting:
        screen = self.screen
        clock = screen.options.clock
        return dialogs.Connecting(
            screen.app, screen.door, screen.desk, screen.glyphs, clock, take_news=screen.take_news
        )

    def open_track(self, text: str = "") -> None:
        """Ask what to track; without any connection, first what connection it is of.

        For a lost start, the one job at its vendor that it may be is filled in already.
        """
        screen = self.screen
        start = screen.current
        may_be = start.lost.candidates if start and start.lost and not text else ()
        if not screen.desk.connections:
            self._start(self._paste_first(text))
            return
        dialog = dialogs.TrackDialog(
            screen.door,
            sorted(screen.desk.connections),
            screen.glyphs,
            text=may_be[0] if len(may_be) == 1 else text,
            connection=start.connection if start and may_be else "",
        )
        screen.app.push_screen(dialog, self._tracked)

    def open_connections(self) -> None:
        """Show the connections; where there is none, ask for the first."""
        screen = self.screen
        if not screen.desk.connections:
            self._start(self._first_connection(""))
            return
        connecting, clock = self._connecting, screen.options.clock
        dialog = dialogs.ConnectionsDialog(screen.door, connecting, screen.keys, screen.glyphs, clock)
        screen.app.push_screen(dialog)

    async def _paste_first(self, text: str) -> None:
        """Without a connection: paste what names the job; it tells which vendor to connect to."""
        pasted: str | None = text
        if not pasted:
            pasted = await self.screen.app.push_screen_wait(dialogs.PasteDialog(self.screen.glyphs))
        if pasted:
            await self._first_connection(pasted)

    async def _first_connection(self, text: str) -> None:
        """Make a connection, and go on with what was pasted."""
        told = await self._connecting.add(text)
        self.screen.take_news()
        if told is None or not self.screen.desk.connections:
            return
        if text:
            self.open_track(text)
        else:
            key = self.screen.keys.shown(BY_NAME["track"])
            self.screen.wishes.say(f"{told}; {key} tracks its jobs")

    async def secret(self) -> None:
        """Enter the secret that a connection waits for."""
        told = await self._connecting.missing_secret()
        if told is not None:
            self.screen.wishes.say(told, long=True)

    async def pause_connection(self) -> None:
        """Ask nothing on the current job's connection, or ask on."""
        if job := self.screen.current:
            self.screen.wishes.say(await self._connecting.pause(job.connection))

    def _tracked(self, job: Job | None) -> None:
        if job is not None:
            self._coming.show(job.key, f"tracking {job.title}")
