"""The list of connections that a dialog chooses one of."""

from __future__ import annotations

from tui.engine.facts.jobs import Offers
from tui.screens.which import Which
from tui.widgets.glyphs import Glyphs
from tui.widgets.header import danger_pieces
from tui.widgets.lines import EMPTY, Line
from tui.widgets.marklist import Item, MarkList


class ConnectionList(MarkList):
    """One line a connection; the cursor's is the chosen one."""

    DEFAULT_CSS = """
    ConnectionList { max-height: 3; }
    """

    def __init__(self, which: Which, glyphs: Glyphs) -> None:
        super().__init__(glyphs, id="connections", boxes=False)
        self._health = which.health
        self._offers = {offer.connection: offer for offer in which.offers}
        self._first = which.chosen

    def on_mount(self) -> None:
        """Fill it."""
        self.fill({name: Item(name, offer.vendor, warning=self._warning(name)) for name, offer in self._offers.items()})
        if self._first is not None:
            self.select(self._first)

    def _warning(self, name: str) -> Line:
        health = self._health.get(name)
        if health is None:
            return EMPTY
        return danger_pieces(insecure=health.insecure, plain_http=health.plain_http)

    @property
    def offer(self) -> Offers:
        """What the chosen connection can do."""
        return self._offers[self.cursor if self.cursor is not None else next(iter(self._offers))]
