"""The text of the detail's open tab, as a place for keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from tui.widgets.actions import SPECS, Place, bindings
from tui.widgets.textview import TextView

_OF_THE_BOARD = frozenset(spec.name for spec in SPECS if spec.place is Place.READING)


class DetailText(TextView):
    """The open tab's text. What is done with it goes through the board, as all actions do."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.READING)]

    @dataclass
    class Wished(Message):
        """An action about the text."""

        name: str

    step: Callable[[str], bool] = staticmethod(lambda _: False)
    """Takes a move for what is chosen in the text; False where the text scrolls."""

    laid: Callable[[], None] = staticmethod(lambda: None)
    """Called when the text was laid out for another size."""

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002  # Textual's
        """Beside what the view itself does."""
        self.call_after_refresh(self.laid)

    async def action_run(self, name: str) -> None:
        """Scroll or choose; hand on all else."""
        if name in _OF_THE_BOARD:
            self.post_message(self.Wished(name))
        elif not self.step(name):
            await super().action_run(name)
