"""The list of connections that a dialog chooses one of."""

from __future__ import annotations

from collections.abc import Sequence

from tui.engine.door import Offers
from tui.widgets.glyphs import Glyphs
from tui.widgets.marklist import Item, MarkList


class ConnectionList(MarkList):
    """One line a connection; the cursor's is the chosen one."""

    DEFAULT_CSS = """
    ConnectionList { max-height: 3; }
    """

    def __init__(self, offers: Sequence[Offers], glyphs: Glyphs, *, chosen: str | None = None) -> None:
        super().__init__(glyphs, id="connections", boxes=False)
        self._offers = {offer.connection: offer for offer in offers}
        self._first = chosen

    def on_mount(self) -> None:
        """Fill it."""
        self.fill({name: Item(name, offer.vendor) for name, offer in self._offers.items()})
        if self._first is not None:
            self.select(self._first)

    @property
    def offer(self) -> Offers:
        """What the chosen connection can do."""
        return self._offers[self.cursor if self.cursor is not None else next(iter(self._offers))]
