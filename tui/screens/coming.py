"""Jobs that come onto the board from the vendors: started there, or found in the list of what ran lately."""

from __future__ import annotations

from collections.abc import Callable

from tui.engine.facts.jobs import Offers
from tui.model import JobKey
from tui.screens import dialogs
from tui.screens.captions import Captioned
from tui.screens.which import Which, which_can


class Coming:
    """What the connections offer of this, and the dialogs it takes."""

    def __init__(self, screen: Captioned) -> None:
        self.screen = screen

    def _which(self, does: Callable[[Offers], bool]) -> Which:
        """The connections that do it; at first that of the job under the cursor."""
        screen, current = self.screen, self.screen.current
        return which_can(does, screen.door.offers(), screen.desk.connections, current.connection if current else None)

    def show(self, key: JobKey, told: str) -> None:
        """Say what was done and go to the job, where the filter shows it."""
        screen = self.screen
        screen.take_news()
        is_hidden = not screen.table.reveal(key) and screen.table.filter
        screen.wishes.say(f"{told}; the filter hides it" if is_hidden else told)
        screen.table.select(key)

    async def start_job(self) -> None:
        """Start a job at a vendor."""
        screen, which = self.screen, self._which(lambda offer: offer.form is not None)
        dialog = dialogs.StartDialog(screen.door, which, screen.glyphs, screen.options.clock)
        promised = await screen.app.push_screen_wait(dialog)
        if promised is None:
            return
        job = await screen.wishes.grant(promised, "", "starting the job")
        if job is not None:
            self.show(job.key, f"started {job.title}")

    async def lately(self) -> None:
        """Choose jobs of those that ran lately."""
        screen, which = self.screen, self._which(lambda offer: offer.discover)
        dialog = dialogs.LatelyDialog(screen.door, which, screen.desk.jobs, screen.glyphs, screen.options.clock)
        keys = await screen.app.push_screen_wait(dialog)
        if keys:
            self.show(keys[0], f"on the board: {keys[0]}" if len(keys) == 1 else f"on the board: {len(keys)} jobs")
