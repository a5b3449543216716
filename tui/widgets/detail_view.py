"""The text of the detail's open tab, as a place for keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from tui.widgets.actions import Place, bindings
from tui.widgets.textview import TextView


class DetailText(TextView):
    """The open tab's text. What is done with it goes through the board, as all actions do."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.READING, of="screen.")]

    step: Callable[[str], bool] = staticmethod(lambda _: False)
    """Called with a move's name: moves what is chosen in the text; False where the text is to scroll instead."""

    laid: Callable[[], None] = staticmethod(lambda: None)
    """Called when the text was laid out for another size."""

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002  # Textual's
        """Tell `laid` once the view has laid the text out."""
        self.call_after_refresh(self.laid)

    async def action_run(self, name: str) -> None:
        """Choose, or scroll."""
        if not self.step(name):
            await super().action_run(name)
