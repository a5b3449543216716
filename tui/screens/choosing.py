"""Outputs of the job under the cursor, chosen in a dialog, and what is then done with them."""

from __future__ import annotations

from tui.model import Job
from tui.screens import dialogs
from tui.screens.captions import Captioned
from tui.screens.copying import Copying


class Choosing:
    """Shows the dialog and carries out its wish."""

    def __init__(self, screen: Captioned, copying: Copying) -> None:
        self.screen = screen
        self._copying = copying

    async def run(self) -> None:
        """Choose, then download, hand over, copy or browse for more."""
        screen, job = self.screen, self.screen.current
        if job is None:
            screen.wishes.say("outputs: there is no job", wrong=True)
            return
        key, seen = job.key, job

        def now() -> Job:
            return screen.desk.jobs.get(key, seen)

        dialog = dialogs.OutputsDialog(
            screen.door, job, now, screen.glyphs, screen.options.clock, why_no_browse=self._why_no_browse(job)
        )
        wish = await screen.app.push_screen_wait(dialog)
        if wish is None:
            return
        match wish.do:
            case dialogs.Do.DOWNLOAD:
                await screen.wishes.download([now()], wish.names)
            case dialogs.Do.HAND_OVER:
                await screen.wishes.hand_over(job, wish.names[0])
            case dialogs.Do.COPY:
                await self._copying.command(job, wish.names[0])
            case dialogs.Do.BROWSE:
                await self._browse(job)

    async def _browse(self, job: Job) -> None:
        screen = self.screen
        dialog = dialogs.BrowseDialog(screen.door, job, screen.glyphs, screen.options.clock)
        if names := await screen.app.push_screen_wait(dialog):
            screen.wishes.say(f"attached to {job.title}: {', '.join(names)}")

    def _why_no_browse(self, job: Job) -> str | None:
        offer = next((offer for offer in self.screen.door.offers() if offer.connection == job.connection), None)
        if offer is None:
            return f"the connection {job.connection} is not in config.toml"
        return None if offer.browse else f"the files of {offer.vendor} cannot be looked through"
