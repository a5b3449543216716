"""A dialog with masked lines in it."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual import on

from tui.screens.connect.fields import SecretInput
from tui.screens.dialog import Dialog
from tui.screens.says import Says

T = TypeVar("T")


class MaskedDialog(Dialog[T], Generic[T]):
    """Says why a paste into one of them is not taken."""

    _says: Says

    @on(SecretInput.PastedLines)
    def _refuse_lines(self) -> None:
        self._says.tell("The pasted text has several lines; a secret has one: copy it alone.", wrong=True)
