"""Jobs that come onto the board from the vendors: started there, or found in the list of what ran lately."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.engine.facts.jobs import Offers
from tui.model import JobKey
from tui.screens import dialogs

if TYPE_CHECKING:
    from tui.screens.board import BoardScreen


class Coming:
    """What the connections offer of this, and the dialogs it takes."""

    def __init__(self, screen: BoardScreen) -> None:
        self.screen = screen

    @property
    def _offers(self) -> Sequence[Offers]:
        return self.screen.door.offers()

    @property
    def _takers(self) -> list[Offers]:
        return [offer for offer in self._offers if offer.form]

    @property
    def _listers(self) -> list[Offers]:
        return [offer for offer in self._offers if offer.discover]

    def _others(self, offers: list[Offers]) -> str:
        """The connections that are not among these, by name."""
        return ", ".join(offer.connection for offer in self._offers if offer not in offers)

    def _chosen(self, offers: list[Offers]) -> str | None:
        """The connection of the job under the cursor, if it is one of these."""
        current = self.screen.current
        names = {offer.connection for offer in offers}
        return current.connection if current is not None and current.connection in names else None

    def show(self, key: JobKey, told: str) -> None:
        """Say what was done and go to the job, where the filter shows it."""
        screen = self.screen
        screen.flush()
        is_hidden = screen.table.place_of(key) is None and screen.table.filter
        screen.wishes.say(f"{told}; the filter hides it" if is_hidden else told)
        screen.table.select(key)

    async def start_job(self) -> None:
        """Start a job at a vendor."""
        screen, takers = self.screen, self._takers
        clock, chosen, others = screen.options.clock, self._chosen(takers), self._others(takers)
        health = screen.desk.connections
        dialog = dialogs.StartDialog(
            screen.door, takers, screen.glyphs, clock, health=health, chosen=chosen, others=others
        )
        promised = await screen.app.push_screen_wait(dialog)
        if promised is None:
            return
        job = await screen.wishes.grant(promised, "")
        if job is not None:
            self.show(job.key, f"started {job.title}")

    async def lately(self) -> None:
        """Choose jobs of those that ran lately."""
        screen, listers = self.screen, self._listers
        clock, chosen, others = screen.options.clock, self._chosen(listers), self._others(listers)
        health = screen.desk.connections
        dialog = dialogs.LatelyDialog(
            screen.door, listers, screen.glyphs, clock, health=health, chosen=chosen, others=others
        )
        keys = await screen.app.push_screen_wait(dialog)
        if keys:
            self.show(keys[0], f"on the board: {keys[0]}" if len(keys) == 1 else f"on the board: {len(keys)} jobs")
