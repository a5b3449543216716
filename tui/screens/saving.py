"""The dialog that keeps the filter in force under a name."""

from __future__ import annotations

from textual import on
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.engine.door import Door
from tui.errors import JobdeckError
from tui.screens.dialog import Dialog, words
from tui.widgets.glyphs import Glyphs
from tui.widgets.plain import plain
from tui.widgets.waiting import granted


class SaveFilterDialog(Dialog[str]):
    """Asks for a name and writes the filter to config.toml; an error is told here and the name stays."""

    AUTO_FOCUS = "#name"

    def __init__(self, door: Door, text: str, glyphs: Glyphs) -> None:
        super().__init__("Keep the filter under a name", glyphs)
        self.door = door
        self._text = text
        self._is_waiting = False
        self._says = Static(plain(self._hint()), id="says", classes="hint", markup=False)

    def _hint(self) -> str:
        names = " ".join(f"@{name}" for name in sorted(self.door.saved_filters()))
        return "Enter keeps it; a name that there is already is given to this one." + (f"\n{names}" if names else "")

    def inside(self) -> list[Widget]:
        """The filter and its name."""
        field = Input(id="name", select_on_focus=False, placeholder="e.g. failed-today")
        field.cursor_blink = False
        return [words(self._text), field, self._says]

    @on(Input.Submitted)
    def _named(self, event: Input.Submitted) -> None:
        name = event.value.strip().removeprefix("@")
        if name and not self._is_waiting:
            self._is_waiting = True
            self.outlast(self._save(name))

    async def _save(self, name: str) -> None:
        try:
            told = await granted(self.door.save_filter(name, self._text))
        except JobdeckError as error:
            self._is_waiting = False
            if self.is_attached:
                self._says.set_classes("wrong")
                self._says.update(plain(error.told))
            else:
                self.app.notify(error.message, severity="warning", markup=False)
            return
        self.end(told, told)
