"""The dialog that saves a report, or a vendor's raw reply, to a file."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual import on
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.engine.fetching.names import safe_name
from tui.engine.storage.private_file import write_private
from tui.screens.dialog import Dialog, words
from tui.widgets.glyphs import Glyphs
from tui.widgets.plain import plain
from tui.wording import size

_HINT = "Enter saves it for your eyes only (mode 0600); a file that is there is never written over."


class SaveTextDialog(Dialog[str]):
    """Asks for a name; gives back what was done. A relative name is one in the folder that jobdeck was started in."""

    AUTO_FOCUS = "#file"

    def __init__(self, text: str, title: str, ending: str, glyphs: Glyphs) -> None:
        super().__init__(f"Save the {ending}", glyphs)
        self._text = text
        self._name = safe_name(f"{'-'.join(title.split())}-{ending}.txt")
        self._is_writing = False
        self._says = Static(plain(_HINT), id="says", classes="hint", markup=False)

    def inside(self) -> list[Widget]:
        """The name and where that is."""
        field = Input(self._name, id="file", select_on_focus=False)
        field.cursor_blink = False
        return [field, words(f"in {Path.cwd()}", classes="hint"), self._says]

    @on(Input.Submitted)
    def _named(self, event: Input.Submitted) -> None:
        name = event.value.strip()
        if name and not self._is_writing:
            self._is_writing = True
            self.outlast(self._write(Path(name).expanduser().absolute()))

    async def _write(self, path: Path) -> None:
        try:
            await asyncio.to_thread(write_private, path, self._text)
        except (OSError, ValueError) as error:
            self._is_writing = False
            reason = "there is such a file already" if isinstance(error, FileExistsError) else _reason(error)
            self._tell(f"{path}: {reason}")
            return
        told = f"saved {size(len(self._text.encode()))} to {path}"
        self.end(told, told)

    def _tell(self, text: str) -> None:
        if self.is_attached:
            self._says.set_classes("wrong")
            self._says.update(plain(text))
        else:
            self.app.notify(text, severity="warning", markup=False)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
