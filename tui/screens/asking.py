"""A dialog that waits for answers while it is open."""

from __future__ import annotations

from typing import Generic, TypeVar

from tui.screens.dialog import Dialog
from tui.screens.says import Says

T = TypeVar("T")


class AskingDialog(Dialog[T], Generic[T]):
    """Its first Escape calls back the request under way, while that is still possible."""

    _says: Says

    def action_close(self) -> None:
        """Call back what is under way, else close."""
        if not self._says.call_back():
            super().action_close()
